//! An alarm clock: sleeps until a moment of the computer's clock, and wakes early when somebody sets that clock. The
//! kernel does the waiting, also through a suspend; nothing looks at the time in between.
#![forbid(unsafe_code)]

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::unix::AsyncFd;

/// For an alarm without a moment: it still wakes when the clock is set.
const NEVER: u64 = i64::MAX as u64 / 1_000_000_000;

/// Unix time in whole seconds, by the computer's clock; 0 before 1970.
pub fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// An alarm on the computer's clock. Needs a tokio runtime.
#[derive(Debug)]
pub struct Alarm {
    timer: AsyncFd<Timer>,
}

#[derive(Debug)]
struct Timer(TimerFd);

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Alarm {
    /// An alarm that isn't set.
    ///
    /// # Errors
    /// What the kernel says where it can't make one: no more descriptors, say.
    pub fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_REALTIME, flags)?;
        #[allow(deprecated, reason = "its successor is unsafe; this timer keeps its descriptor until it is dropped")]
        let timer = AsyncFd::new(Timer(timer))?;
        Ok(Self { timer })
    }

    /// Returns at `moment` (Unix seconds), or when the clock was set, whichever comes first; without a moment only then.
    /// `known` is the time for which `moment` was found: a clock that stands before it now was set meanwhile. Dropping
    /// the wait is fine.
    ///
    /// # Errors
    /// What the kernel says; the alarm may be tried again.
    pub async fn wait(&self, known: u64, moment: Option<u64>) -> io::Result<()> {
        let moment = moment.unwrap_or(NEVER).min(NEVER);
        // 0 would switch it off.
        let seconds = i64::try_from(moment).unwrap_or(i64::MAX).max(1);
        let flags = TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET;
        match self.timer.get_ref().0.set(Expiration::OneShot(TimeSpec::new(seconds, 0)), flags) {
            // The clock was set since the last time.
            Err(Errno::ECANCELED) => return Ok(()),
            set => set?,
        }
        let now = unix_now();
        if now < known || now >= moment {
            return Ok(());
        }
        loop {
            let mut ready = self.timer.readable().await?;
            // A timer that was cancelled, because the clock was set, counts as read.
            match self.timer.get_ref().0.wait() {
                Ok(()) => return Ok(()),
                Err(Errno::EAGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn it_wakes_at_its_moment_and_not_before() {
        let alarm = Alarm::new().unwrap();
        for _ in 0..2 {
            let now = unix_now();
            timeout(LONG, alarm.wait(now, Some(now + 1))).await.unwrap().unwrap();
            assert_eq!(unix_now(), now + 1);
        }
    }

    #[tokio::test]
    async fn what_has_passed_wakes_at_once() {
        let alarm = Alarm::new().unwrap();
        let now = unix_now();
        for (known, moment) in [(now, Some(0)), (now, Some(now)), (now + 1000, Some(now + 2000)), (now + 1000, None)] {
            timeout(LONG, alarm.wait(known, moment)).await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_wait_that_was_given_up_leaves_nothing_behind() {
        let alarm = Alarm::new().unwrap();
        let now = unix_now();
        assert!(timeout(Duration::from_millis(20), alarm.wait(now, Some(now + 1))).await.is_err());
        assert!(timeout(Duration::from_millis(1500), alarm.wait(now, Some(u64::MAX))).await.is_err());
        assert!(timeout(Duration::from_millis(20), alarm.wait(now, None)).await.is_err());
    }
}
