//! Which old records may go.

use super::chain::{Hash, Place};
use rusqlite::{Connection, OptionalExtension};
use std::time::Duration;

/// How long and how many records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Records that are older may go.
    pub keep: Duration,
    /// When there are more rows than this, the oldest go.
    pub rows: u64,
}

/// The last row that may go: everything up to it is too old, or too much, and before the first row of an operation that is
/// under way. Reads what goes, and no more: a record may have millions of rows.
pub(super) fn boundary(
    connection: &Connection,
    retention: &Retention,
    now_ms: u64,
    under_way: Option<u64>,
) -> rusqlite::Result<Option<Place>> {
    let oldest = now_ms.saturating_sub(u64::try_from(retention.keep.as_millis()).unwrap_or(u64::MAX));
    let number = |sql: &str, parameters: &[i64]| -> rusqlite::Result<Option<i64>> {
        connection.query_row(sql, rusqlite::params_from_iter(parameters), |row| row.get(0))
    };
    // By number, not by time alone: a clock that was set back must not make a hole.
    let young = number("SELECT min(seq) FROM records WHERE time_ms >= ?1", &[oldest.cast_signed()])?;
    let last = number("SELECT max(seq) FROM records", &[])?;
    let Some(last) = last else { return Ok(None) };
    let too_old = young.map_or(last, |young| young - 1);
    let too_many = last - retention.rows.min(i64::MAX as u64).cast_signed();
    // Never the last row: it says who comes next.
    let end = too_old.max(too_many).min(under_way.map_or(i64::MAX, |first| first.cast_signed() - 1)).min(last - 1);
    let end = whole_operations(connection, end)?;
    let place = connection
        .query_row("SELECT seq, hash FROM records WHERE seq = ?1", [end], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    Ok(place.and_then(|(seq, hash)| Some(Place { seq: seq.cast_unsigned(), hash: Hash::from_slice(&hash)? })))
}

/// Moves an end back until no operation goes by half.
fn whole_operations(connection: &Connection, mut end: i64) -> rusqlite::Result<i64> {
    // In this order: of what would go, each that has a row among what stays.
    let sql =
        "SELECT min(i.seq) FROM records i CROSS JOIN records r ON r.operation = i.operation AND r.phase = 'result'
         WHERE i.phase = 'intent' AND i.seq <= ?1 AND r.seq > ?1";
    while let Some(first) = connection.query_row(sql, [end], |row| row.get::<_, Option<i64>>(0))? {
        end = first - 1;
    }
    Ok(end)
}
