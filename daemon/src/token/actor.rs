//! The actor that owns one Key: its login, its PIN states, its signatures. Logins and logouts happen one at a time;
//! signatures run beside each other on the Key's lanes. A dialog never happens here.

use super::TokenId;
use super::key::{Command, LoginRequest, Takeover, User, module_error};
use super::login::Login;
use super::signing_queue::SigningQueue;
use super::snapshot::{KeySnapshot, LoginView, PinView};
use crate::audit::{Intent, Journal, Operation};
use crate::certificate::CertificateFacts;
use crate::config::LoginSettings;
use crate::modules::{Link, LinkError, ModuleHandle, SeenToken};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use ukey_dbus::{Error, ErrorKind, PinState, TokenState};
use ukey_shim_protocol::{Failure, FailureKind, Request, TokenInfo, TokenRef};

/// The way to the token, while its module runs.
struct Attached {
    link: Link,
    token: TokenRef,
}

/// What the actor is made of.
pub(super) struct Actor {
    pub(super) id: TokenId,
    pub(super) module: ModuleHandle,
    pub(super) journal: Journal,
    pub(super) limits: LoginSettings,
    pub(super) inbox: mpsc::UnboundedReceiver<Command>,
    pub(super) publish: watch::Sender<Arc<KeySnapshot>>,
    attached: Option<Attached>,
    initialized: bool,
    login: Option<Login>,
    /// The Key has answered "locked": some never show it in a flag.
    answered_locked: bool,
    queue: SigningQueue,
}

impl Actor {
    /// An actor for a Key that its module showed for the first time; [`Command::Seen`] attaches it.
    pub(super) fn new(
        id: TokenId,
        module: ModuleHandle,
        journal: Journal,
        limits: LoginSettings,
        inbox: mpsc::UnboundedReceiver<Command>,
        publish: watch::Sender<Arc<KeySnapshot>>,
    ) -> Self {
        let queue = SigningQueue::new(module.profile().sessions, module.profile().timeouts.sign());
        Self {
            id,
            module,
            journal,
            limits,
            inbox,
            publish,
            attached: None,
            initialized: false,
            login: None,
            answered_locked: false,
            queue,
        }
    }

    #[tracing::instrument(name = "key", skip_all, fields(key = %self.id))]
    pub(super) async fn run(mut self) {
        loop {
            self.start_signatures();
            let login_ends = self.login.as_ref().map(|login| login.ends(&self.limits));
            tokio::select! {
                command = self.inbox.recv() => match command {
                    Some(Command::Removed) | None => return self.removed(),
                    Some(Command::Stop(done)) => {
                        self.end_login("service stops").await;
                        // Whoever waits may have given up.
                        let _ = done.send(());
                        return;
                    }
                    Some(command) => self.obey(command).await,
                },
                failure = self.queue.next_ended() => self.signature_ended(failure),
                () = sleep_until(login_ends.unwrap_or_else(Instant::now)), if login_ends.is_some() => {
                    self.end_login("time limit").await;
                }
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Seen(link, seen) => self.seen(link, &seen),
            Command::Flags(info, reply) => {
                self.take_flags(&info);
                let _ = reply.send(Ok(self.publish.borrow().pin.state));
            }
            Command::ModuleFailed => self.detach(TokenState::ModuleFailed),
            Command::Login(request, reply) => {
                let result = self.log_in(request).await;
                // The caller may have gone; the login stands.
                let _ = reply.send(result);
            }
            Command::Logout(user, reply) => {
                let result = self.log_out(&user).await;
                let _ = reply.send(result);
            }
            Command::Sign(job) => {
                if self.attached.is_none() {
                    job.fail(not_attached());
                } else {
                    if let Some(login) = self.login.as_mut().filter(|login| login.uid == job.uid) {
                        login.used(&self.limits);
                    }
                    self.queue.push(job);
                }
            }
            // Handled where the loop can end.
            Command::Removed | Command::Stop(_) => {}
        }
    }

    fn seen(&mut self, link: Link, token: &SeenToken) {
        let info = &token.info;
        let another =
            self.attached.as_ref().is_none_or(|attached| !attached.link.same(&link) || attached.token != info.token);
        if another {
            // A new process knows nothing of a login.
            self.forget_login("module restarted");
            self.attached = Some(Attached { link, token: info.token });
            let certificates = CertificateFacts::read_all(&token.certificates);
            self.change(|snapshot| snapshot.certificates = certificates);
        }
        self.initialized = info.flags.initialized;
        self.take_flags(info);
        self.show_state();
    }

    fn start_signatures(&mut self) {
        let logged_in = self.login.as_ref().map(|login| login.uid);
        if let Some(attached) = &self.attached {
            self.queue.start(&attached.link, attached.token, logged_in);
        }
    }

    fn signature_ended(&mut self, failure: Option<FailureKind>) {
        if failure == Some(FailureKind::NotLoggedIn) {
            self.forget_login("the Key ended the login");
        }
    }

    #[tracing::instrument(skip_all, fields(uid = request.user.uid))]
    async fn log_in(&mut self, request: LoginRequest) -> Result<(), Error> {
        match &self.login {
            Some(login) if login.uid == request.user.uid => return Ok(()),
            Some(_) if request.takeover == Takeover::Refused => {
                return Err(Error::new(ErrorKind::LoginRequired, "another user is logged in to this Key"));
            }
            Some(_) => self.end_login("another user logs in").await,
            None => {}
        }
        let Some(Attached { link, token }) = &self.attached else { return Err(not_attached()) };
        let mut record = self.journal.begin(self.intent(Operation::Login, &request.user, request.reason));
        record.durable().await.map_err(|error| Error::new(ErrorKind::AuditUnavailable, error.to_string()))?;

        let LoginRequest { permit: _used_up_here, pin, agent_uid, user, .. } = request;
        let wanted = Request::Login { token: *token, sender_uid: agent_uid };
        let answer = link.submit(wanted, self.module.profile().timeouts.login(), Some(pin));
        let result = answer.await.map(drop).map_err(|error| login_error(&error));
        record.finish(result.as_ref().map_or_else(|error| error.kind().short_name(), |()| "ok"));

        if result.is_ok() {
            self.login = Some(Login::begin(user.uid, self.module.hold(), &self.limits));
        }
        self.read_flags_again(&result).await;
        self.show_state();
        tracing::info!(result = result.as_ref().map_or_else(|error| error.kind().short_name(), |()| "ok"), "login");
        result
    }

    /// After a try: what the Key says now. Its answer "locked" counts even where no flag says so.
    async fn read_flags_again(&mut self, result: &Result<(), Error>) {
        let info = match self.module.current_tokens().await {
            Ok(tokens) => {
                let ids = TokenId::of_all(self.module.name(), tokens.iter());
                ids.into_iter().zip(tokens).find_map(|(id, info)| (id == self.id).then_some(info))
            }
            Err(error) => {
                tracing::warn!(%error, "flags cannot be read after a try");
                None
            }
        };
        match result {
            Ok(()) => self.answered_locked = false,
            Err(error) if error.kind() == ErrorKind::PinLocked => self.answered_locked = true,
            Err(_) => {}
        }
        match info {
            Some(info) => self.take_flags(&info),
            None if self.answered_locked => self.change(|snapshot| snapshot.pin = PinView::of(PinState::Locked)),
            None => self.change(|snapshot| snapshot.pin = PinView::of(PinState::Unknown)),
        }
    }

    /// Shows what the flags say, unless the Key itself has said worse.
    fn take_flags(&self, info: &TokenInfo) {
        self.change(|snapshot| {
            snapshot.take_flags(info);
            if self.answered_locked {
                snapshot.pin = PinView::of(PinState::Locked);
            }
        });
    }

    async fn log_out(&mut self, user: &User) -> Result<(), Error> {
        match &self.login {
            Some(login) if login.uid == user.uid || user.uid == 0 => {}
            // Also when another user is logged in: nobody learns of that.
            _ => return Err(Error::new(ErrorKind::LoginRequired, "you are not logged in to this Key")),
        }
        let record = self.journal.begin(self.intent(Operation::Logout, user, String::new()));
        self.end_login("logout").await;
        record.finish("ok");
        Ok(())
    }

    /// Logs out and closes every session, whatever the module says to it.
    async fn end_login(&mut self, why: &str) {
        if self.login.is_none() {
            return;
        }
        if let Some(Attached { link, token }) = &self.attached {
            let answer = link.submit(Request::Logout { token: *token }, self.module.profile().timeouts.login(), None);
            if let Err(error) = answer.await {
                tracing::warn!(%error, "logout");
                if matches!(error, LinkError::Refused(_)) {
                    // Sessions may still be open: only a new process surely has none.
                    self.module.reinitialize();
                }
            }
        }
        self.forget_login(why);
    }

    fn forget_login(&mut self, why: &str) {
        if let Some(login) = self.login.take() {
            tracing::info!(uid = login.uid, why, "login ended");
            self.show_state();
        }
    }

    fn detach(&mut self, state: TokenState) {
        self.attached = None;
        self.queue.fail_waiting(&not_attached());
        self.forget_login("module failed");
        self.change(|snapshot| snapshot.state = state);
    }

    fn removed(mut self) {
        let error = Error::new(ErrorKind::TokenRemoved, "the Key was removed");
        self.queue.fail_waiting(&error);
        self.forget_login("Key removed");
    }

    fn show_state(&self) {
        let state = match (&self.attached, &self.login) {
            (None, _) => TokenState::ModuleFailed,
            (Some(_), Some(_)) => TokenState::LoggedIn,
            (Some(_), None) if self.initialized => TokenState::Ready,
            (Some(_), None) => TokenState::Uninitialized,
        };
        let login = self.login.as_ref().map(|login| LoginView { uid: login.uid, expires: login.expires() });
        self.change(|snapshot| {
            snapshot.state = state;
            snapshot.login = login;
        });
    }

    fn change(&self, change: impl FnOnce(&mut KeySnapshot)) {
        self.publish.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }

    fn intent(&self, operation: Operation, user: &User, reason: String) -> Intent {
        Intent {
            operation,
            uid: user.uid,
            pid: user.pid,
            caller: user.name.clone(),
            token: self.id.to_string(),
            certificate: String::new(),
            algorithm: "",
            digest: Vec::new(),
            reason,
        }
    }
}

fn not_attached() -> Error {
    Error::new(ErrorKind::ModuleFailed, "the Key's module does not work at the moment")
}

/// What a caller hears of a failed login. An answer that was lost is never taken for a refusal.
fn login_error(error: &LinkError) -> Error {
    let LinkError::Refused(Failure { kind, return_value }) = error else {
        return Error::new(ErrorKind::PinOutcomeUnknown, "the answer to the PIN was lost; one try may be used");
    };
    let (kind, message) = match kind {
        FailureKind::PinIncorrect => (ErrorKind::PinIncorrect, "wrong PIN"),
        FailureKind::PinLocked => (ErrorKind::PinLocked, "the user PIN is locked"),
        FailureKind::PinInvalid => (ErrorKind::PinInvalid, "the Key does not take a PIN of this form"),
        FailureKind::PinNotReceived => (ErrorKind::Cancelled, "the agent handed over no PIN"),
        FailureKind::TokenRemoved => (ErrorKind::TokenRemoved, "the Key was removed"),
        FailureKind::Busy => (ErrorKind::TokenBusy, "the Key is in exclusive use"),
        _ => {
            return Error::new(
                module_error(error).kind(),
                format!("login failed with return value 0x{return_value:x}"),
            );
        }
    };
    Error::new(kind, message)
}
