//! The hash chain over the rows: each hash covers a row and the hash before it, so that no row can be changed, removed or
//! moved without changing every hash after it. Pure.

use super::row::Row;
use aws_lc_rs::digest::{Context, SHA256};
use base16ct::lower::encode_string as hex;

/// SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hash(pub(super) [u8; 32]);

impl Hash {
    /// What the first row of a chain of this name follows.
    pub(super) fn origin(chain: &str) -> Self {
        Self::over(&[b"ukeyd audit chain 1", chain.as_bytes()])
    }

    /// The hash of a row that follows this one.
    pub(super) fn next(self, row: &Row<'_>) -> Self {
        Self::over(&[&self.0, &row.encode()])
    }

    /// Lower-case hexadecimal.
    pub(super) fn hex(self) -> String {
        hex(&self.0)
    }

    /// From a column of the database.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    fn over(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        parts.iter().for_each(|part| context.update(part));
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }
}

/// A place in the chain: how many rows there were, and the hash of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub seq: u64,
    pub hash: Hash,
}

impl Place {
    /// The place after a row; gives the row its number.
    pub(super) fn after(self, row: &mut Row<'_>) -> Self {
        row.seq = self.seq + 1;
        Self { seq: row.seq, hash: self.hash.next(row) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::Phase;
    use super::*;

    #[test]
    fn a_hash_depends_on_all_rows_before_and_on_the_chain() {
        let chain = |name: &str, times: &[u64]| {
            let origin = Place { seq: 0, hash: Hash::origin(name) };
            times.iter().fold(origin, |place, time| place.after(&mut Row::new(1, Phase::Intent, *time)))
        };
        let last = chain("a", &[1, 2, 3]);
        assert_eq!(last.seq, 3);
        for other in [chain("b", &[1, 2, 3]), chain("a", &[2, 1, 3]), chain("a", &[1, 2]), chain("a", &[1, 5, 3])] {
            assert_ne!(last.hash, other.hash);
        }
    }
}
