//! What the broker needs of an agent. The bus edge implements it.

use super::broker::Purpose;
use super::caller::Caller;
use crate::token::{KeySnapshot, Program, Stay};
use futures_util::future::BoxFuture;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use ukey_dbus::{DialogKind, Error, NoticeKind, PinState};
use ukey_shim_protocol::PinRole;

/// What a dialog shows. Every text is cleaned and bounded.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// Names the dialog, for cancelling it.
    pub request: String,
    /// The Key's id.
    pub token: String,
    pub caller: Caller,
    /// What the program says the use is for.
    pub reason: String,
    pub label: String,
    pub serial_number: String,
    pub holder_name: String,
    pub holder_id: String,
    /// Whose PIN it is about.
    pub role: PinRole,
    pub pin_state: PinState,
    /// -1: unknown.
    pub tries: i32,
    /// Number of this dialog among those of one operation, from 1, and how many there are.
    pub step: (u32, u32),
    /// Shortest and longest PIN in bytes; 0 and 0 where the Key says nothing usable.
    pub pin_length: (u8, u8),
    /// Signatures that a consent, or the PIN for a batch, is wanted for; 0 where there is no number to say.
    pub count: u32,
}

impl Prompt {
    /// What is known of a Key, for the person who is asked to let this caller use it.
    pub(super) fn new(request: &str, key: &KeySnapshot, caller: &Caller, purpose: &Purpose, step: (u32, u32)) -> Self {
        let pin = match purpose.task.role() {
            PinRole::User => key.pin,
            PinRole::So => key.so_pin,
        };
        let holder = purpose.certificate.as_ref().or(key.certificates.first());
        Self {
            request: request.to_owned(),
            token: key.id.to_string(),
            caller: caller.clone(),
            reason: purpose.reason.clone(),
            label: key.label.clone(),
            serial_number: key.serial_number.clone(),
            holder_name: holder.map(|facts| facts.content.holder_name.clone()).unwrap_or_default(),
            holder_id: holder.map(|facts| facts.holder_id().to_owned()).unwrap_or_default(),
            role: purpose.task.role(),
            pin_state: pin.state,
            tries: pin.tries_or_minus_one(),
            step,
            pin_length: key.pin_length.unwrap_or_default(),
            count: purpose.count,
        }
    }
}

/// One agent. A method that fails because the agent left the bus fails with `NoAgent`.
pub(crate) trait Agent: Send + Sync {
    /// The user whose session it serves.
    fn uid(&self) -> u32;

    /// Shows a PIN dialog. Returns once the agent has written the PIN into `pin`.
    fn request_pin<'a>(
        &'a self,
        kind: DialogKind,
        prompt: &'a Prompt,
        pin: OwnedFd,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Asks yes or no.
    fn confirm<'a>(&'a self, kind: DialogKind, prompt: &'a Prompt) -> BoxFuture<'a, Result<bool, Error>>;

    /// Tells the person something, if that works.
    fn notify<'a>(&'a self, kind: NoticeKind, prompt: &'a Prompt) -> BoxFuture<'a, ()>;

    /// Finds out which program a caller of its user is; nothing where it can't. `NoAgent` when it left the bus.
    fn identify<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Program, Error>>;

    /// Closes the dialog of this request.
    fn cancel<'a>(&'a self, request: &'a str) -> BoxFuture<'a, ()>;
}

/// Finds the agent that may ask the person behind a caller.
pub(crate) trait Agents: Send + Sync {
    /// The caller's own terminal agent, else its session's desktop agent, else `NoAgent`; never another user's.
    fn route<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Arc<dyn Agent>, Error>>;

    /// The stay of the person behind a caller. `NotAuthorized` when nobody is there.
    fn stay<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Stay, Error>>;
}
