//! A database that can't be used is kept as evidence, under another name.

use super::error::AuditError;
use super::store::now_ms;
use std::path::Path;

/// Renames the database's files; returns the new name of the first.
pub(super) fn move_aside(path: &Path) -> Result<String, AuditError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = format!("{name}.damaged-{}", now_ms());
    for extension in ["", "-wal", "-shm"] {
        let from = path.with_file_name(format!("{name}{extension}"));
        let to = path.with_file_name(format!("{aside}{extension}"));
        match std::fs::rename(&from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(AuditError::Database { path: from, message: format!("cannot be moved: {error}") });
            }
        }
    }
    Ok(aside)
}
