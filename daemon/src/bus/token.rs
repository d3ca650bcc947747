//! `org.ukeyd.UKey1.Token`.

use super::authorize::Action;
use super::call::{self, Call};
use super::options::{PromptPolicy, RawOptions, invalid, text};
use super::service::Service;
use crate::prompt::Purpose;
use crate::token::{KeyHandle, KeySnapshot, PinTask, Takeover};
use serde_bytes::ByteBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ukey_dbus::options::{RANDOM_MAX, WHO, WHO_SO, WHO_USER};
use ukey_dbus::{Error, ErrorKind, PinState, names};
use ukey_shim_protocol::PinRole;
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

    async fn use_pin(&self, task: PinTask, call: &Call) -> Result<(), Error> {
        if call.options.prompt == PromptPolicy::Never {
            return Err(Error::new(ErrorKind::LoginRequired, "this needs a dialog, and prompt is never"));
        }
        let purpose = Purpose { task, count: 0, reason: call.options.reason.clone(), certificate: None };
        let _timed = call.course.leave();
        self.service.broker.use_pin(&self.key, &call.caller, &purpose, &call.cancelled).await.map(drop)
    }

    fn no_unblock(&self) -> Error {
        if self.snapshot().so_pin.state == PinState::Locked {
            return Error::new(ErrorKind::SoPinLocked, "the SO PIN is locked; the Key must be replaced by its CA");
        }
        let message = "the Key cannot be unlocked by an SO PIN; ask the CA for a replacement";
        Error::new(ErrorKind::UnblockUnsupported, message)
    }
}

/// Takes the option `who` out of the others.
fn who(options: &mut RawOptions) -> Result<PinRole, Error> {
    let Some(value) = options.remove(WHO) else { return Ok(PinRole::User) };
    match text(WHO, value)?.as_str() {
        WHO_USER => Ok(PinRole::User),
        WHO_SO => Ok(PinRole::So),
        _ => Err(invalid(format!("{WHO} must be {WHO_USER} or {WHO_SO}"))),
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Token")]
impl TokenObject {
    async fn login(&self, options: RawOptions, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let result = call::run(&self.service, &header, (options, 0), Action::Login, async |call| {
            if self.key.is_logged_in(call.caller.user.uid) {
                return Ok(());
            }
            self.use_pin(PinTask::Login(Takeover::Allowed), &call).await
        })
        .await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    async fn change_pin(&self, mut options: RawOptions, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let role = who(&mut options)?;
        let result = call::run(&self.service, &header, (options, 0), Action::ChangePin, async |call| {
            self.use_pin(PinTask::ChangePin(role), &call).await
        })
        .await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    async fn unblock_pin(&self, options: RawOptions, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let result = call::run(&self.service, &header, (options, 0), Action::UnblockPin, async |call| {
            if !self.snapshot().unblock_supported {
                return Err(self.no_unblock());
            }
            self.use_pin(PinTask::UnblockPin, &call).await
        })
        .await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    /// Ends the caller's user's login if there is one; without a login no session is open.
    async fn release(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Error> {
        let caller = self.service.callers.of(&header).await?;
        self.service.authorizer.check(&caller, &header, Action::Login).await?;
        let result = match &self.snapshot().login {
            None => Ok(()),
            Some(_) => self.key.logout(caller.user).await,
        };
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

    #[zbus(out_args("bytes"))]
    async fn random(&self, length: u32, #[zbus(header)] header: Header<'_>) -> Result<ByteBuf, Error> {
        let bytes = call::run(&self.service, &header, (RawOptions::default(), 0), Action::Sign, async |_| {
            if !(1..=RANDOM_MAX).contains(&length) {
                return Err(invalid(format!("Random gives 1 to {RANDOM_MAX} bytes, not {length}")));
            }
            self.key.random(length).await
        })
        .await?;
        Ok(ByteBuf::from(bytes))
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
