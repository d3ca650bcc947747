//! An `/etc` of the stage's own: a copy of the computer's, in which files can be others.

use crate::stage::{STAGE, bind, sources};
use crate::tool::{Tool, run};
use std::fs;
use std::path::{Path, PathBuf};

/// Makes `/etc` the stage's own, once, and gives the folder that is shown there. Before anything else is started.
pub(crate) fn own_etc() -> PathBuf {
    let etc = Path::new(STAGE).join("own-etc");
    if !etc.exists() {
        run(Tool::Cp, ["-a".as_ref(), "/etc".as_ref(), etc.as_os_str()]);
        bind(&etc, "/etc");
        // What the stage had put there.
        bind(&Path::new(STAGE).join("dbus"), "/etc/dbus-1/system.d");
        bind(&Path::new(STAGE).join("polkit/rules"), "/etc/polkit-1/rules.d");
    }
    etc
}

/// Puts the shipped texts of CAs where an administrator's are. Before anything else is started.
pub fn install_ca_texts() {
    let folder = own_etc().join("ukeyd/ca.d");
    fs::create_dir_all(&folder).unwrap();
    for file in fs::read_dir(sources().join("packaging/ca.d")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
}
