//! The pause in which appends gather where many are under way: one transaction then serves all. It ends as soon as somebody
//! needs what is gathered.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct Inner {
    /// Somebody waits. Kept until the next pause, so that who came before it does not wait for its end.
    wanted: Mutex<bool>,
    changed: Condvar,
}

/// The writer's pause. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Linger(Arc<Inner>);

impl Linger {
    /// Waits for so long, or until somebody hurries, or not at all where somebody has since the last pause.
    pub(super) fn pause(&self, longest: Duration) {
        let wait = self.0.changed.wait_timeout_while(self.wanted(), longest, |wanted| !*wanted);
        let (mut wanted, _) = wait.unwrap_or_else(PoisonError::into_inner);
        *wanted = false;
    }

    /// Ends the pause.
    pub(super) fn hurry(&self) {
        let mut wanted = self.wanted();
        if !std::mem::replace(&mut *wanted, true) {
            self.0.changed.notify_one();
        }
    }

    fn wanted(&self) -> MutexGuard<'_, bool> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    const EVER: Duration = Duration::from_secs(3600);

    #[test]
    fn a_pause_ends_when_somebody_hurries() {
        let linger = Linger::default();
        for _ in 0..1000 {
            let writer = std::thread::spawn({
                let linger = linger.clone();
                move || linger.pause(EVER)
            });
            linger.hurry();
            writer.join().unwrap();
        }
    }

    #[test]
    fn who_hurried_ends_one_pause_and_no_more() {
        let (linger, a_moment) = (Linger::default(), Duration::from_millis(20));
        linger.hurry();
        linger.hurry();
        linger.pause(EVER);
        let start = Instant::now();
        linger.pause(a_moment);
        assert!(start.elapsed() >= a_moment);
    }
}
