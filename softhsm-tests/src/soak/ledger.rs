//! The tries of one Key: what callers were told against what the lab has counted.

use super::desk::Entry;
use super::program::Answer;
use std::ops::RangeInclusive;
use ukey_dbus::{ErrorKind, PinCounter};

/// Tries that answers account for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// Used for certain.
    pub(super) certain: u64,
    /// Used or not: the answer was lost, or nobody was there for it.
    pub(super) possible: u64,
}

impl Ledger {
    /// The tries of a call during which this many PINs were typed, all of this kind.
    pub(super) fn of(answer: &Answer, typed: u64, entry: Entry) -> Self {
        let (certain, possible) = match answer {
            _ if typed == 0 => (0, 0),
            Answer::Done | Answer::Signature(_) => (1, 0),
            // The dialog stays, and what is typed there is tried.
            Answer::Refused(ErrorKind::Timeout) => (0, 1),
            Answer::Refused(kind) => match kind.pin_counter() {
                PinCounter::UsedATry => (1, 0),
                PinCounter::Unknown => (0, 1),
                // A right one may have been taken before something else went wrong; that moves no counter.
                PinCounter::Untouched if entry == Entry::Right => (0, 1),
                PinCounter::Untouched => (0, 0),
            },
            Answer::Gone | Answer::Odd(_) => (0, 0),
        };
        Self { certain, possible }
    }

    /// One that nobody waited for.
    pub(super) const UNHEARD: Self = Self { certain: 0, possible: 1 };

    pub(super) fn add(&mut self, other: Self) {
        self.certain += other.certain;
        self.possible += other.possible;
    }

    /// How many tries the Key may have counted.
    pub(super) fn range(self) -> RangeInclusive<u64> {
        self.certain..=self.certain + self.possible
    }
}
