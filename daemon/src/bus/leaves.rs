//! What polkit has allowed a connection a moment ago. Only a plain yes is kept, for one action, until polkit or a session
//! changes or the caller stands otherwise, and never for longer than [`KEPT`].

use super::authorize::Action;
use super::standing::Standing;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What polkit itself does not tell, such as another membership of a group, counts after this.
pub(super) const KEPT: Duration = Duration::from_secs(30);
/// One in use is asked for anew after this, so that nobody who signs all the time waits for polkit.
const RENEWED: Duration = Duration::from_secs(20);

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
    /// When polkit was asked.
    since: Instant,
    /// How the caller stood before that.
    standing: Standing,
    /// Polkit is being asked again.
    renewing: bool,
}

impl Yes {
    fn holds(&self, now: Instant) -> bool {
        now < self.since + KEPT && self.standing.holds()
    }
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// Nothing: polkit has to be asked.
    Missing,
    Given,
    /// Given, and it is time to ask again beside. Said once.
    Ageing,
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
        inner.yes.retain(|_, yes| now < yes.since + KEPT);
        let (name, standing) = caller;
        inner.yes.insert(name.to_owned(), Yes { since: now, standing, renewing: false });
    }

    /// Does such a yes still hold, the caller standing as before?
    pub(super) fn look(&self, name: &str, action: Action, now: Instant) -> Leave {
        if !is_kept(action) {
            return Leave::Missing;
        }
        match self.lock().yes.get_mut(name).filter(|yes| yes.holds(now)) {
            None => Leave::Missing,
            Some(yes) if now >= yes.since + RENEWED && !yes.renewing => {
                yes.renewing = true;
                Leave::Ageing
            }
            Some(_) => Leave::Given,
        }
    }

    /// Polkit has said something else of this caller.
    pub(super) fn drop(&self, name: &str) {
        self.lock().yes.remove(name);
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
        leaves.look(name, action, now) != Leave::Missing
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
    fn one_in_use_is_renewed_once_before_it_ends() {
        let (leaves, start) = (Leaves::default(), Instant::now());
        let look = |now| leaves.look(":1.1", Action::Sign, now);
        keep(&leaves, leaves.epoch(), ":1.1", Action::Sign, start);
        let later = start + RENEWED;
        assert_eq!([look(start), look(later), look(later)], [Leave::Given, Leave::Ageing, Leave::Given]);
        keep(&leaves, leaves.epoch(), ":1.1", Action::Sign, later);
        assert_eq!([look(start + KEPT), look(later + RENEWED)], [Leave::Given, Leave::Ageing]);
        assert_eq!(look(later + KEPT), Leave::Missing, "a question without an answer gives no more time");
        keep(&leaves, leaves.epoch(), ":1.1", Action::Sign, later);
        leaves.drop(":1.1");
        assert_eq!(look(later), Leave::Missing);
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
