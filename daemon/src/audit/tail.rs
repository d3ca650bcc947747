//! The chain's newest rows, while they are not in the database yet: a file that one write and one synchronisation make
//! longer, where a transaction of the database costs several times as much. The database takes many of them together.
//!
//! Each row lies there as it is hashed, its length before it and its hash behind it. The place where the next rows are
//! written goes back to the beginning when the database has taken these, and what lies there is written over. So only what
//! follows the database's last row, by number and hash, counts: neither a row that was written in part nor one from before
//! does.

use super::chain::{Chained, Hash, Place};
use super::row::Row;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Most rows that wait for the database.
pub(super) const ROWS_MAX: usize = 64;
/// A file that is longer is damaged: no row is longer than some KiB.
const LENGTH_MAX: u64 = 4 << 20;
/// Of a row's length.
const LENGTH_SIZE: usize = 4;
const HASH_SIZE: usize = 32;

/// The open file.
pub(super) struct Tail {
    file: File,
    path: PathBuf,
    inode: u64,
    /// Where the next row goes.
    end: u64,
}

impl Tail {
    /// Opens it beside the database, or makes it.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        let path = database.with_extension("sqlite-tail");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        let inode = file.metadata()?.ino();
        if let Some(folder) = path.parent() {
            // A new file has to be found again after a loss of power too.
            File::open(folder)?.sync_all()?;
        }
        Ok(Self { file, path, inode, end: 0 })
    }

    /// The rows in it that follow this place of the chain.
    pub(super) fn after(&self, place: Place) -> io::Result<Vec<Chained>> {
        let length = self.file.metadata()?.len();
        if length > LENGTH_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than it can be"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        self.file.read_exact_at(&mut bytes, 0)?;
        let (rows, stray) = following(&bytes, place);
        if let Some(row) = stray {
            tracing::warn!(
                row,
                "the log of the record's newest rows has one that was written in part or follows another record"
            );
        }
        Ok(rows)
    }

    /// Writes rows at its end; when this returns, they are on disk, in the file of this name. After an error they may be there
    /// or not.
    pub(super) fn append(&mut self, rows: &[Chained]) -> io::Result<()> {
        let bytes = rows.iter().flat_map(encode).collect::<Vec<_>>();
        self.file.write_all_at(&bytes, self.end)?;
        if cfg!(not(feature = "audit-without-sync")) {
            self.file.sync_data()?;
        }
        if !self.is_there() {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// The database has all that is in it.
    pub(super) fn clear(&mut self) {
        self.end = 0;
    }

    /// Is the file still where it was opened?
    pub(super) fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.ino() == self.inode)
    }
}

fn encode(chained: &Chained) -> Vec<u8> {
    let row = chained.row.encode();
    // A row of 4 GiB does not come here: its parts are bounded.
    let length = u32::try_from(row.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..], &row, &chained.hash.0].concat()
}

/// What follows a place, passing over what lies before it; and the number of a row that should and does not.
fn following(mut bytes: &[u8], mut place: Place) -> (Vec<Chained>, Option<u64>) {
    let mut rows = Vec::new();
    while let Some((row, hash, rest)) = first(bytes) {
        if row.seq > place.seq {
            let chained = Chained::after(place, row.clone());
            if (chained.row.seq, chained.hash) != (row.seq, hash) {
                return (rows, Some(row.seq));
            }
            place = chained.place();
            rows.push(chained);
        }
        bytes = rest;
    }
    (rows, None)
}

fn first(bytes: &[u8]) -> Option<(Row, Hash, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_SIZE>()?;
    let (row, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let (hash, rest) = rest.split_first_chunk::<HASH_SIZE>()?;
    Some((Row::decode(row)?, Hash(*hash), rest))
}

#[cfg(test)]
mod tests {
    use super::super::row::Phase;
    use super::*;
    use proptest::prelude::*;

    fn chain(length: u64) -> (Place, Vec<Chained>) {
        let origin = Place { seq: 0, hash: Hash::origin("a") };
        let mut place = origin;
        let rows = (1..=length).map(|number| {
            let reason = "订单".repeat(usize::try_from(number % 7).unwrap());
            let row = Row { reason, ..Row::new(number, Phase::Intent, 1000 + number) };
            let chained = Chained::after(place, row);
            place = chained.place();
            chained
        });
        (origin, rows.collect())
    }

    fn opened(folder: &Path) -> Tail {
        Tail::open(&folder.join("audit.sqlite")).unwrap()
    }

    #[test]
    fn who_opens_it_again_finds_what_follows_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let (origin, rows) = chain(9);
        let mut tail = opened(folder.path());
        rows.chunks(2).for_each(|some| tail.append(some).unwrap());
        for taken in 0..=rows.len() {
            let place = taken.checked_sub(1).map_or(origin, |last| rows[last].place());
            assert_eq!(opened(folder.path()).after(place).unwrap(), rows[taken..], "{taken}");
        }
    }

    #[test]
    fn what_the_database_has_taken_is_written_over_and_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let (origin, rows) = chain(40);
        let mut tail = opened(folder.path());
        tail.append(&rows[..20]).unwrap();
        tail.clear();
        let taken = rows[19].place();
        for next in 20..40 {
            tail.append(&rows[next..=next]).unwrap();
            assert_eq!(opened(folder.path()).after(taken).unwrap(), rows[20..=next]);
            assert!(tail.after(rows[next].place()).unwrap().is_empty());
        }
        assert!(tail.after(origin).unwrap().is_empty(), "rows between are missing");
    }

    #[test]
    fn a_row_of_another_chain_does_not_follow() {
        let folder = tempfile::tempdir().unwrap();
        let (_, rows) = chain(3);
        let mut tail = opened(folder.path());
        tail.append(&rows).unwrap();
        let other = Place { seq: 0, hash: Hash::origin("b") };
        assert!(tail.after(other).unwrap().is_empty());
        let bytes: Vec<u8> = rows.iter().flat_map(encode).collect();
        assert_eq!(following(&bytes, other), (Vec::new(), Some(1)), "somebody should know");
    }

    #[test]
    fn a_file_that_is_too_long_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let tail = opened(folder.path());
        tail.file.set_len(LENGTH_MAX + 1).unwrap();
        assert!(tail.after(chain(0).0).is_err());
    }

    #[test]
    fn it_knows_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut tail = opened(folder.path());
        assert!(tail.is_there());
        std::fs::remove_file(&tail.path).unwrap();
        assert!(!tail.is_there());
        std::fs::write(&tail.path, "another").unwrap();
        assert!(!tail.is_there());
        assert!(tail.append(&chain(1).1).is_err());
    }

    proptest! {
        /// Power may fail at any byte, and the rest of the block may be anything.
        #[test]
        fn what_was_written_in_part_ends_it(cut in 0_usize..2000, rubbish in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (origin, rows) = chain(6);
            let whole: Vec<Vec<u8>> = rows.iter().map(encode).collect();
            let mut bytes = whole.concat();
            bytes.truncate(cut);
            let cut = bytes.len();
            let mut end = 0;
            let there = whole.iter().take_while(|row| { end += row.len(); end <= cut }).count();
            bytes.extend(rubbish);
            prop_assert_eq!(&following(&bytes, origin).0[..], &rows[..there]);
        }

        #[test]
        fn a_changed_byte_ends_it(at in 0_usize..1000, flip in 1_u8..) {
            let (origin, rows) = chain(6);
            let mut bytes: Vec<u8> = rows.iter().flat_map(encode).collect();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            let (found, _) = following(&bytes, origin);
            let mut end = 0;
            let before = rows.iter().take_while(|row| { end += encode(row).len(); end <= at }).count();
            prop_assert_eq!(&found[..], &rows[..before]);
        }
    }
}
