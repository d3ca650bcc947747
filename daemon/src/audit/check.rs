//! Verification of the whole chain, from its beginning to its end.

use super::chain::Hash;
use super::row::{COLUMNS, Phase, Row};
use super::schema::{self, Extent};
use super::store::CHECKPOINT;
use rusqlite::Connection;

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The row that says where the chain begins and ends is missing or malformed.
    NoExtent,
    /// A row is missing, or there is one too many, at this number.
    Gap,
    /// A row can't be read.
    Unreadable,
    /// A row's hash is not the one that the row and those before it have.
    Hash,
    /// The chain ends elsewhere than it says: rows were removed from its end, or added.
    Head,
    /// The chain begins later than with row 1, and no checkpoint in it says so.
    Base,
}

impl Problem {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoExtent => "no-extent",
            Self::Gap => "gap",
            Self::Unreadable => "unreadable",
            Self::Hash => "hash",
            Self::Head => "head",
            Self::Base => "base",
        }
    }
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChainCheck {
    /// The chain's name.
    pub chain: String,
    /// Number of the oldest row that is kept, and of the last.
    pub first: u64,
    pub last: u64,
    /// Hash of the last row, lower-case hexadecimal.
    pub head: String,
    /// The first problem, and the number of the row where it is.
    pub problem: Option<(Problem, u64)>,
}

/// Follows the chain.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<ChainCheck> {
    // One view of the database, however much is appended meanwhile.
    check_in(&*connection.unchecked_transaction()?)
}

/// The same inside a transaction.
pub(super) fn check_in(connection: &Connection) -> rusqlite::Result<ChainCheck> {
    let Some(extent) = schema::extent(connection)? else {
        let (chain, head) = (String::new(), String::new());
        return Ok(ChainCheck { chain, first: 0, last: 0, head, problem: Some((Problem::NoExtent, 0)) });
    };
    let problem = follow(connection, &extent)?;
    Ok(ChainCheck {
        first: extent.base.seq + 1,
        last: extent.head.seq,
        head: extent.head.hash.hex(),
        chain: extent.name,
        problem,
    })
}

fn follow(connection: &Connection, extent: &Extent) -> rusqlite::Result<Option<(Problem, u64)>> {
    if extent.base.seq == 0 && extent.base.hash != Hash::origin(&extent.name) {
        return Ok(Some((Problem::NoExtent, 0)));
    }
    let (mut place, mut checkpoint) = (extent.base, None);
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS}, hash FROM records ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(sql_row) = rows.next()? {
        let expected = place.seq + 1;
        let (Ok(mut row), Ok(hash)) = (Row::read(sql_row), sql_row.get::<_, Vec<u8>>(17)) else {
            return Ok(Some((Problem::Unreadable, expected)));
        };
        if row.seq != expected {
            return Ok(Some((Problem::Gap, expected)));
        }
        place = place.after(&mut row);
        if Hash::from_slice(&hash) != Some(place.hash) {
            return Ok(Some((Problem::Hash, expected)));
        }
        if row.phase == Phase::Note && row.kind == CHECKPOINT {
            checkpoint = Hash::from_slice(&row.digest);
        }
    }
    if place != extent.head {
        return Ok(Some((Problem::Head, place.seq)));
    }
    // The hash covers the number of the row too. The last checkpoint is never among what one removes.
    let signed_off = extent.base.seq == 0 || checkpoint == Some(extent.base.hash);
    Ok((!signed_off).then_some((Problem::Base, extent.base.seq)))
}
