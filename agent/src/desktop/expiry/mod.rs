//! Notices of certificates whose end comes near: one for each certificate and day, remembered across restarts and shared
//! by all sessions of a user.
//!
//! `schedule` decides, from the time, the `calendar` of the user's `zone` and the `memory` that `store` keeps; `runner`
//! sleeps until its next moment; `words` says it.

mod calendar;
mod memory;
mod runner;
mod schedule;
mod store;
mod words;
mod zone;

pub(crate) use calendar::Calendar;
pub(crate) use runner::Expiry;
pub(crate) use words::Words;
pub(crate) use zone::calendar;
