//! A stand-in for the viewer of files that a desktop has: it notes what it is to show.

use crate::person::Person;
use crate::stage::{STAGE, private_folder};
use crate::wait::eventually;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// As `xdg-open` is called.
const PROGRAM: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >>/run/stage/viewer/notes/viewed\n";

/// Puts it where the programs of a desktop look first.
pub(super) fn install(person: Person) {
    let folder = Path::new(STAGE).join("viewer");
    fs::create_dir_all(&folder).unwrap();
    private_folder(folder.join("notes").to_str().unwrap(), person);
    let program = folder.join("xdg-open");
    fs::write(&program, PROGRAM).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The file that it was given last; waits for one.
pub(super) async fn viewed() -> PathBuf {
    let notes = Path::new(STAGE).join("viewer/notes/viewed");
    eventually("a file in the viewer", async || {
        let text = fs::read_to_string(&notes).ok()?;
        text.lines().last().filter(|_| text.ends_with('\n')).map(PathBuf::from)
    })
    .await
}
