//! What was done, in numbers, for monitoring: counts and times since the start, and the calls that ended lately. Nothing in
//! here knows who called or what was signed.

mod course;
mod histogram;
mod tally;

pub(crate) use course::{Course, Span};
pub(crate) use histogram::BOUNDS_US;
pub(crate) use tally::{Combination, Counted, Ended, Statistics, Totals};
