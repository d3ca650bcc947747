//! The database file: schema, appending, and what was left open by a crash.

use super::record::{Intent, Operation, PastTry};
use rusqlite::{Connection, params};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The journal can't be written.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum AuditError {
    #[error("audit journal {path}: {message}", path = path.display())]
    Database { path: PathBuf, message: String },
    #[error("audit journal {path} was moved or deleted while in use", path = path.display())]
    Gone { path: PathBuf },
    #[error("audit journal: its writer has ended")]
    Closed,
}

/// One append.
#[derive(Debug)]
pub(super) enum Append {
    Intent { operation: u64, intent: Intent },
    Result { operation: u64, result: String },
}

/// More wrong answers in a row than any Key allows.
const PAST_TRIES_MAX: u32 = 256;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS records (
        seq         INTEGER PRIMARY KEY AUTOINCREMENT,
        time_ms     INTEGER NOT NULL,
        operation   INTEGER NOT NULL,
        phase       TEXT NOT NULL CHECK (phase IN ('intent', 'result')),
        kind        TEXT, uid INTEGER, pid INTEGER, caller TEXT,
        token       TEXT, certificate TEXT, algorithm TEXT, digest BLOB, reason TEXT,
        result      TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS records_by_operation ON records (operation);
    CREATE INDEX IF NOT EXISTS records_by_token ON records (token, kind);
";

/// The open database. Lives on the writer's thread.
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
    inode: u64,
    /// Of the write-ahead log, from the first append on.
    log_inode: Option<u64>,
}

impl Store {
    /// Opens or creates the database, durable against power loss (WAL with full synchronisation).
    pub(super) fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |message: String| AuditError::Database { path: path.to_owned(), message };
        let connection = Connection::open(path).map_err(|error| failed(error.to_string()))?;
        let prepare = || -> rusqlite::Result<()> {
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.execute_batch(SCHEMA)
        };
        prepare().map_err(|error| failed(error.to_string()))?;
        let inode = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.ino();
        Ok(Self { connection, path: path.to_owned(), inode, log_inode: None })
    }

    /// Gives every intent that a crash left without a result the result `outcome-unknown`; returns how many.
    pub(super) fn close_open_records(&mut self) -> Result<usize, AuditError> {
        let sql = "INSERT INTO records (time_ms, operation, phase, result)
             SELECT ?1, operation, 'result', 'outcome-unknown' FROM records
             GROUP BY operation HAVING sum(phase = 'result') = 0";
        self.connection.execute(sql, params![now_ms().cast_signed()]).map_err(|error| self.failed(&error))
    }

    /// The largest operation number in use, 0 when there is none.
    pub(super) fn last_operation(&self) -> Result<u64, AuditError> {
        self.connection
            .query_row("SELECT coalesce(max(operation), 0) FROM records", [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
            .map_err(|error| self.failed(&error))
    }

    /// The latest PIN operations of a Key, the newest last.
    pub(super) fn past_tries(&self, token: &str) -> Result<Vec<PastTry>, AuditError> {
        let sql = "SELECT kind, result, time_ms FROM (
                SELECT i.kind AS kind, r.result AS result, r.time_ms AS time_ms, r.seq AS seq
                FROM records i JOIN records r ON r.operation = i.operation AND r.phase = 'result'
                WHERE i.token = ?1 AND i.kind IN ('login', 'sign-with-pin', 'change-pin', 'change-so-pin', 'unblock-pin')
                ORDER BY r.seq DESC LIMIT ?2) ORDER BY seq";
        let read = || -> rusqlite::Result<Vec<PastTry>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![token, PAST_TRIES_MAX], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, i64>(2)?))
            })?;
            let mut tries = Vec::new();
            for row in rows {
                let (kind, result, time_ms) = row?;
                if let Some(operation) = Operation::parse(&kind) {
                    tries.push(PastTry { operation, result, time_ms: time_ms.unsigned_abs() });
                }
            }
            Ok(tries)
        };
        read().map_err(|error| self.failed(&error))
    }

    /// Writes all of these or none; when it returns, they are on disk.
    pub(super) fn append(&mut self, appends: &[Append]) -> Result<(), AuditError> {
        // SQLite goes on writing into a deleted file without an error.
        let log = inode_of(&log_path(&self.path));
        if inode_of(&self.path) != Some(self.inode) || (self.log_inode.is_some() && log != self.log_inode) {
            return Err(AuditError::Gone { path: self.path.clone() });
        }
        let path = &self.path;
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction()?;
            for append in appends {
                insert(&transaction, append)?;
            }
            transaction.commit()
        };
        write().map_err(|error| AuditError::Database { path: path.clone(), message: error.to_string() })?;
        self.log_inode = inode_of(&log_path(&self.path));
        Ok(())
    }

    fn failed(&self, error: &rusqlite::Error) -> AuditError {
        AuditError::Database { path: self.path.clone(), message: error.to_string() }
    }
}

fn inode_of(path: &Path) -> Option<u64> {
    std::fs::metadata(path).map(|metadata| metadata.ino()).ok()
}

fn log_path(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

fn insert(connection: &Connection, append: &Append) -> rusqlite::Result<()> {
    match append {
        Append::Intent { operation, intent } => connection
            .prepare_cached(
                "INSERT INTO records (time_ms, operation, phase, kind, uid, pid, caller, token, certificate,
                    algorithm, digest, reason) VALUES (?1, ?2, 'intent', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                now_ms().cast_signed(),
                operation.cast_signed(),
                intent.operation.as_str(),
                intent.uid,
                intent.pid,
                intent.caller,
                intent.token,
                intent.certificate,
                intent.algorithm,
                intent.digest,
                intent.reason,
            ])?,
        Append::Result { operation, result } => connection
            .prepare_cached("INSERT INTO records (time_ms, operation, phase, result) VALUES (?1, ?2, 'result', ?3)")?
            .execute(params![now_ms().cast_signed(), operation.cast_signed(), result])?,
    };
    Ok(())
}

/// Time as the records have it: Unix milliseconds, by the computer's clock.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
