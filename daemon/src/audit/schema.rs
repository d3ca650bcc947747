//! The database's tables, and the one row that says where the chain begins and ends.

use super::chain::{Hash, Place};
use rusqlite::{Connection, OptionalExtension, params};

/// Of the tables, in `user_version`.
const VERSION: i64 = 3;

const TABLES: &str = "
    CREATE TABLE records (
        seq         INTEGER PRIMARY KEY,
        time_ms     INTEGER NOT NULL,
        operation   INTEGER NOT NULL,
        phase       TEXT NOT NULL CHECK (phase = 'intent' OR phase = 'result' OR phase = 'note'),
        kind        TEXT NOT NULL,
        uid         INTEGER NOT NULL, user TEXT NOT NULL, pid INTEGER NOT NULL,
        caller      TEXT NOT NULL, program TEXT NOT NULL,
        token       TEXT NOT NULL, certificate TEXT NOT NULL, algorithm TEXT NOT NULL, digest BLOB NOT NULL,
        reason      TEXT NOT NULL, result TEXT NOT NULL, tries INTEGER NOT NULL,
        hash        BLOB NOT NULL
    ) STRICT;
    CREATE INDEX records_by_operation ON records (operation);
    -- One row: the chain's name, the place before its oldest row, its last place, and a row up to which each
    -- operation has its result.
    CREATE TABLE chain (
        one         INTEGER PRIMARY KEY CHECK (one = 1),
        name        TEXT NOT NULL,
        base_seq    INTEGER NOT NULL, base_hash BLOB NOT NULL,
        head_seq    INTEGER NOT NULL, head_hash BLOB NOT NULL,
        settled_seq INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    -- What the PIN guard has to know, however old: not removed with old records, and no part of the chain.
    CREATE TABLE tries (
        id          INTEGER PRIMARY KEY,
        token       TEXT NOT NULL, kind TEXT NOT NULL, result TEXT NOT NULL, time_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX tries_by_token ON tries (token, id);
";

/// From version 2.
const SETTLED: &str = "ALTER TABLE chain ADD COLUMN settled_seq INTEGER NOT NULL DEFAULT 0; PRAGMA user_version = 3;";

/// Where a chain begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub name: String,
    /// The place before the oldest row that is kept.
    pub base: Place,
    /// The last place.
    pub head: Place,
}

/// Makes the tables where there are none, and of the version before those of this one. False: they are of another.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<bool> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let transaction = connection.unchecked_transaction()?;
    match (version, tables) {
        (VERSION, _) => return Ok(true),
        (2, _) => {
            transaction.execute_batch(SETTLED)?;
            transaction.commit()?;
            return Ok(true);
        }
        (0, 0) => {}
        _ => return Ok(false),
    }
    transaction.execute_batch(TABLES)?;
    let name: String = transaction.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
    let origin = Hash::origin(&name);
    transaction.execute(
        "INSERT INTO chain (one, name, base_seq, base_hash, head_seq, head_hash) VALUES (1, ?1, 0, ?2, 0, ?2)",
        params![name, origin.0],
    )?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(true)
}

/// Reads where the chain begins and ends; `None` when the row is missing or malformed.
pub(super) fn extent(connection: &Connection) -> rusqlite::Result<Option<Extent>> {
    let mut statement =
        connection.prepare_cached("SELECT name, base_seq, base_hash, head_seq, head_hash FROM chain")?;
    let row = statement
        .query_row([], |row| {
            let place = |at: usize| -> rusqlite::Result<Option<Place>> {
                let (seq, hash): (i64, Vec<u8>) = (row.get(at)?, row.get(at + 1)?);
                Ok(Hash::from_slice(&hash).map(|hash| Place { seq: seq.cast_unsigned(), hash }))
            };
            Ok((row.get::<_, String>(0)?, place(1)?, place(3)?))
        })
        .optional()?;
    Ok(row.and_then(|(name, base, head)| Some(Extent { name, base: base?, head: head? })))
}

/// Writes all of it or nothing; durable when it returns. By statements that are kept, as it happens for each signature.
pub(super) fn together<T>(
    connection: &Connection,
    write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let run = |sql: &str| connection.prepare_cached(sql)?.execute([]);
    run("BEGIN")?;
    let written = write(connection).and_then(|written| run("COMMIT").map(|_| written));
    // Some errors have ended it already. Where it can't be ended, no other begins.
    if written.is_err() && !connection.is_autocommit() {
        let _ = run("ROLLBACK");
    }
    written
}

/// Moves the end of the chain; `settled` is a row up to which each operation has its result.
pub(super) fn set_head(connection: &Connection, head: Place, settled: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE chain SET head_seq = ?1, head_hash = ?2, settled_seq = ?3 WHERE one = 1")?
        .execute(params![head.seq.cast_signed(), head.hash.0, settled.cast_signed()])?;
    Ok(())
}

/// Moves the beginning of the chain.
pub(super) fn set_base(connection: &Connection, base: Place) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE chain SET base_seq = ?1, base_hash = ?2", params![base.seq.cast_signed(), base.hash.0])?;
    Ok(())
}
