//! Flags that could not be read after a try.

use std::time::Duration;
use tokio::time::Instant;

/// When flags that could not be read are tried to be read again. A Key that is back before it was missed says nothing.
pub(super) struct ReadAgain {
    at: Instant,
    wait: Duration,
}

impl ReadAgain {
    const FIRST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(60);

    /// After the first that failed: in a second.
    pub(super) fn first() -> Self {
        Self { at: Instant::now() + Self::FIRST, wait: Self::FIRST }
    }

    /// After another reading that failed: twice as long, up to a minute.
    pub(super) fn later(self) -> Self {
        let wait = (self.wait * 2).min(Self::LONGEST);
        Self { at: Instant::now() + wait, wait }
    }

    /// When.
    pub(super) fn at(&self) -> Instant {
        self.at
    }
}
