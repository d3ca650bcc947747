//! The computer's sleep: it waits, for a short time, until all Keys are logged out, and they are read anew after it.

use super::Logind;
use crate::token::{Departure, KeyHandle, Keyring};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// How long sleep may wait for Keys. logind waits 5 s by default (`InhibitDelayMaxSec`), for all together.
const PATIENCE: Duration = Duration::from_secs(3);

impl Logind {
    /// Waits until the computer has woken up; each time once.
    pub(in crate::bus) async fn awoken(&self) {
        self.awoken.notified().await;
    }

    /// Ends every login, and lets the computer sleep when it is done or takes too long.
    pub(super) fn fall_asleep(&self) {
        self.stays.close(Departure::Suspend);
        // Closed when it is dropped: that is what logind waits for.
        let inhibitor = self.inhibitor().take();
        let keyring = Arc::clone(&self.keyring);
        tokio::spawn(async move {
            log_out(&keyring).await;
            drop(inhibitor);
        });
    }

    /// Keys may have been exchanged meanwhile, and unlocked or locked elsewhere.
    pub(super) fn wake_up(self: &Arc<Self>) {
        self.stays.open();
        self.awoken.notify_one();
        self.delay_sleep();
    }

    /// From now on sleep waits for us.
    pub(super) fn delay_sleep(self: &Arc<Self>) {
        let logind = Arc::clone(self);
        tokio::spawn(async move {
            match logind.client.inhibit_sleep().await {
                Ok(inhibitor) => {
                    *logind.inhibitor() = Some(inhibitor);
                    if logind.stays.are_closed() {
                        // It has begun while we asked.
                        logind.fall_asleep();
                    }
                }
                Err(error) => tracing::warn!(%error, "sleep will not wait until Keys are logged out"),
            }
        });
    }

    /// Sleep does not wait for us any more.
    pub(super) fn let_sleep(&self) {
        self.inhibitor().take();
    }
}

async fn log_out(keyring: &Keyring) {
    let keys = keyring.keys();
    let all = join_all(keys.iter().map(KeyHandle::settled));
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("the computer goes to sleep although a Key does not answer");
    }
}
