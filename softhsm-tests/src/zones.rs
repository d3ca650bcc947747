//! The time zone of a test: an `/etc` of its own, in which `localtime` can be another file.

use crate::etc::own_etc;
use std::fs;
use std::path::{Path, PathBuf};

/// The stage's time zone.
#[derive(Debug)]
pub struct Zone {
    etc: PathBuf,
}

impl Zone {
    /// Makes `/etc` the stage's own, in this zone (`Asia/Shanghai`). Before anything else is started.
    pub fn start(name: &str) -> Self {
        let zone = Self { etc: own_etc() };
        zone.change(name);
        zone
    }

    /// The user travels.
    pub fn change(&self, name: &str) {
        let target = Path::new("/usr/share/zoneinfo").join(name);
        assert!(target.exists(), "{} is missing: run script/bootstrap (package tzdata)", target.display());
        let new = self.etc.join("localtime.new");
        std::os::unix::fs::symlink(target, &new).unwrap();
        fs::rename(new, self.etc.join("localtime")).unwrap();
    }
}
