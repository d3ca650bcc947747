//! ukeyd as it is seen on D-Bus: read only. Every word that comes from there is one of the contract's or is dropped, so
//! that no text of a Key, a certificate or a program can get any further.

mod changes;
mod counters;
mod read;
mod sample;

pub(crate) use changes::Changes;
pub(crate) use counters::{Call, Counted, Part, Totals};
pub(crate) use read::Reader;
pub(crate) use sample::{Certificate, Key, Sample};
