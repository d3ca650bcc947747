//! The database file: opening, appending along the chain, and what was left open by a crash.

use super::append::{Append, Tried};
use super::chain::Place;
use super::error::{AuditError, failure, io_failure};
use super::names::UserNames;
use super::open::Open;
use super::record::{Operation, PastTry};
use super::retention::{self, Retention};
use super::row::{INSERT, Phase, Row};
use super::schema;
use rusqlite::{Connection, OpenFlags, Statement, params};
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a write waits for somebody else's lock; nobody else should have one.
const BUSY: Duration = Duration::from_secs(5);
/// Pages that are kept. It only appends, to the last pages of each table and index; SQLite would keep 2 MiB.
const CACHE: i32 = 16;
/// Kind of the note that old records were removed.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// More wrong answers in a row than any Key allows.
const PAST_TRIES_MAX: u32 = 256;

/// The open database. Lives on the writer's thread.
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
    inode: u64,
    /// Of the write-ahead log, from the first append on.
    log_inode: Option<u64>,
    chain: String,
    head: Place,
    open: Open,
    users: UserNames,
}

impl Store {
    /// Opens or creates the database, durable against power loss (WAL with full synchronisation).
    pub(super) fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |error: rusqlite::Error| failure(path, &error);
        let damaged = |message: &str| AuditError::Damaged { path: path.to_owned(), message: message.to_owned() };
        let connection = Connection::open(path).map_err(failed)?;
        // SQLite opens what it may not write for reading, and never looks again.
        if connection.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
            let message = "it may not be written".to_owned();
            return Err(AuditError::Database { path: path.to_owned(), message });
        }
        connection.busy_timeout(BUSY).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
        connection.pragma_update(None, "synchronous", SYNCHRONOUS).map_err(failed)?;
        connection.pragma_update(None, "cache_size", CACHE).map_err(failed)?;
        if !schema::prepare(&connection).map_err(failed)? {
            return Err(damaged("it has tables of another version"));
        }
        let extent = schema::extent(&connection).map_err(failed)?.ok_or_else(|| damaged("its end is not known"))?;
        let last: i64 = connection
            .query_row("SELECT coalesce(max(seq), ?1) FROM records", [extent.base.seq.cast_signed()], |row| row.get(0))
            .map_err(failed)?;
        if last.cast_unsigned() != extent.head.seq {
            return Err(damaged("it does not end where it says"));
        }
        let inode = std::fs::metadata(path).map_err(|error| io_failure(path, &error))?.ino();
        Ok(Self {
            connection,
            path: path.to_owned(),
            inode,
            log_inode: None,
            chain: extent.name,
            head: extent.head,
            open: Open::default(),
            users: UserNames::default(),
        })
    }

    /// Opens it for reading only, beside the writer.
    pub(super) fn open_to_read(path: &Path) -> Result<Connection, AuditError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY)?;
            Ok(connection)
        };
        open().map_err(|error| failure(path, &error))
    }

    /// The chain's name.
    pub(super) fn chain(&self) -> &str {
        &self.chain
    }

    /// The last place of the chain.
    pub(super) fn head(&self) -> Place {
        self.head
    }

    /// Gives every intent that a crash left without a result the result `outcome-unknown`; returns these with their places.
    pub(super) fn close_open_records(&mut self) -> Result<(Vec<Append>, Vec<Option<Place>>), AuditError> {
        // Of those that may be without one: a record may have millions of rows.
        let sql = "SELECT seq, operation, kind, token FROM records AS intent
             WHERE seq > (SELECT settled_seq FROM chain) AND phase = 'intent' AND NOT EXISTS
                (SELECT 1 FROM records WHERE operation = intent.operation AND phase = 'result')
             ORDER BY seq";
        let read = || -> rusqlite::Result<Vec<(u64, Append)>> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| {
                let (kind, token): (String, String) = (row.get(2)?, row.get(3)?);
                let unknown = Append::Result {
                    operation: row.get::<_, i64>(1)?.cast_unsigned(),
                    result: "outcome-unknown",
                    tries: None,
                    tried: Operation::parse(&kind).and_then(|kind| Tried::of(kind, &token)),
                };
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), unknown))
            })?;
            rows.collect()
        };
        let found = read().map_err(|error| failure(&self.path, &error))?;
        found.iter().for_each(|(row, unknown)| self.open.begin(unknown.operation(), *row));
        let results: Vec<_> = found.into_iter().map(|(_, unknown)| unknown).collect();
        let places = self.append(&results)?;
        Ok((results, places))
    }

    /// The largest operation number that may be in use.
    pub(super) fn last_operation(&self) -> Result<u64, AuditError> {
        self.connection
            .query_row("SELECT coalesce(max(operation), 0) FROM records", [], |row| row.get::<_, i64>(0))
            .map(|operation| operation.cast_unsigned().max(self.head.seq))
            .map_err(|error| failure(&self.path, &error))
    }

    /// The latest PIN operations of a Key, the newest last.
    pub(super) fn past_tries(&self, token: &str) -> Result<Vec<PastTry>, AuditError> {
        let sql = "SELECT kind, result, time_ms FROM
                (SELECT * FROM tries WHERE token = ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id";
        let read = || -> rusqlite::Result<Vec<PastTry>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![token, PAST_TRIES_MAX], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, i64>(2)?))
            })?;
            let mut tries = Vec::new();
            for row in rows {
                let (kind, result, time_ms) = row?;
                if let Some(operation) = Operation::parse(&kind) {
                    tries.push(PastTry { operation, result, time_ms: time_ms.cast_unsigned() });
                }
            }
            Ok(tries)
        };
        read().map_err(|error| failure(&self.path, &error))
    }

    /// Writes all of these or none; when it returns, they are on disk, at these places of the chain. A result whose intent
    /// could not be written is passed over.
    pub(super) fn append(&mut self, appends: &[Append]) -> Result<Vec<Option<Place>>, AuditError> {
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        let (mut head, users, open) = (self.head, &mut self.users, &self.open);
        let settled = open.settled(head.seq);
        let write = |connection: &Connection| -> rusqlite::Result<Vec<Option<Place>>> {
            let (mut places, mut begun) = (Vec::with_capacity(appends.len()), HashSet::new());
            let mut rows = connection.prepare_cached(INSERT)?;
            for append in appends {
                let operation = append.operation();
                if !append.is_result() {
                    begun.insert(operation);
                } else if !open.contains(operation) && !begun.contains(&operation) {
                    places.push(None);
                    continue;
                }
                head = insert((connection, &mut rows), head, row_of(append, users), append)?;
                places.push(Some(head));
            }
            schema::set_head(connection, head, settled)?;
            Ok(places)
        };
        let places = schema::together(&self.connection, write).map_err(|error| failure(&self.path, &error))?;
        self.head = places.iter().flatten().next_back().copied().unwrap_or(self.head);
        for (append, place) in appends.iter().zip(&places) {
            match (append, place) {
                (Append::Intent { operation, .. }, Some(place)) => self.open.begin(*operation, place.seq),
                (Append::Result { operation, .. }, _) => self.open.end(*operation),
                _ => {}
            }
        }
        // What was committed is in these files, and nowhere if one of them was deleted before.
        self.log_inode = self.log_inode.or_else(|| inode_of(&log_path(&self.path)));
        self.check_file()?;
        Ok(places)
    }

    /// Removes old records as configured; what remains can be verified. The number of the last that was removed.
    pub(super) fn prune(&mut self, retention: &Retention, operation: u64) -> Result<Option<u64>, AuditError> {
        self.check_file()?;
        let failed = |error: rusqlite::Error| failure(&self.path, &error);
        let transaction = self.connection.transaction().map_err(failed)?;
        let Some(base) =
            retention::boundary(&transaction, retention, now_ms(), self.open.first_row()).map_err(failed)?
        else {
            return Ok(None);
        };
        let mut write = || -> rusqlite::Result<Place> {
            let removed = transaction.execute("DELETE FROM records WHERE seq <= ?1", [base.seq.cast_signed()])?;
            let first = base.seq + 1 - removed as u64;
            let text = format!("{removed} records, {first} to {}, were removed", base.seq);
            let note = Append::Note { operation, kind: CHECKPOINT, text, hash: Some(base.hash) };
            let mut rows = transaction.prepare_cached(INSERT)?;
            let head = insert((&transaction, &mut rows), self.head, row_of(&note, &mut self.users), &note)?;
            schema::set_base(&transaction, base)?;
            schema::set_head(&transaction, head, self.open.settled(head.seq))?;
            Ok(head)
        };
        let head = write().map_err(failed)?;
        transaction.commit().map_err(failed)?;
        self.head = head;
        Ok(Some(base.seq))
    }

    /// As if the disk were full.
    #[cfg(test)]
    pub(super) fn limit_pages_to_what_is_there(&self) {
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    }

    /// SQLite goes on writing into a deleted file without an error.
    fn check_file(&self) -> Result<(), AuditError> {
        let is_there = |path: &Path, inode| inode_of(path) == Some(inode);
        if is_there(&self.path, self.inode) && self.log_inode.is_none_or(|inode| is_there(&log_path(&self.path), inode))
        {
            Ok(())
        } else {
            Err(AuditError::Gone { path: self.path.clone() })
        }
    }
}

/// With `full`, a commit has reached the disk when it returns. Without, a test must fail.
#[cfg(not(feature = "audit-without-sync"))]
const SYNCHRONOUS: &str = "full";
#[cfg(feature = "audit-without-sync")]
const SYNCHRONOUS: &str = "off";

/// A row at the end of the chain, and what the PIN guard has to know of it. Returns the new end.
fn insert(
    (connection, rows): (&Connection, &mut Statement<'_>),
    head: Place,
    mut row: Row<'_>,
    append: &Append,
) -> rusqlite::Result<Place> {
    let place = head.after(&mut row);
    row.insert(rows, &place.hash.0)?;
    if let Append::Result { result, tried: Some(Tried { token, kind }), .. } = append {
        connection
            .prepare_cached("INSERT INTO tries (token, kind, result, time_ms) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![token, kind.as_str(), result, row.time_ms.cast_signed()])?;
    }
    Ok(place)
}

fn row_of<'a>(append: &'a Append, users: &'a mut UserNames) -> Row<'a> {
    match append {
        Append::Intent { operation, intent, digest } => Row {
            kind: intent.operation.as_str().into(),
            uid: intent.uid,
            user: users.of(intent.uid).into(),
            pid: intent.pid,
            caller: intent.caller.as_str().into(),
            program: intent.program.as_str().into(),
            token: intent.token.as_str().into(),
            certificate: intent.certificate.as_str().into(),
            algorithm: intent.algorithm.into(),
            digest: digest.as_slice().into(),
            reason: intent.reason.as_str().into(),
            ..Row::new(*operation, Phase::Intent, now_ms())
        },
        Append::Result { operation, result, tries, .. } => Row {
            result: (*result).into(),
            tries: tries.map_or(-1, i32::from),
            ..Row::new(*operation, Phase::Result, now_ms())
        },
        Append::Note { operation, kind, text, hash } => Row {
            kind: (*kind).into(),
            reason: text.as_str().into(),
            digest: hash.as_ref().map_or(&[][..], |hash| &hash.0).into(),
            ..Row::new(*operation, Phase::Note, now_ms())
        },
    }
}

fn inode_of(path: &Path) -> Option<u64> {
    std::fs::metadata(path).map(|metadata| metadata.ino()).ok()
}

fn log_path(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// Time as the records have it: Unix milliseconds, by the computer's clock.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
