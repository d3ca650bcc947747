//! The audit journal: what was asked of a Key and what came of it, in SQLite. A record is either an intent, written
//! before or while the Key works, or its result. An intent without a result means that the outcome is unknown.

mod journal;
mod record;
mod store;

pub(crate) use journal::Journal;
pub(crate) use record::{Intent, Operation, PastTry};
pub(crate) use store::AuditError;
pub(crate) use store::now_ms;
