//! What a batch signs: the files and digests that the user names, or lists of them.

use super::BatchArgs;
use crate::error::Error;
use crate::hex;
use crate::input::STDIN;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use ukey_dbus::Algorithm;

/// Longest list that is read, in bytes: room for half a million of either.
const LIST_MAX: u64 = 64 << 20;
/// What a line begins with that is not for this program.
const COMMENT: &str = "#";

/// One signature to make.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) source: Source,
    /// Where the signature goes, if it has a file of its own.
    pub(super) place: Option<PathBuf>,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    File(PathBuf),
    Digest {
        /// Where it stands in the list, from 1.
        line: usize,
        digest: Vec<u8>,
    },
}

impl Item {
    /// The file as the user named it.
    pub(super) fn name(&self) -> Option<String> {
        match &self.source {
            Source::File(path) => Some(path.to_string_lossy().into_owned()),
            Source::Digest { .. } => None,
        }
    }
}

/// Everything that these arguments name, in their order.
pub(super) fn items(args: &BatchArgs) -> Result<Vec<Item>, Error> {
    let sources = match &args.digests {
        Some(list) => digests(list, &read(list)?)?,
        None => {
            let mut files = args.files.clone();
            if let Some(list) = &args.files_from {
                files.extend(names(&read(list)?));
            }
            files.into_iter().map(Source::File).collect()
        }
    };
    if sources.is_empty() {
        return Err(Error::Usage("nothing-to-sign"));
    }
    if sources.iter().any(|source| matches!(source, Source::File(path) if path.as_os_str() == STDIN)) {
        return Err(Error::Usage("batch-takes-files"));
    }
    Ok(sources.into_iter().map(|source| Item { source, place: None }).collect())
}

/// Checks the lengths of digests, so that the service does not refuse all for one.
pub(super) fn check(args: &BatchArgs, items: &[Item], algorithm: &str) -> Result<(), Error> {
    let (Some(list), Ok(algorithm)) = (&args.digests, algorithm.parse::<Algorithm>()) else { return Ok(()) };
    let wanted = algorithm.hash().length();
    for item in items {
        if let Source::Digest { line, digest } = &item.source
            && digest.len() != wanted
        {
            return Err(malformed(list, *line, &format!("{} bytes, and {algorithm} takes {wanted}", digest.len())));
        }
    }
    Ok(())
}

fn names(list: &[u8]) -> impl Iterator<Item = PathBuf> {
    list.split(|byte| *byte == b'\n').filter(|name| !name.is_empty()).map(|name| OsStr::from_bytes(name).into())
}

fn digests(path: &Path, list: &[u8]) -> Result<Vec<Source>, Error> {
    let text = String::from_utf8_lossy(list);
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(COMMENT))
        .map(|(number, line)| {
            let digest = line.split_whitespace().next().unwrap_or_default();
            let digest = hex::decode(digest).map_err(|error| malformed(path, number + 1, &error))?;
            Ok(Source::Digest { line: number + 1, digest })
        })
        .collect()
}

fn malformed(path: &Path, line: usize, what: &str) -> Error {
    let source = io::Error::new(io::ErrorKind::InvalidData, format!("line {line}: {what}"));
    Error::Read { path: path.to_owned(), source }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut list = Vec::new();
        if path.as_os_str() == STDIN {
            io::stdin().lock().take(LIST_MAX + 1).read_to_end(&mut list)?;
        } else {
            File::open(path)?.take(LIST_MAX + 1).read_to_end(&mut list)?;
        }
        if list.len() as u64 > LIST_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(list) }
    };
    read().map_err(|source| Error::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_digests_may_be_that_of_sha256sum() {
        let list = b"# orders\nAB01  orders/a.csv\n\n  02ff\r\n";
        let expected = [(2, vec![0xab, 1]), (4, vec![2, 0xff])].map(|(line, digest)| Source::Digest { line, digest });
        assert_eq!(digests(Path::new("list"), list).unwrap(), expected);
        let error = digests(Path::new("list"), b"ab\n\xff\n").unwrap_err();
        assert!(error.to_string().starts_with("list: line 2"), "{error}");
    }

    #[test]
    fn names_may_hold_anything_but_a_line_end() {
        let found: Vec<_> = names("a b.csv\n\n订单.csv\n#1".as_bytes()).collect();
        assert_eq!(found, ["a b.csv", "订单.csv", "#1"].map(PathBuf::from));
    }
}
