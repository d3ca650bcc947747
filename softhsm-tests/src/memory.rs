//! Memory images, and searching them.

use crate::stage::STAGE;
use crate::tool::{Tool, succeed};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Writes the memory image of a process, as `gcore` does, with the mappings that a core file would leave out.
pub fn core_image(pid: u32) -> PathBuf {
    let path = Path::new(STAGE).join(format!("core.{pid}"));
    let mut command = Tool::Gdb.command();
    command
        .args(["--nx", "--batch", "-iex", "set debuginfod enabled off", "-iex", "set auto-solib-add off"])
        .args(["-ex", "set use-coredump-filter off", "-ex", "set dump-excluded-mappings on"])
        .args(["-p", &pid.to_string(), "-ex"])
        .arg(format!("generate-core-file {}", path.display()));
    succeed(Tool::Gdb, &mut command);
    assert!(path.exists(), "gdb wrote no image of process {pid}");
    path
}

/// Does `bytes` hold `needle`?
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    assert!(!needle.is_empty());
    memchr::memmem::find(bytes, needle).is_some()
}

/// Does a file hold these bytes?
pub fn file_contains(path: &Path, needle: &[u8]) -> bool {
    const CHUNK: usize = 1 << 20;
    let mut file = File::open(path).unwrap();
    let mut window = Vec::new();
    loop {
        // What a match across two chunks needs.
        let kept = window.len().min(needle.len() - 1);
        window.drain(..window.len() - kept);
        let length = file.by_ref().take(CHUNK as u64).read_to_end(&mut window).unwrap();
        if contains(&window, needle) {
            return true;
        }
        if length == 0 {
            return false;
        }
    }
}
