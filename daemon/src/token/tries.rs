//! What a Key's actor does with a PIN entry: one record, one request to the shim, one reading of the flags afterwards.

use super::User;
use super::actor::{Actor, Attached, not_attached};
use super::denial::denied;
use super::guard::TryPermit;
use super::key::{Entries, PinTask, Takeover, TryRequest, module_error};
use super::read_again::ReadAgain;
use crate::audit::{Intent, Operation, Record, now_ms};
use crate::modules::LinkError;
use std::os::fd::OwnedFd;
use std::time::Duration;
use ukey_dbus::{Error, ErrorKind, PinState};
use ukey_shim_protocol::{
    Digest, Failure, FailureKind, KeyRef, PinRole, PinSource, Reply, Request, TokenInfo, TokenRef,
};

/// What a request brought.
enum Done {
    LoggedIn(Vec<KeyRef>),
    Signature(Vec<u8>),
    Nothing,
}

impl Actor {
    /// Uses up one entry: at most one try.
    #[tracing::instrument(skip_all, fields(uid = request.user.uid))]
    pub(super) async fn try_pin(&mut self, request: TryRequest) -> Result<Vec<u8>, Error> {
        let TryRequest { user, task, agreed, entries, withdrawn, reason } = request;
        if !self.make_way(&user, &task).await? {
            return Ok(Vec::new());
        }
        // Nothing but a failure ends the module's process under a try.
        let _module_in_use = self.module.hold();
        let turn = self.module.control_turn().await;
        // The dialog may have been open for long, and others may have tried meanwhile.
        let info = self.flags_now().await?;
        self.take_info(&info);
        let permit =
            self.pins.of(task.role()).permit(agreed, now_ms()).map_err(|denial| denied(task.role(), denial))?;
        let Some(Attached { link, token, .. }) = &self.attached else { return Err(not_attached()) };
        let (link, token) = (link.clone(), *token);
        withdrawn.check()?;
        let operation = operation(&task);
        let mut record = self.begin_try(operation, &user, &task, reason);
        record.durable().await.map_err(|error| Error::new(ErrorKind::AuditUnavailable, error.to_string()))?;
        if let Err(error) = withdrawn.check() {
            record.finish_try(error.kind().short_name(), None).await;
            return Err(error);
        }

        let before = self.pins.of(task.role()).state();
        let answer = link.submit_all(
            request_of(token, &task, &entries),
            self.limit(&task, &entries),
            descriptors(permit, entries),
        );
        let answer = answer.await;
        let info = self.flags_now().await.inspect_err(|error| tracing::warn!(%error, "flags after a try")).ok();
        // What the Key's answer leaves open, its flags may tell.
        if let Some(info) = &info {
            self.take_info(info);
        }
        let worse = is_worse(before, self.pins.of(task.role()).state());
        let result = answer.map_err(|error| try_error(&error, task.role(), worse)).and_then(done);

        let gone = |error: &Error| matches!(error.kind(), ErrorKind::TokenRemoved | ErrorKind::PinOutcomeUnknown);
        if result.as_ref().is_err_and(gone) {
            // It may be back already, under another reference.
            self.module.look();
        }
        let word = result.as_ref().map_or_else(|error| error.kind().short_name(), |_| "ok");
        self.pins.ended(operation, word, now_ms());
        record.finish_try(word, self.pins.view(task.role()).tries_remaining).await;
        if info.is_none() {
            self.pins.unreadable();
            self.read_again = Some(ReadAgain::first());
        }
        self.show_pins();
        tracing::info!(operation = operation.as_str(), result = word, "PIN used");
        // A login that ends at once takes a turn of its own.
        drop(turn);
        match result.map_err(|error| self.with_tries(error, task.role()))? {
            Done::LoggedIn(keys) => {
                self.begin_login(&user, keys, withdrawn.stay);
                // Nothing interrupts a try; what was to end it meanwhile ends its login.
                match self.end_departed().await {
                    Some(why) => Err(why.cancelled()),
                    None => Ok(Vec::new()),
                }
            }
            Done::Signature(signature) => Ok(signature),
            Done::Nothing => Ok(Vec::new()),
        }
    }

    /// Tells after a wrong PIN how many tries are left, as far as that is known.
    fn with_tries(&self, error: Error, role: PinRole) -> Error {
        if !matches!(error.kind(), ErrorKind::PinIncorrect | ErrorKind::SoPinIncorrect) {
            return error;
        }
        let left = self.pins.view(role).tries_remaining.map_or("unknown".to_owned(), |left| left.to_string());
        Error::new(error.kind(), format!("{}; tries left: {left}", error.message()))
    }

    /// Ends or respects the login that is there. False: nothing is left to do.
    async fn make_way(&mut self, user: &User, task: &PinTask) -> Result<bool, Error> {
        let owner = self.login.as_ref().map(|login| login.uid);
        let mine = owner == Some(user.uid);
        match task {
            PinTask::Login(_) if mine => return Ok(false),
            PinTask::Login(Takeover::Refused) if owner.is_some() => {
                return Err(Error::new(ErrorKind::LoginRequired, "another user is logged in to this Key"));
            }
            PinTask::Login(Takeover::Allowed) => self.end_login("another user logged in").await,
            PinTask::Login(Takeover::Refused) => {}
            PinTask::Sign { .. } if mine => {}
            PinTask::Sign { .. } => return Err(Error::new(ErrorKind::LoginRequired, "the login has ended")),
            // The module refuses both while a session is open.
            PinTask::ChangePin(_) | PinTask::UnblockPin if owner.is_none() || mine => {
                self.end_login("a PIN is changed").await;
            }
            PinTask::ChangePin(_) | PinTask::UnblockPin => {
                return Err(Error::new(ErrorKind::TokenBusy, "another user is logged in to this Key"));
            }
        }
        Ok(true)
    }

    fn limit(&self, task: &PinTask, entries: &Entries) -> Duration {
        let timeouts = &self.module.profile().timeouts;
        let person = match entries {
            Entries::Sockets { .. } => Duration::ZERO,
            Entries::Pinpad => self.limits.dialog(),
        };
        match task {
            PinTask::Sign { .. } => person + timeouts.login() + timeouts.sign(),
            _ => person + timeouts.login(),
        }
    }

    pub(super) async fn flags_now(&mut self) -> Result<TokenInfo, Error> {
        let tokens = self.module.current_tokens().await.map_err(|error| module_error(&error))?;
        let found = self.id.pick(self.module.name(), tokens);
        found.ok_or_else(|| Error::new(ErrorKind::TokenRemoved, "the Key is not plugged in"))
    }

    /// Puts on record that this user is about to try a PIN for `operation`.
    fn begin_try(&self, operation: Operation, user: &User, task: &PinTask, reason: String) -> Record {
        let intent = self.intent(operation, user, reason);
        match task {
            PinTask::Sign { digest, certificate, algorithm, .. } => {
                self.journal.begin(Intent { certificate: certificate.clone(), algorithm, ..intent }, digest)
            }
            _ => self.journal.begin(intent, &[]),
        }
    }
}

fn operation(task: &PinTask) -> Operation {
    match task {
        PinTask::Login(_) => Operation::Login,
        PinTask::ChangePin(PinRole::User) => Operation::ChangePin,
        PinTask::ChangePin(PinRole::So) => Operation::ChangeSoPin,
        PinTask::UnblockPin => Operation::UnblockPin,
        PinTask::Sign { .. } => Operation::SignWithPin,
    }
}

fn request_of(token: TokenRef, task: &PinTask, entries: &Entries) -> Request {
    let pin = match entries {
        Entries::Sockets { agent_uid, .. } => PinSource::Socket { sender_uid: *agent_uid },
        Entries::Pinpad => PinSource::Pinpad,
    };
    match task {
        PinTask::Login(_) => Request::Login { token, pin },
        PinTask::ChangePin(role) => Request::ChangePin { token, role: *role, pin },
        PinTask::UnblockPin => Request::UnblockPin { token, pin },
        PinTask::Sign { key, scheme, digest, .. } => Request::SignAuthenticated {
            token,
            key: key.clone(),
            scheme: *scheme,
            digest: Digest(digest.clone().into()),
            pin,
        },
    }
}

/// The sockets of an entry. They and the permit are gone with this one request.
fn descriptors(_used_up: TryPermit, entries: Entries) -> Vec<OwnedFd> {
    match entries {
        Entries::Sockets { pins, .. } => pins,
        Entries::Pinpad => Vec::new(),
    }
}

fn done(reply: Reply) -> Result<Done, Error> {
    match reply {
        Reply::LoggedIn { always_authenticate } => Ok(Done::LoggedIn(always_authenticate)),
        Reply::Done => Ok(Done::Nothing),
        Reply::Signatures(signatures) => match <[_; 1]>::try_from(signatures) {
            Ok([Ok(signature)]) => Ok(Done::Signature(signature.into_vec())),
            Ok([Err(failure)]) => Err(Error::new(ErrorKind::ModuleFailed, failure.to_string())),
            Err(_) => Err(Error::new(ErrorKind::ModuleFailed, "not one signature for one digest")),
        },
        _ => Err(Error::new(ErrorKind::ModuleFailed, "a reply of another kind")),
    }
}

fn is_worse(before: PinState, after: PinState) -> bool {
    let gravity = |state| match state {
        PinState::Low => 1,
        PinState::FinalTry => 2,
        PinState::Locked => 3,
        _ => 0,
    };
    gravity(after) > gravity(before)
}

/// What a caller hears of a try that failed. An answer that was lost, or that says nothing, is never taken for a
/// refusal, unless the flags have got worse.
fn try_error(error: &LinkError, role: PinRole, worse: bool) -> Error {
    let of_role = |user, so| if role == PinRole::User { user } else { so };
    let incorrect = of_role(ErrorKind::PinIncorrect, ErrorKind::SoPinIncorrect);
    let unknown = |text: String| Error::new(ErrorKind::PinOutcomeUnknown, text);
    let LinkError::Refused(Failure { kind, return_value }) = error else {
        return unknown("the answer to the PIN was lost; one try may be used".to_owned());
    };
    let (kind, message) = match kind {
        FailureKind::PinIncorrect => (incorrect, "wrong PIN"),
        FailureKind::PinLocked => (of_role(ErrorKind::PinLocked, ErrorKind::SoPinLocked), "the PIN is locked"),
        FailureKind::PinInvalid => (ErrorKind::PinInvalid, "the Key does not take a PIN of this form"),
        FailureKind::NewPinInvalid => (ErrorKind::PinInvalid, "the Key does not take this new PIN; the old one holds"),
        FailureKind::PinNotReceived => (ErrorKind::Cancelled, "the agent handed over no PIN"),
        FailureKind::PinpadCancelled => (ErrorKind::Cancelled, "cancelled on the Key's keypad"),
        FailureKind::TokenRemoved => (ErrorKind::TokenRemoved, "the Key was removed"),
        FailureKind::Busy => (ErrorKind::TokenBusy, "the Key is in exclusive use"),
        FailureKind::NotLoggedIn => (ErrorKind::LoginRequired, "the login has ended"),
        FailureKind::Unsupported if role == PinRole::So => (
            ErrorKind::UnblockUnsupported,
            "the Key has no SO PIN or its module cannot set the user PIN; ask the CA for a replacement",
        ),
        FailureKind::Unsupported => (ErrorKind::AlgorithmUnsupported, "the Key cannot do this"),
        FailureKind::PinUnanswered if worse => (incorrect, "wrong PIN, by the Key's flags"),
        FailureKind::PinUnanswered => {
            return unknown(format!("the module answered 0x{return_value:x}; one try may be used"));
        }
        _ => return Error::new(module_error(error).kind(), error.to_string()),
    };
    Error::new(kind, message)
}
