//! The audit journal: what was asked of a Key and what came of it, in SQLite, along a chain of hashes. A record is either
//! an intent, written before or while the Key works, or its result. An intent without a result means that the outcome
//! is unknown.

mod append;
mod chain;
mod check;
mod desk;
mod error;
mod journal;
mod linger;
mod names;
mod open;
mod publish;
mod query;
mod record;
mod recovery;
mod results;
mod retention;
mod row;
mod schema;
mod store;

pub(crate) use check::ChainCheck;
pub(crate) use error::AuditError;
pub(crate) use journal::{Journal, Record};
pub(crate) use query::{Entry, Filter};
pub(crate) use record::{Intent, Operation, PastTry};
pub(crate) use retention::Retention;
pub(crate) use store::now_ms;
