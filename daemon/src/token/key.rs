//! The handle of a Key: what others may ask of its actor.

use super::consent::Consents;
use super::guard::{Denial, Risk};
use super::id::TokenId;
use super::signatures::SignJob;
use super::snapshot::KeySnapshot;
use super::stay::Stay;
use super::user::User;
use crate::modules::{Link, LinkError, ModuleHandle, SeenToken};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind};
use ukey_shim_protocol::{KeyRef, PinRole, SignScheme, TokenInfo};

pub(super) type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// May this login end another user's?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takeover {
    /// `Token.Login`: yes.
    Allowed,
    /// A login on the way to a signature: no.
    Refused,
}

/// What a PIN is needed for.
#[derive(Clone, Debug)]
pub(crate) enum PinTask {
    Login(Takeover),
    ChangePin(PinRole),
    UnblockPin,
    /// A signature by a key that wants the PIN for each.
    Sign {
        key: KeyRef,
        scheme: SignScheme,
        digest: Vec<u8>,
        certificate: String,
        algorithm: &'static str,
    },
}

impl PinTask {
    /// Whose tries it uses.
    pub(crate) fn role(&self) -> PinRole {
        match self {
            Self::Login(_) | Self::Sign { .. } => PinRole::User,
            Self::ChangePin(role) => *role,
            Self::UnblockPin => PinRole::So,
        }
    }
}

/// What a person has given.
pub(crate) enum Entries {
    /// Receiving ends of the sockets that hold the PINs, in the order of the request, and who must have written them.
    Sockets { pins: Vec<OwnedFd>, agent_uid: u32 },
    /// It will be typed on the Key.
    Pinpad,
}

/// Does nobody want it any more?
#[derive(Clone, Debug)]
pub(crate) struct Withdrawn {
    pub gone: CancellationToken,
    pub cancelled: CancellationToken,
    /// Of the person who was asked; a login lasts no longer.
    pub stay: Stay,
}

impl Withdrawn {
    /// `Cancelled` when so.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.gone.is_cancelled() {
            Err(Error::new(ErrorKind::Cancelled, "the caller left the bus"))
        } else if self.cancelled.is_cancelled() {
            Err(Error::new(ErrorKind::Cancelled, "the request was cancelled"))
        } else {
            self.stay.check()
        }
    }
}

/// One PIN entry on its way to the module: used up by the try.
pub(crate) struct TryRequest {
    pub user: User,
    pub task: PinTask,
    /// What the person has agreed to; the guard is asked once more, with flags read just before the try.
    pub agreed: Option<Risk>,
    pub entries: Entries,
    /// Cancelled when nobody wants it any more: the caller or the person left, or it was taken back.
    pub withdrawn: Withdrawn,
    pub reason: String,
}

pub(super) enum Command {
    /// The module shows the token, now or again. Nothing is read where it is the same that it was.
    Seen(Link, Arc<SeenToken>),
    /// Flags that were read just now: may this PIN be tried, with what a person has agreed to?
    Decide {
        info: TokenInfo,
        role: PinRole,
        agreed: Option<Risk>,
        reply: oneshot::Sender<Result<(), Denial>>,
    },
    /// The module does not work at the moment.
    ModuleFailed,
    /// The token is not there any more; the actor ends.
    Removed,
    /// Hand a PIN to the module, once. Answers with the signature where one was asked for.
    Try(Box<TryRequest>, Reply<Vec<u8>>),
    Logout(User, Reply<()>),
    /// The Key was seen to be gone while somebody was logged in.
    LoginLost,
    /// Its person may have left: answered when what was under way is done and a login that must end has.
    Settle(oneshot::Sender<()>),
    /// What was read before may not hold any more.
    ReadAgain,
    Sign(SignJob),
    Random(u32, Reply<Vec<u8>>),
    /// The service stops: log out; the actor ends.
    Stop(oneshot::Sender<()>),
}

/// A Key that is plugged in.
#[derive(Clone)]
pub(crate) struct KeyHandle {
    pub(super) id: TokenId,
    pub(super) module: ModuleHandle,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) snapshot: watch::Receiver<Arc<KeySnapshot>>,
}

fn removed() -> Error {
    Error::new(ErrorKind::TokenRemoved, "the Key is not plugged in")
}

impl KeyHandle {
    /// Its id.
    pub(crate) fn id(&self) -> &TokenId {
        &self.id
    }

    /// Is this the same Key, not pulled out in between?
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.commands.same_channel(&other.commands)
    }

    /// How it is now.
    pub(crate) fn snapshot(&self) -> Arc<KeySnapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// How it is, and a way to wait for a change.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<KeySnapshot>> {
        self.snapshot.clone()
    }

    /// Is this user logged in?
    pub(crate) fn is_logged_in(&self, uid: u32) -> bool {
        self.snapshot.borrow().login.as_ref().is_some_and(|login| login.uid == uid)
    }

    /// Who may use this user's login, if there is one.
    pub(crate) fn consents(&self, uid: u32) -> Option<Arc<Consents>> {
        let snapshot = self.snapshot.borrow();
        snapshot.login.as_ref().filter(|login| login.uid == uid).map(|login| Arc::clone(&login.consents))
    }

    /// Waits until the login that these are the consents to has ended.
    pub(crate) async fn login_ended(&self, consents: &Arc<Consents>) {
        let mut snapshots = self.snapshot.clone();
        let is_it = |snapshot: &KeySnapshot| {
            snapshot.login.as_ref().is_some_and(|login| Arc::ptr_eq(&login.consents, consents))
        };
        // An actor that has ended took the login along.
        drop(snapshots.wait_for(|snapshot| !is_it(snapshot)).await);
    }

    /// Reads the flags anew, the way the module's profile says, shows them, and asks the PIN guard.
    /// Fails with `TokenRemoved` when the Key is not there any more.
    pub(crate) async fn fresh_decision(
        &self,
        role: PinRole,
        agreed: Option<Risk>,
    ) -> Result<Result<(), Denial>, Error> {
        let info = self.fresh_info().await?;
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Decide { info, role, agreed, reply }).map_err(|_| removed())?;
        answer.await.map_err(|_| removed())
    }

    pub(super) async fn fresh_info(&self) -> Result<TokenInfo, Error> {
        let tokens = self.module.current_tokens().await.map_err(|error| module_error(&error))?;
        self.id.pick(self.module.name(), tokens).ok_or_else(|| {
            self.module.lists_a_lost_token();
            removed()
        })
    }

    /// Hands one PIN entry to the module, at most once. A login that this user already has is enough: the entry is
    /// then thrown away unused. The result is a signature (not verified) where one was asked for, else empty.
    pub(crate) async fn try_pin(&self, request: TryRequest) -> Result<Vec<u8>, Error> {
        self.ask(|reply| Command::Try(Box::new(request), reply)).await
    }

    /// Waits until it is pulled out.
    pub(crate) async fn removed(&self) {
        self.commands.closed().await;
    }

    /// Is the PIN typed on the Key itself?
    pub(crate) fn has_pinpad(&self) -> bool {
        self.snapshot.borrow().pinpad
    }

    /// Signatures that it makes side by side.
    pub(crate) fn lanes(&self) -> u8 {
        self.module.profile().sessions
    }

    /// Must a button be pressed for each signature?
    pub(crate) fn has_button(&self) -> bool {
        self.module.profile().press
    }

    /// Whose Key it is, in one line: library, manufacturer, model and versions.
    pub(crate) fn maker(&self) -> String {
        let snapshot = self.snapshot.borrow();
        let library = self.module.profile().library.display();
        format!(
            "library {library}, manufacturer \"{}\", model \"{}\"; a profile belongs into /etc/ukeyd/modules.d",
            snapshot.manufacturer, snapshot.model
        )
    }

    /// Does this key of the Key want the PIN for each signature? Known once somebody is logged in.
    pub(crate) fn wants_pin_each_time(&self, key: &KeyRef) -> bool {
        self.snapshot.borrow().login.as_ref().is_some_and(|login| login.always_authenticate.contains(key))
    }

    /// Ends this user's login.
    pub(crate) async fn logout(&self, user: User) -> Result<(), Error> {
        self.ask(|reply| Command::Logout(user, reply)).await
    }

    /// Random bytes of the Key's own generator; needs no login. What it gives is not judged.
    pub(crate) async fn random(&self, length: u32) -> Result<Vec<u8>, Error> {
        self.ask(|reply| Command::Random(length, reply)).await
    }

    /// Waits until what it does now is done, and a login whose stay has ended is.
    pub(crate) async fn settled(&self) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Settle(reply)).is_ok() {
            // An actor that ended has no login.
            let _ = done.await;
        }
    }

    /// Has the flags read anew, in a moment.
    pub(crate) fn read_again(&self) {
        let _ = self.commands.send(Command::ReadAgain);
    }

    /// Logs out and ends the actor.
    pub(crate) async fn stop(&self) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Stop(reply)).is_ok() {
            // An actor that ended by itself has logged out or lost its Key.
            let _ = done.await;
        }
    }

    pub(super) async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).map_err(|_| removed())?;
        answer.await.unwrap_or_else(|_| Err(removed()))
    }
}

/// What a caller hears when a module can't be asked.
pub(super) fn module_error(error: &LinkError) -> Error {
    let kind = match error {
        LinkError::TimedOut => ErrorKind::ModuleTimeout,
        LinkError::Broken(_) | LinkError::NotStarted(_) | LinkError::Refused(_) => ErrorKind::ModuleFailed,
    };
    Error::new(kind, error.to_string())
}
