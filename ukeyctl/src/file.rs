//! Writing result files: whole or not at all, and never over something by accident.

use crate::error::Error;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::process;

/// What to do with a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Leave it and fail.
    Keep,
    /// Replace it, when it is a regular file.
    Replace,
}

/// Checks that `path` may be written, so that nobody types a PIN in vain.
///
/// # Errors
/// `Exists`, or `Write` when something other than a regular file is there.
pub(crate) fn check(path: &Path, existing: Existing) -> Result<(), Error> {
    match (fs::symlink_metadata(path), existing) {
        (Ok(_), Existing::Keep) => Err(Error::Exists(path.to_owned())),
        (Ok(metadata), Existing::Replace) if !metadata.is_file() => {
            Err(failed(path, io::Error::other("not a regular file")))
        }
        _ => Ok(()),
    }
}

/// Writes `bytes` to `path` through a temporary file beside it.
///
/// # Errors
/// `Exists` or `Write`; then `path` is as it was.
pub(crate) fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Error> {
    let mut file = NewFile::create(path, existing)?;
    file.write(bytes)?;
    file.keep()
}

/// A file in the making, under another name beside its own until it is whole. Dropped before, it is gone.
pub(crate) struct NewFile {
    path: PathBuf,
    existing: Existing,
    temporary: Temporary,
}

impl NewFile {
    /// Begins the file `path`, empty.
    ///
    /// # Errors
    /// `Exists` or `Write`.
    pub(crate) fn create(path: &Path, existing: Existing) -> Result<Self, Error> {
        check(path, existing)?;
        let temporary = Temporary::beside(path).map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned(), existing, temporary })
    }

    /// Adds `bytes`.
    ///
    /// # Errors
    /// `Write`.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.temporary.file.write_all(bytes).map_err(|error| failed(&self.path, error))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// `Exists` or `Write`; then `path` is as it was.
    pub(crate) fn keep(self) -> Result<(), Error> {
        let Self { path, existing, temporary } = &self;
        temporary.file.sync_all().map_err(|error| failed(path, error))?;
        check(path, *existing)?;
        let moved = match existing {
            Existing::Replace => fs::rename(&temporary.path, path),
            Existing::Keep => match renameat_with(CWD, &temporary.path, CWD, path, RenameFlags::NOREPLACE) {
                // Some file systems can't; a second link also fails when the name is taken.
                Err(Errno::INVAL | Errno::NOSYS) => fs::hard_link(&temporary.path, path),
                moved => moved.map_err(io::Error::from),
            },
        };
        moved.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists(path.clone()),
            _ => failed(path, error),
        })
    }
}

/// For the service to write to.
impl AsFd for NewFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.temporary.file.as_fd()
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Write { path: path.to_owned(), source }
}

/// A file of our own, gone at the end unless it was moved.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn beside(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", process::id()));
        let path = path.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename the name is gone already.
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_never_over_another_unless_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sig");
        write(&path, b"one", Existing::Keep).unwrap();
        assert!(matches!(write(&path, b"two", Existing::Keep), Err(Error::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(&path, b"two", Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.p7m");
        let mut half = NewFile::create(&path, Existing::Keep).unwrap();
        half.write(b"half").unwrap();
        drop(half);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let late = NewFile::create(&path, Existing::Keep).unwrap();
        fs::write(&path, b"somebody else's").unwrap();
        assert!(matches!(late.keep(), Err(Error::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), b"somebody else's");
    }

    #[test]
    fn what_is_no_regular_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert!(matches!(write(&link, b"x", Existing::Replace), Err(Error::Write { .. })));
        assert!(matches!(write(folder.path(), b"x", Existing::Replace), Err(Error::Write { .. })));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
