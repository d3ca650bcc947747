//! What ukeyd shows: its modules, its Keys and their certificates, kept up to date. One snapshot is one moment; it
//! never changes, and every text in it is one bounded line without control characters.

mod certificate;
mod key;
mod mirror;
mod module;
mod snapshot;

#[cfg(test)]
pub(crate) mod fixture;

pub(crate) use certificate::{Certificate, Details};
pub(crate) use key::{Key, Login};
pub(crate) use mirror::Mirror;
pub(crate) use module::Module;
pub(crate) use snapshot::Snapshot;
