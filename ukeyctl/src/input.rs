//! Files to sign or to check, as descriptors: their bytes never pass through this program.

use crate::error::Error;
use rustix::fs::FileType;
use rustix::fs::{MemfdFlags, Mode, OFlags, SeekFrom, fstat, memfd_create, open, seek};
use rustix::stdio::stdin;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// The name that means standard input.
pub(crate) const STDIN: &str = "-";
/// Most that is taken from a pipe, since it has to be kept in memory.
const PIPE_MAX: u64 = 1 << 30;

/// An open input.
#[derive(Debug)]
pub(crate) struct Input {
    descriptor: OwnedFd,
}

impl Input {
    /// Opens a file, or standard input for `-`: a redirected file as it is, a pipe by way of memory.
    ///
    /// # Errors
    /// `Read`. Whether it is a regular file is for the service to say.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let opened = if path.as_os_str() == STDIN { standard_input() } else { file(path) };
        let descriptor = opened.map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Ok(Self { descriptor })
    }
}

impl From<Input> for OwnedFd {
    fn from(input: Input) -> Self {
        input.descriptor
    }
}

impl AsFd for Input {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

fn file(path: &Path) -> io::Result<OwnedFd> {
    // Without NONBLOCK a named pipe would wait for a writer.
    Ok(open(path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK, Mode::empty())?)
}

fn standard_input() -> io::Result<OwnedFd> {
    let whole_file = FileType::from_raw_mode(fstat(stdin())?.st_mode) == FileType::RegularFile
        && seek(stdin(), SeekFrom::Current(0))? == 0;
    if whole_file {
        return stdin().try_clone_to_owned();
    }
    in_memory(io::stdin().lock(), PIPE_MAX)
}

fn in_memory(source: impl Read, max: u64) -> io::Result<OwnedFd> {
    let mut memory = File::from(memfd_create("ukeyctl-input", MemfdFlags::CLOEXEC)?);
    let length = io::copy(&mut source.take(max + 1), &mut memory)?;
    if length > max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {max} bytes from a pipe")));
    }
    Ok(memory.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_pipe_is_kept_in_memory_up_to_a_limit() {
        let memory = File::from(in_memory(&b"order"[..], 5).unwrap());
        let mut bytes = [0; 5];
        memory.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"order");
        assert!(in_memory(&b"order"[..], 4).is_err());
    }

    #[test]
    fn a_missing_file_is_unreadable() {
        assert!(matches!(Input::open(Path::new("/nonexistent/file")), Err(Error::Read { .. })));
    }
}
