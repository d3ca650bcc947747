//! Why the journal can't be written or read.

use std::path::{Path, PathBuf};

/// The journal can't be written or read.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum AuditError {
    #[error("audit journal {path}: {message}", path = path.display())]
    Database { path: PathBuf, message: String },
    #[error("audit journal {path} is damaged: {message}; ukeyctl audit recover", path = path.display())]
    Damaged { path: PathBuf, message: String },
    #[error("audit journal {path} was moved or deleted while in use", path = path.display())]
    Gone { path: PathBuf },
    #[error("audit journal: its writer has ended")]
    Closed,
}

/// What SQLite says, told apart from damage.
pub(super) fn failure(path: &Path, error: &rusqlite::Error) -> AuditError {
    let (path, message) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            AuditError::Damaged { path, message }
        }
        _ => AuditError::Database { path, message },
    }
}

/// What the system says.
pub(super) fn io_failure(path: &Path, error: &std::io::Error) -> AuditError {
    AuditError::Database { path: path.to_owned(), message: error.to_string() }
}
