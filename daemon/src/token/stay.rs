//! Is the person still there, in whose session a dialog was opened or a login made? A stay ends once and for all; who
//! comes back begins another. Where the news come from is not known here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use ukey_dbus::{Error, ErrorKind};

/// A session, by the name that its manager gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(pub String);

/// Where a person is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whereabouts {
    /// Nobody can tell: there is no manager of sessions.
    Unknown,
    /// In no session.
    Outside,
    Session(SessionId),
}

/// Why a stay has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    ScreenLocked,
    SessionSwitched,
    SessionEnded,
    /// A manager of sessions came; which session it was, nobody can tell any more.
    SessionUnknown,
    Suspend,
    Shutdown,
}

impl Departure {
    /// The words on record.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ScreenLocked => "screen locked",
            Self::SessionSwitched => "session switched",
            Self::SessionEnded => "session ended",
            Self::SessionUnknown => "session unknown",
            Self::Suspend => "suspend",
            Self::Shutdown => "shutdown",
        }
    }

    /// What a caller hears whose dialog or try it ended.
    pub(crate) fn cancelled(self) -> Error {
        Error::new(ErrorKind::Cancelled, format!("nobody is there any more: {}", self.as_str()))
    }
}

/// A stay. Clones are of the same.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    ended: watch::Receiver<Option<Departure>>,
}

impl Stay {
    /// Why it has ended, if it has.
    pub(crate) fn departure(&self) -> Option<Departure> {
        *self.ended.borrow()
    }

    /// `Cancelled` when it has ended.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.departure().map_or(Ok(()), |why| Err(why.cancelled()))
    }

    /// Waits for its end.
    pub(crate) fn ended(&self) -> impl Future<Output = Departure> + use<> {
        let mut ended = self.ended.clone();
        async move {
            match ended.wait_for(Option::is_some).await.map(|why| *why) {
                Ok(Some(why)) => why,
                // Nobody is left to tell.
                _ => std::future::pending().await,
            }
        }
    }
}

/// Stays by whereabouts: everybody in one place leaves together.
#[derive(Default)]
pub(crate) struct Stays(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    going_on: HashMap<Whereabouts, watch::Sender<Option<Departure>>>,
    /// Why none can begin.
    closed: Option<Departure>,
}

impl Stays {
    /// The stay of somebody who is there; one that has ended already while the stays are closed.
    pub(crate) fn begin(&self, place: Whereabouts) -> Stay {
        let mut inner = self.lock();
        if inner.closed.is_some() {
            return Stay { ended: watch::channel(inner.closed).1 };
        }
        // Those that no dialog and no login depends on any more.
        inner.going_on.retain(|_, stay| stay.receiver_count() > 0);
        let stay = inner.going_on.entry(place).or_insert_with(|| watch::Sender::new(None));
        Stay { ended: stay.subscribe() }
    }

    /// Ends those in this place.
    pub(crate) fn end(&self, place: &Whereabouts, why: Departure) {
        if let Some(stay) = self.lock().going_on.remove(place) {
            stay.send_replace(Some(why));
        }
    }

    /// Ends all of them, and lets none begin until they are opened.
    pub(crate) fn close(&self, why: Departure) {
        let mut inner = self.lock();
        inner.closed = Some(why);
        for (_, stay) in inner.going_on.drain() {
            stay.send_replace(Some(why));
        }
    }

    /// Stays can begin.
    pub(crate) fn open(&self) {
        self.lock().closed = None;
    }

    /// Can none begin?
    pub(crate) fn are_closed(&self) -> bool {
        self.lock().closed.is_some()
    }

    /// Sessions in which somebody stays.
    pub(crate) fn sessions(&self) -> Vec<SessionId> {
        let inner = self.lock();
        let used = inner.going_on.iter().filter(|(_, stay)| stay.receiver_count() > 0);
        used.filter_map(|(place, _)| match place {
            Whereabouts::Session(session) => Some(session.clone()),
            Whereabouts::Unknown | Whereabouts::Outside => None,
        })
        .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str) -> Whereabouts {
        Whereabouts::Session(SessionId(name.to_owned()))
    }

    #[test]
    fn only_those_in_the_place_leave_and_who_comes_back_stays_anew() {
        let stays = Stays::default();
        let (clerk, nurse) = (stays.begin(session("c1")), stays.begin(session("c2")));
        let also_the_clerk = stays.begin(session("c1"));
        stays.end(&session("c1"), Departure::ScreenLocked);
        assert_eq!(clerk.departure(), Some(Departure::ScreenLocked));
        assert_eq!(also_the_clerk.departure(), Some(Departure::ScreenLocked));
        assert_eq!(nurse.departure(), None);
        assert_eq!(stays.begin(session("c1")).departure(), None);
        assert_eq!(clerk.departure(), Some(Departure::ScreenLocked), "an end is for good");
    }

    #[test]
    fn a_stay_that_begins_during_the_sleep_has_ended() {
        let stays = Stays::default();
        let before = stays.begin(Whereabouts::Outside);
        stays.close(Departure::Suspend);
        assert_eq!(before.departure(), Some(Departure::Suspend));
        let late = stays.begin(session("c1"));
        assert_eq!(late.departure(), Some(Departure::Suspend));
        stays.open();
        assert_eq!(late.departure(), Some(Departure::Suspend), "also when the computer is awake again");
        assert_eq!(stays.begin(session("c1")).departure(), None);
    }

    #[test]
    fn sessions_that_nothing_depends_on_are_forgotten() {
        let stays = Stays::default();
        let kept = stays.begin(session("c1"));
        drop(stays.begin(session("c2")));
        assert_eq!(stays.sessions(), [SessionId("c1".to_owned())]);
        drop(kept);
        assert_eq!(stays.sessions(), []);
    }

    #[tokio::test]
    async fn whoever_waits_hears_why() {
        let stays = Stays::default();
        let stay = stays.begin(session("c1"));
        let waiting = tokio::spawn({
            let stay = stay.clone();
            async move { stay.ended().await }
        });
        tokio::task::yield_now().await;
        stays.end(&session("c1"), Departure::SessionEnded);
        assert_eq!(waiting.await.unwrap(), Departure::SessionEnded);
        assert_eq!(stay.ended().await, Departure::SessionEnded, "also who asks later");
    }
}
