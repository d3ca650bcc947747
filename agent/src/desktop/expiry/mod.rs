//! Notices of certificates whose end comes near: one for each certificate and day, remembered across restarts and shared
//! by all sessions of a user.

mod calendar;
mod memory;
mod schedule;
