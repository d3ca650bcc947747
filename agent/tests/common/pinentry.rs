//! A pinentry made of a few lines of shell.

use super::eventually;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A pinentry made of shell; it writes down what it is told.
pub struct Pinentry {
    folder: TempDir,
    pub program: PathBuf,
}

impl Pinentry {
    pub fn that(answer: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pinentry");
        let log = folder.path().join("log");
        let script = format!(
            "#!/bin/sh\nlog='{}'\necho \"PID $$\" >> \"$log\"\necho OK ready\nwhile read -r line; do\n\
             echo \"$line\" >> \"$log\"\ncase \"$line\" in\nGETPIN|CONFIRM|MESSAGE)\n{answer}\n;;\n\
             BYE) echo OK; exit 0;;\n*) echo OK;;\nesac\ndone\n",
            log.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, program }
    }

    /// Everything it was told so far, in all its runs.
    pub fn told(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// How many dialogs were shown.
    pub fn dialogs(&self) -> usize {
        self.told().lines().filter(|line| matches!(*line, "GETPIN" | "CONFIRM" | "MESSAGE")).count()
    }

    /// Waits for that many dialogs.
    pub async fn shown(&self, dialogs: usize) {
        eventually(|| (self.dialogs() >= dialogs).then_some(())).await;
    }

    /// Waits until the process of each run is gone.
    pub async fn gone(&self) {
        for pid in self.told().lines().filter_map(|line| line.strip_prefix("PID ")) {
            eventually(|| (!Path::new("/proc").join(pid).exists()).then_some(())).await;
        }
    }
}
