//! The folder that holds what must survive a restart, and the lock that keeps a second daemon out of it.

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use std::fs::DirBuilder;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Why the state folder can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateDirError {
    #[error("state folder {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("state folder {path} must belong to the service's user and be closed to others (mode 0700)", path = path.display())]
    Open { path: PathBuf },
    #[error("state folder {path} is in use by another ukeyd", path = path.display())]
    InUse { path: PathBuf },
}

/// Holds the lock until it is dropped.
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: OwnedFd,
}

impl StateDir {
    /// Opens the folder, or makes it with mode 0700.
    pub(crate) fn open(path: &Path) -> Result<Self, StateDirError> {
        let failed = |source: std::io::Error| StateDirError::Io { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.uid() != rustix::process::getuid().as_raw() || metadata.mode() & 0o077 != 0 {
            return Err(StateDirError::Open { path: path.to_owned() });
        }
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let lock = open(path.join("lock"), flags, Mode::RUSR | Mode::WUSR).map_err(|error| failed(error.into()))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StateDirError::InUse { path: path.to_owned() }),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
