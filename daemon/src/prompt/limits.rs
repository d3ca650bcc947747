//! How many dialogs one user may be shown: a program can't bury a person in them, and costs nobody else anything.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ukey_dbus::{Error, ErrorKind};

/// Dialogs of one user that are open or wait for the screen at a time: there is one for each Key at most, and no desk has
/// more Keys plugged in.
const OPEN_MAX: usize = 8;
/// Dialogs of one user that may come to nothing within [`WINDOW`], since the last that did not: more than the ten wrong
/// entries that lock most Keys, with which the PIN guard deals.
const FRUITLESS_MAX: usize = 12;
const WINDOW: Duration = Duration::from_secs(300);

#[derive(Default)]
struct Seen {
    open: usize,
    /// When each that came to nothing ended, the first first.
    fruitless: VecDeque<Instant>,
}

impl Seen {
    fn forget_before(&mut self, now: Instant) {
        self.fruitless.retain(|ended| now.saturating_duration_since(*ended) < WINDOW);
    }
}

/// The dialogs of every user.
#[derive(Clone, Default)]
pub(super) struct DialogLimits(Arc<Mutex<HashMap<u32, Seen>>>);

impl DialogLimits {
    /// Makes room for a dialog, or a row of them, that is about to open; `TooManyRequests` when there is none.
    pub(super) fn enter(&self, uid: u32, now: Instant) -> Result<Turn, Error> {
        let mut users = self.lock();
        users.retain(|_, seen| {
            seen.forget_before(now);
            seen.open > 0 || !seen.fruitless.is_empty()
        });
        let seen = users.entry(uid).or_default();
        let refused = |message: String| Err(Error::new(ErrorKind::TooManyRequests, message));
        if seen.open >= OPEN_MAX {
            return refused(format!("{OPEN_MAX} dialogs of yours are open; try again when one has ended"));
        }
        if let (Some(first), true) = (seen.fruitless.front(), seen.fruitless.len() >= FRUITLESS_MAX) {
            let wait = WINDOW.saturating_sub(now.saturating_duration_since(*first)).as_secs() + 1;
            return refused(format!("{FRUITLESS_MAX} dialogs of yours came to nothing; try again in {wait} s"));
        }
        seen.open += 1;
        Ok(Turn { limits: self.clone(), uid })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for one dialog; given back when dropped.
pub(super) struct Turn {
    limits: DialogLimits,
    uid: u32,
}

impl Turn {
    /// It ended: with what the person wanted, with something that no person did, or for nothing.
    pub(super) fn ended<T>(self, result: &Result<T, Error>, now: Instant) {
        let mut users = self.limits.lock();
        let seen = users.entry(self.uid).or_default();
        match result {
            Ok(_) => seen.fruitless.clear(),
            Err(error) if is_fruitless(error.kind()) => seen.fruitless.push_back(now),
            Err(_) => {}
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(seen) = self.limits.lock().get_mut(&self.uid) {
            seen.open = seen.open.saturating_sub(1);
        }
    }
}

/// Did somebody see a dialog for nothing?
fn is_fruitless(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Cancelled
            | ErrorKind::Timeout
            | ErrorKind::ConsentDenied
            | ErrorKind::PinIncorrect
            | ErrorKind::SoPinIncorrect
            | ErrorKind::PinFinalTry
            | ErrorKind::SoPinFinalTry
            | ErrorKind::PinInvalid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed() -> Result<(), Error> {
        Err(Error::new(ErrorKind::Cancelled, "closed"))
    }

    #[test]
    fn a_few_are_open_at_a_time_and_another_user_is_not_concerned() {
        let (limits, now) = (DialogLimits::default(), Instant::now());
        let mut open: Vec<_> = (0..OPEN_MAX).map(|_| limits.enter(7, now).unwrap()).collect();
        assert_eq!(limits.enter(7, now).map(drop).unwrap_err().kind(), ErrorKind::TooManyRequests);
        limits.enter(8, now).unwrap();
        open.pop();
        limits.enter(7, now).unwrap();
    }

    #[test]
    fn those_for_nothing_are_counted_until_one_is_not_or_time_has_passed() {
        let (limits, start) = (DialogLimits::default(), Instant::now());
        for second in 0..FRUITLESS_MAX as u64 {
            let now = start + Duration::from_secs(second);
            limits.enter(7, now).unwrap().ended(&closed(), now);
        }
        let now = start + Duration::from_secs(60);
        let error = limits.enter(7, now).map(drop).unwrap_err();
        assert!(error.message().ends_with("try again in 241 s"), "{error}");
        limits.enter(8, now).unwrap().ended(&closed(), now);
        let later = start + WINDOW;
        limits.enter(7, later).unwrap().ended(&Ok(()), later);
        for _ in 0..FRUITLESS_MAX {
            limits.enter(7, later).unwrap().ended(&closed(), later);
        }
        limits.enter(7, later).map(drop).unwrap_err();
    }

    #[test]
    fn what_no_person_did_does_not_count_and_nothing_is_kept_for_ever() {
        let (limits, now) = (DialogLimits::default(), Instant::now());
        let removed: Result<(), _> = Err(Error::new(ErrorKind::TokenRemoved, "pulled out"));
        for uid in 0..1000 {
            limits.enter(uid, now).unwrap().ended(&removed, now);
        }
        for _ in 0..=FRUITLESS_MAX {
            limits.enter(7, now).unwrap().ended(&removed, now);
        }
        limits.enter(7, now).unwrap().ended(&closed(), now);
        drop(limits.enter(8, now + WINDOW).unwrap());
        assert_eq!(limits.lock().len(), 1);
    }
}
