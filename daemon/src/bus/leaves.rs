//! What polkit has allowed a connection a moment ago. Only a plain yes is kept, for one action, until polkit or a session
//! changes or the caller stands otherwise, and never for longer than [`KEPT`].

use super::authorize::Action;
use super::standing::Standing;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What polkit itself does not tell, such as another membership of a group, counts after this.
pub(super) const KEPT: Duration = Duration::from_secs(5);

/// The leaves, by unique bus name, which a bus never gives twice.
#[derive(Default)]
pub(super) struct Leaves(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    yes: HashMap<String, Yes>,
    epoch: u64,
    /// Nothing is heard of changes any more.
    closed: bool,
}

/// An answer.
struct Yes {
    until: Instant,
    /// How the caller stood before polkit was asked.
    standing: Standing,
}

/// A time between two changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// Signing is asked for often; what is rare is asked each time.
fn is_kept(action: Action) -> bool {
    action == Action::Sign
}

impl Leaves {
    /// Which time it is now; ask for it before polkit is asked.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.lock().epoch)
    }

    /// Polkit said yes to a question that was asked at this time, when the caller stood like this.
    pub(super) fn keep(&self, asked: Epoch, caller: (&str, Standing), action: Action, now: Instant) {
        let mut inner = self.lock();
        if !is_kept(action) || inner.closed || inner.epoch != asked.0 {
            return;
        }
        inner.yes.retain(|_, yes| yes.until > now);
        let (name, standing) = caller;
        inner.yes.insert(name.to_owned(), Yes { until: now + KEPT, standing });
    }

    /// Does such a yes still hold, the caller standing as before?
    pub(super) fn has(&self, name: &str, action: Action, now: Instant) -> bool {
        let holds = |yes: &Yes| yes.until > now && yes.standing.holds();
        is_kept(action) && self.lock().yes.get(name).is_some_and(holds)
    }

    /// Something has changed.
    pub(super) fn forget(&self) {
        let mut inner = self.lock();
        inner.epoch += 1;
        inner.yes.clear();
    }

    /// Forgets, and keeps nothing any more.
    pub(super) fn close(&self) {
        self.forget();
        self.lock().closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{ProgramOnce, User};

    /// Of a user that does not exist.
    fn standing() -> Standing {
        Standing::of(&User { uid: u32::MAX, pid: 1, name: String::new(), program: ProgramOnce::default() })
    }

    fn keep(leaves: &Leaves, asked: Epoch, name: &str, action: Action, now: Instant) {
        leaves.keep(asked, (name, standing()), action, now);
    }

    fn has(leaves: &Leaves, name: &str, action: Action, now: Instant) -> bool {
        leaves.has(name, action, now)
    }

    #[test]
    fn a_yes_holds_for_its_connection_and_action_for_a_moment() {
        let (leaves, now) = (Leaves::default(), Instant::now());
        keep(&leaves, leaves.epoch(), ":1.1", Action::Sign, now);
        assert!(has(&leaves, ":1.1", Action::Sign, now));
        assert!(!has(&leaves, ":1.2", Action::Sign, now));
        assert!(!has(&leaves, ":1.1", Action::Login, now));
        assert!(!has(&leaves, ":1.1", Action::Sign, now + KEPT));
    }

    #[test]
    fn only_signing_is_kept() {
        let (leaves, now) = (Leaves::default(), Instant::now());
        for action in [Action::Login, Action::ChangePin, Action::UnblockPin, Action::ReadAudit, Action::RecoverAudit] {
            keep(&leaves, leaves.epoch(), ":1.1", action, now);
            assert!(!has(&leaves, ":1.1", action, now), "{action:?}");
        }
        assert!(leaves.lock().yes.is_empty());
    }

    #[test]
    fn a_change_ends_them_and_overtakes_answers_under_way() {
        let (leaves, now) = (Leaves::default(), Instant::now());
        let asked = leaves.epoch();
        keep(&leaves, asked, ":1.1", Action::Sign, now);
        leaves.forget();
        assert!(!has(&leaves, ":1.1", Action::Sign, now));
        keep(&leaves, asked, ":1.1", Action::Sign, now);
        assert!(!has(&leaves, ":1.1", Action::Sign, now), "an answer from before the change");
        leaves.close();
        keep(&leaves, leaves.epoch(), ":1.1", Action::Sign, now);
        assert!(!has(&leaves, ":1.1", Action::Sign, now), "nobody would say that it changed");
    }

    #[test]
    fn those_whose_time_is_over_take_no_room() {
        let (leaves, now) = (Leaves::default(), Instant::now());
        for number in 0..100 {
            keep(&leaves, leaves.epoch(), &format!(":1.{number}"), Action::Sign, now + KEPT * number);
        }
        assert_eq!(leaves.lock().yes.len(), 1);
    }
}
