//! Reading the journal: operations with what came of them, a page at a time.

use super::schema;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

/// Which operations are asked for; what is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub uid: Option<u32>,
    /// As in the records: `sign`, `login` …
    pub kind: Option<String>,
    /// The Key's id.
    pub token: Option<String>,
    /// The certificate's fingerprint, or its beginning.
    pub certificate: Option<String>,
    /// `ok`, an error's name, `outcome-unknown`.
    pub result: Option<String>,
    /// Not earlier than this, Unix seconds.
    pub from: Option<u64>,
    /// Earlier than this, Unix seconds.
    pub to: Option<u64>,
}

/// An operation on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Number of its first row; grows with time, and the next page begins after it.
    pub id: u64,
    /// Unix milliseconds.
    pub time_ms: u64,
    pub kind: String,
    pub uid: u32,
    pub user: String,
    pub pid: u32,
    pub caller: String,
    pub program: String,
    pub token: String,
    pub certificate: String,
    pub algorithm: String,
    /// Lower-case hexadecimal.
    pub digest: String,
    pub reason: String,
    /// Empty while it is under way.
    pub result: String,
    /// When it ended, Unix milliseconds; 0 while it is under way.
    pub ended_ms: u64,
    pub tries: i32,
    /// Hash of the row, lower-case hexadecimal.
    pub hash: String,
}

/// At most `count` operations after the one with the id `after`, the oldest first.
pub(super) fn list(connection: &Connection, filter: &Filter, after: u64, count: u32) -> rusqlite::Result<Vec<Entry>> {
    let mut conditions = vec!["i.phase IN ('intent', 'note')".to_owned(), "i.seq > ?".to_owned()];
    let mut values = vec![Value::from(after.cast_signed())];
    let seconds = |time: u64| Value::from(time.saturating_mul(1000).min(i64::MAX as u64).cast_signed());
    let wanted = [
        ("i.uid = ?", filter.uid.map(|uid| Value::from(i64::from(uid)))),
        ("i.kind = ?", filter.kind.clone().map(Value::from)),
        ("i.token = ?", filter.token.clone().map(Value::from)),
        ("coalesce(r.result, i.result) = ?", filter.result.clone().map(Value::from)),
        ("i.time_ms >= ?", filter.from.map(seconds)),
        ("i.time_ms < ?", filter.to.map(seconds)),
    ];
    for (condition, value) in wanted {
        if let Some(value) = value {
            conditions.push(condition.to_owned());
            values.push(value);
        }
    }
    if let Some(certificate) = &filter.certificate {
        conditions.push("substr(i.certificate, 1, length(?)) = ?".to_owned());
        values.extend([Value::from(certificate.clone()), Value::from(certificate.clone())]);
    }
    values.push(Value::from(i64::from(count)));
    let sql = format!(
        "SELECT i.seq, i.time_ms, i.kind, i.uid, i.user, i.pid, i.caller, i.program, i.token, i.certificate, i.algorithm,
            lower(hex(i.digest)), i.reason, coalesce(r.result, i.result), coalesce(r.time_ms, 0),
            coalesce(r.tries, i.tries), lower(hex(i.hash))
         FROM records i LEFT JOIN records r ON r.operation = i.operation AND r.phase = 'result'
         WHERE {} ORDER BY i.seq LIMIT ?",
        conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
        Ok(Entry {
            id: number(0)?,
            time_ms: number(1)?,
            kind: row.get(2)?,
            uid: row.get(3)?,
            user: row.get(4)?,
            pid: row.get(5)?,
            caller: row.get(6)?,
            program: row.get(7)?,
            token: row.get(8)?,
            certificate: row.get(9)?,
            algorithm: row.get(10)?,
            digest: row.get(11)?,
            reason: row.get(12)?,
            result: row.get(13)?,
            ended_ms: number(14)?,
            tries: row.get(15)?,
            hash: row.get(16)?,
        })
    })?;
    rows.collect()
}

/// Hashes of rows of the chain, lower-case hexadecimal, in the order of the question; empty where there is no such row any
/// more, or not yet. The hash of the last row that was removed by age is known too.
pub(super) fn hashes(connection: &Connection, rows: &[u64]) -> rusqlite::Result<Vec<String>> {
    // One view of the database, however much is appended or removed meanwhile.
    let connection = connection.unchecked_transaction()?;
    let base = schema::extent(&connection)?.map(|extent| extent.base).filter(|base| base.seq > 0);
    let mut statement = connection.prepare("SELECT lower(hex(hash)) FROM records WHERE seq = ?1")?;
    rows.iter()
        .map(|row| match base {
            Some(base) if base.seq == *row => Ok(base.hash.hex()),
            _ => Ok(statement.query_row([row.cast_signed()], |hash| hash.get(0)).optional()?.unwrap_or_default()),
        })
        .collect()
}
