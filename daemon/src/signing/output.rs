//! A file that a caller passed to be written: regular (or a memfd), open for writing, and empty, so that nothing is lost.

use super::document::Document;
use rustix::fs::{FileType, OFlags, Stat, fcntl_getfl, fstat, ftruncate};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use ukey_dbus::{Error, ErrorKind};

/// An empty file that grows from its beginning. Left empty again when it is dropped unfinished.
#[derive(Debug)]
pub(crate) struct Output {
    file: OwnedFd,
    written: u64,
    finished: bool,
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

impl Output {
    /// Checks a descriptor. `InvalidArgument` says what is wrong with it.
    pub(crate) fn new(file: OwnedFd) -> Result<Self, Error> {
        let unusable = |error: Errno| invalid(format!("the descriptor to write to cannot be used: {error}"));
        let flags = fcntl_getfl(&file).map_err(unusable)?;
        if flags.contains(OFlags::PATH) || flags & OFlags::ACCMODE == OFlags::RDONLY {
            return Err(invalid("the descriptor to write to is not open for writing"));
        }
        let status = fstat(&file).map_err(unusable)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(invalid("the descriptor to write to is not a regular file"));
        }
        if status.st_size != 0 {
            return Err(invalid("the file to write to is not empty"));
        }
        Ok(Self { file, written: 0, finished: false })
    }

    /// Refuses the file that is read.
    pub(crate) fn check_is_not(&self, document: &Document) -> Result<(), Error> {
        let same = |one: Stat, other: Stat| (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino);
        match (fstat(&self.file), document.status()) {
            (Ok(ours), Ok(theirs)) if !same(ours, theirs) => Ok(()),
            (Ok(_), Ok(_)) => Err(invalid("the file to write to is the one to read")),
            _ => Err(invalid("a descriptor cannot be used")),
        }
    }

    /// Writes at the end. A full disk is `InvalidArgument`: it is the caller's.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            match rustix::io::pwrite(&self.file, bytes, self.written) {
                Ok(0) => return Err(invalid("the file to write to takes no more")),
                Ok(length) => {
                    self.written += length as u64;
                    bytes = &bytes[length..];
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(invalid(format!("the file cannot be written: {error}"))),
            }
        }
        Ok(())
    }

    /// Everything is written; returns the length in bytes.
    pub(crate) fn finish(mut self) -> u64 {
        self.finished = true;
        self.written
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.finished && self.written > 0 {
            // Half a message is none. A file that can't be cut is the caller's to throw away.
            let _ = ftruncate(&self.file, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::io::Read;

    fn open(path: &std::path::Path, options: &mut OpenOptions) -> OwnedFd {
        options.open(path).unwrap().into()
    }

    #[test]
    fn only_an_empty_file_that_can_be_written_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        let create = || open(&path, OpenOptions::new().write(true).create(true).truncate(false));
        let mut output = Output::new(create()).unwrap();
        output.write(b"content").unwrap();
        assert_eq!(output.finish(), 7);
        assert!(Output::new(create()).is_err(), "it is not empty any more");
        std::fs::write(&path, b"").unwrap();
        assert!(Output::new(File::open(&path).unwrap().into()).is_err(), "read only");
        assert!(Output::new(File::open(folder.path()).unwrap().into()).is_err(), "a folder");
        assert!(Output::new(std::io::pipe().unwrap().1.into()).is_err(), "a pipe");
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        let mut output = Output::new(File::create(&path).unwrap().into()).unwrap();
        output.write(b"half").unwrap();
        drop(output);
        let mut left = Vec::new();
        File::open(&path).unwrap().read_to_end(&mut left).unwrap();
        assert!(left.is_empty());
    }
}
