//! A document that a caller passed as a descriptor. It may be anything, and the caller keeps its own copy: only a
//! regular file (or memfd) that can be read is taken, by `pread` from 0 to the size it had at the start.

use rustix::fs::{FileType, OFlags, Stat, fcntl_getfl, fstat};
use std::os::fd::OwnedFd;
use ukey_dbus::{Error, ErrorKind};

/// A readable regular file of a size fixed at the start.
#[derive(Debug)]
pub(crate) struct Document {
    file: OwnedFd,
    size: u64,
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

impl Document {
    /// Checks a descriptor. `InvalidArgument` says what is wrong with it.
    pub(crate) fn new(file: OwnedFd) -> Result<Self, Error> {
        let flags = fcntl_getfl(&file).map_err(|error| invalid(format!("the descriptor cannot be used: {error}")))?;
        if flags.contains(OFlags::PATH) {
            return Err(invalid("the descriptor was opened with O_PATH and can't be read"));
        }
        if flags & OFlags::ACCMODE == OFlags::WRONLY {
            return Err(invalid("the descriptor is open for writing only"));
        }
        let status = fstat(&file).map_err(|error| invalid(format!("the descriptor cannot be used: {error}")))?;
        match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => {}
            other => return Err(invalid(format!("the descriptor is {}, not a regular file", name_of(other)))),
        }
        let size = u64::try_from(status.st_size).map_err(|_| invalid("the file has an impossible size"))?;
        Ok(Self { file, size })
    }

    pub(super) fn status(&self) -> rustix::io::Result<Stat> {
        fstat(&self.file)
    }

    /// Size in bytes, when the call began.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Reads some bytes at this offset, at least one, never past the size at the start.
    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Error> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        loop {
            match rustix::io::pread(&self.file, &mut buffer[..wanted], offset) {
                Ok(0) => return Err(invalid("the file became shorter while it was read")),
                Ok(length) => return Ok(length),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(invalid(format!("the file cannot be read: {error}"))),
            }
        }
    }

    /// After the last byte: the size must be what it was.
    pub(super) fn check_unchanged(&self) -> Result<(), Error> {
        let now = fstat(&self.file).map_err(|error| invalid(format!("the file cannot be read: {error}")))?.st_size;
        // Files of procfs say that they are empty and are not.
        let more = rustix::io::pread(&self.file, &mut [0], self.size).unwrap_or(0);
        if u64::try_from(now) == Ok(self.size) && more == 0 {
            Ok(())
        } else {
            Err(invalid("the file changed its size while it was read, or does not tell it"))
        }
    }
}

fn name_of(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a directory",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Symlink => "a symbolic link",
        FileType::RegularFile | FileType::Unknown => "something unknown",
    }
}
