//! `org.ukeyd.UKey1.Token`.

use super::authorize::Action;
use super::call;
use super::options::{PromptPolicy, RawOptions};
use super::service::Service;
use crate::prompt::Purpose;
use crate::token::{KeyHandle, KeySnapshot, Takeover};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ukey_dbus::{Error, ErrorKind, names};
use zbus::message::Header;
use zbus::{ObjectPath, OwnedObjectPath};

/// A Key that is plugged in.
pub(super) struct TokenObject {
    service: Arc<Service>,
    key: KeyHandle,
}

impl TokenObject {
    pub(super) fn new(service: Arc<Service>, key: KeyHandle) -> Self {
        Self { service, key }
    }

    fn snapshot(&self) -> Arc<KeySnapshot> {
        self.key.snapshot()
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Token")]
impl TokenObject {
    async fn login(&self, options: RawOptions, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let result = call::run(&self.service, &header, options, Action::Login, async |call| {
            if call.options.prompt == PromptPolicy::Never && !self.key.is_logged_in(call.caller.user.uid) {
                return Err(Error::new(ErrorKind::LoginRequired, "a login needs a dialog, and prompt is never"));
            }
            let purpose =
                Purpose { reason: call.options.reason.clone(), takeover: Takeover::Allowed, certificate: None };
            self.service.broker.login(&self.key, &call.caller, &purpose, &call.cancelled).await
        })
        .await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    async fn logout(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let caller = self.service.callers.of(&header).await?;
        self.service.authorizer.check(&caller, &header, Action::Login).await?;
        let result = self.key.logout(caller.user).await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    #[zbus(out_args("mine", "expires"))]
    async fn get_login(&self, #[zbus(header)] header: Header<'_>) -> Result<(bool, u64), Error> {
        let caller = self.service.callers.of(&header).await?;
        let snapshot = self.snapshot();
        let mine = snapshot.login.as_ref().filter(|login| login.uid == caller.user.uid);
        Ok(mine.map_or((false, 0), |login| (true, login.expires.load(Ordering::Relaxed))))
    }

    #[zbus(property)]
    fn label(&self) -> String {
        self.snapshot().label.clone()
    }

    #[zbus(property)]
    fn serial_number(&self) -> String {
        self.snapshot().serial_number.clone()
    }

    #[zbus(property)]
    fn manufacturer(&self) -> String {
        self.snapshot().manufacturer.clone()
    }

    #[zbus(property)]
    fn model(&self) -> String {
        self.snapshot().model.clone()
    }

    #[zbus(property)]
    fn module(&self) -> OwnedObjectPath {
        // The function makes valid paths of any name; a test says so.
        ObjectPath::from_string_unchecked(names::module_path(&self.snapshot().module)).into()
    }

    #[zbus(property)]
    fn state(&self) -> String {
        self.snapshot().state.to_string()
    }

    #[zbus(property)]
    fn pin_state(&self) -> String {
        self.snapshot().pin.state.to_string()
    }

    #[zbus(property)]
    fn so_pin_state(&self) -> String {
        self.snapshot().so_pin.state.to_string()
    }

    #[zbus(property)]
    fn pin_tries_remaining(&self) -> i32 {
        self.snapshot().pin.tries_or_minus_one()
    }

    #[zbus(property)]
    fn so_pin_tries_remaining(&self) -> i32 {
        self.snapshot().so_pin.tries_or_minus_one()
    }

    #[zbus(property)]
    fn unblock_supported(&self) -> bool {
        self.snapshot().unblock_supported
    }
}
