//! A login and its end.

use super::consent::Consents;
use super::stay::{Departure, Stay};
use crate::config::LoginSettings;
use crate::modules::InUse;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse};
use rustix::time::{ClockId, clock_gettime};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, Sleep, sleep};
use ukey_shim_protocol::KeyRef;

/// Longest time between two looks at a login's limits: the clock by which one waits stands still while the computer
/// sleeps.
const CLOCK_LOOK: Duration = Duration::from_secs(30);

/// One user's login to one Key.
pub(super) struct Login {
    pub(super) uid: u32,
    pub(super) always_authenticate: Arc<[KeyRef]>,
    pub(super) consents: Arc<Consents>,
    _module_in_use: InUse,
    /// Whose end is the login's.
    pub(super) stay: Stay,
    /// That end. Kept, as the next look is: they are waited for again after each signature.
    departed: Fuse<BoxFuture<'static, Departure>>,
    next_look: Pin<Box<Sleep>>,
    /// Times since the start of the computer, its sleep included.
    started: Duration,
    last_use: Duration,
    /// Shown by `GetLogin`: end at the latest without further use, Unix seconds.
    expires: Arc<AtomicU64>,
}

impl Login {
    /// Begins now.
    pub(super) fn begin(
        uid: u32,
        consents: Consents,
        always_authenticate: Vec<KeyRef>,
        module_in_use: InUse,
        limits: &LoginSettings,
        stay: Stay,
    ) -> Self {
        let now = since_boot();
        let always_authenticate = always_authenticate.into();
        let departed: BoxFuture<'static, Departure> = Box::pin(stay.ended());
        let login = Self {
            uid,
            always_authenticate,
            consents: Arc::new(consents),
            _module_in_use: module_in_use,
            stay,
            departed: departed.fuse(),
            next_look: Box::pin(sleep(left(now, now, now, limits).min(CLOCK_LOOK))),
            started: now,
            last_use: now,
            expires: Arc::default(),
        };
        login.show(limits);
        login
    }

    /// The Key was used.
    pub(super) fn used(&mut self, limits: &LoginSettings) {
        self.last_use = since_boot();
        self.show(limits);
    }

    /// How long it lasts without further use.
    pub(super) fn left(&self, limits: &LoginSettings) -> Duration {
        left(self.started, self.last_use, since_boot(), limits)
    }

    /// Waits until its person has left or some of its time is over: it may have ended.
    pub(super) async fn may_have_ended(&mut self, limits: &LoginSettings) {
        tokio::select! {
            _ = &mut self.departed => {}
            () = &mut self.next_look => {
                let next = Instant::now() + self.left(limits).min(CLOCK_LOOK);
                self.next_look.as_mut().reset(next);
            }
        }
    }

    /// Is its time over?
    pub(super) fn is_over(&self, limits: &LoginSettings) -> bool {
        self.left(limits).is_zero()
    }

    /// The time that `GetLogin` shows; kept current.
    pub(super) fn expires(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.expires)
    }

    fn show(&self, limits: &LoginSettings) {
        let end = SystemTime::now() + self.left(limits);
        let seconds = end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.expires.store(seconds, Ordering::Relaxed);
    }
}

fn left(started: Duration, last_use: Duration, now: Duration, limits: &LoginSettings) -> Duration {
    (last_use + limits.idle()).min(started + limits.max()).saturating_sub(now)
}

/// Goes on while the computer sleeps, and nobody can set it.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    // Never negative.
    Duration::new(now.tv_sec.try_into().unwrap_or_default(), now.tv_nsec.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3600)
    }

    #[test]
    fn a_login_lasts_as_long_as_it_is_used_and_eight_hours_at_most() {
        let limits = LoginSettings::default();
        let start = hours(100);
        assert_eq!(left(start, start, start, &limits), limits.idle());
        assert_eq!(left(start, start, start + limits.idle(), &limits), Duration::ZERO);
        let used = start + hours(8) - Duration::from_secs(60);
        assert_eq!(left(start, used, used, &limits), Duration::from_secs(60));
        assert_eq!(left(start, start + hours(8), start + hours(8), &limits), Duration::ZERO);
    }

    #[test]
    fn a_night_of_sleep_counts() {
        let start = hours(100);
        assert_eq!(left(start, start, start + hours(12), &LoginSettings::default()), Duration::ZERO);
    }

    #[test]
    fn the_clock_goes_on() {
        let before = since_boot();
        assert!(before > Duration::ZERO);
        assert!(since_boot() >= before);
    }
}
