//! A login and its end.

use super::consent::Consents;
use crate::config::LoginSettings;
use crate::modules::InUse;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use ukey_shim_protocol::KeyRef;

/// One user's login to one Key.
pub(super) struct Login {
    pub(super) uid: u32,
    pub(super) always_authenticate: Arc<[KeyRef]>,
    pub(super) consents: Arc<Consents>,
    _module_in_use: InUse,
    started: Instant,
    last_use: Instant,
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
    ) -> Self {
        let now = Instant::now();
        let always_authenticate = always_authenticate.into();
        let login = Self {
            uid,
            always_authenticate,
            consents: Arc::new(consents),
            _module_in_use: module_in_use,
            started: now,
            last_use: now,
            expires: Arc::default(),
        };
        login.show(limits);
        login
    }

    /// The Key was used.
    pub(super) fn used(&mut self, limits: &LoginSettings) {
        self.last_use = Instant::now();
        self.show(limits);
    }

    /// When it ends without further use.
    pub(super) fn ends(&self, limits: &LoginSettings) -> Instant {
        (self.last_use + limits.idle()).min(self.started + limits.max())
    }

    /// The time that `GetLogin` shows; kept current.
    pub(super) fn expires(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.expires)
    }

    fn show(&self, limits: &LoginSettings) {
        let left = self.ends(limits).saturating_duration_since(Instant::now());
        let end = SystemTime::now() + left;
        let seconds = end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.expires.store(seconds, Ordering::Relaxed);
    }
}
