//! A process as `/proc` shows it, held so that its number can't become another's while it is looked at.

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// What the kernel appends to the path of a file that was removed or replaced.
const DELETED: &str = " (deleted)";

/// A process of a certain user. Its folder belongs to this very process: once it has ended, nothing can be read there,
/// whoever gets its number.
#[derive(Debug)]
pub(crate) struct Process {
    folder: OwnedFd,
}

/// The file that a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Executable {
    /// Where it is, or was.
    pub(crate) path: PathBuf,
    /// Device and inode; `None` when it is not at its path any more.
    pub(crate) file: Option<(u64, u64)>,
}

impl Process {
    /// The process with this number, when `uid` is its real user. The folder's owner doesn't tell: it is root for a
    /// process that isn't dumpable.
    pub(crate) fn of_user(pid: u32, uid: u32) -> Option<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let process = Self { folder: openat(CWD, format!("/proc/{pid}"), flags, Mode::empty()).ok()? };
        (real_user(&process.read_some("status")) == Some(uid)).then_some(process)
    }

    /// What it runs, where its user may know.
    pub(crate) fn executable(&self) -> Option<Executable> {
        let shown = readlinkat(&self.folder, "exe", Vec::new()).ok()?;
        let file = self.executable_file().ok().flatten();
        let bytes = shown.as_bytes();
        Some(match bytes.strip_suffix(DELETED.as_bytes()) {
            Some(path) => Executable { path: OsStr::from_bytes(path).into(), file: None },
            None => Executable { path: OsStr::from_bytes(bytes).into(), file },
        })
    }

    /// Through the kernel's link to the file itself, not by its path.
    fn executable_file(&self) -> Result<Option<(u64, u64)>, Errno> {
        let stat = statat(&self.folder, "exe", AtFlags::empty())?;
        Ok((stat.st_nlink > 0).then_some((stat.st_dev, stat.st_ino)))
    }

    /// The beginning of its command line: arguments, each ended by a NUL.
    pub(crate) fn command_line(&self) -> Vec<u8> {
        self.read_some("cmdline")
    }

    /// What it calls itself.
    pub(crate) fn own_name(&self) -> Vec<u8> {
        self.read_some("comm")
    }

    /// The first 4 KiB of a file of its folder; empty when it can't be read.
    fn read_some(&self, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let Ok(file) = openat(&self.folder, name, flags, Mode::empty()) else { return bytes };
        match File::from(file).take(4096).read_to_end(&mut bytes) {
            Ok(_) => bytes,
            Err(_) => Vec::new(),
        }
    }
}

/// The real user id in `/proc/PID/status` (proc_pid_status(5): the first of four).
fn real_user(status: &[u8]) -> Option<u32> {
    let status = String::from_utf8_lossy(status);
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::process::{Child, Command};

    fn uid() -> u32 {
        rustix::process::getuid().as_raw()
    }

    /// A copy of a program that waits, and a process that runs it.
    fn waiting(folder: &tempfile::TempDir) -> (PathBuf, Child) {
        let path = folder.path().join("waits");
        std::fs::copy("/bin/sleep", &path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new(&path).arg("60").spawn().unwrap();
        (path, child)
    }

    #[test]
    fn its_file_is_the_one_that_runs() {
        let own = Process::of_user(std::process::id(), uid()).unwrap().executable().unwrap();
        assert_eq!(own.path, std::env::current_exe().unwrap());
        let stat = std::fs::metadata(&own.path).unwrap();
        assert_eq!(own.file, Some((stat.dev(), stat.ino())));
        assert!(Process::of_user(std::process::id(), uid().wrapping_add(1)).is_none());
        assert!(Process::of_user(u32::MAX, uid()).is_none());
    }

    #[test]
    fn a_file_that_was_replaced_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut child) = waiting(&folder);
        let process = Process::of_user(child.id(), uid()).unwrap();
        assert!(process.executable().unwrap().file.is_some());
        std::fs::rename(&path, folder.path().join("moved")).unwrap();
        assert_eq!(process.executable().unwrap().path, folder.path().join("moved"));
        std::fs::remove_file(folder.path().join("moved")).unwrap();
        let executable = process.executable().unwrap();
        assert_eq!((executable.path, executable.file), (folder.path().join("moved"), None));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((process.executable(), process.command_line()), (None, Vec::new()), "it has ended");
    }
}
