//! The actor that owns one Key: its login, its PIN states, its signatures. Logins and logouts happen one at a time;
//! signatures run beside each other on the Key's lanes. A dialog never happens here.

use super::TokenId;
use super::key::{Command, Reply, User, module_error};
use super::login::Login;
use super::pins::Pins;
use super::read_again::ReadAgain;
use super::signing_queue::SigningQueue;
use super::snapshot::{KeySnapshot, LoginView};
use crate::audit::{Intent, Journal, Operation, now_ms};
use crate::certificate::CertificateFacts;
use crate::config::{FlagSource, LoginSettings};
use crate::modules::{Link, LinkError, ModuleHandle, SeenToken};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use ukey_dbus::{Error, ErrorKind, TokenState};
use ukey_shim_protocol::{FailureKind, PinRole, Reply as ShimReply, Request, TokenInfo, TokenRef};

/// The way to the token, while its module runs.
pub(super) struct Attached {
    pub(super) link: Link,
    pub(super) token: TokenRef,
}

/// What the actor is made of.
pub(super) struct Actor {
    pub(super) id: TokenId,
    pub(super) module: ModuleHandle,
    pub(super) journal: Journal,
    pub(super) limits: LoginSettings,
    pub(super) inbox: mpsc::UnboundedReceiver<Command>,
    pub(super) publish: watch::Sender<Arc<KeySnapshot>>,
    pub(super) attached: Option<Attached>,
    initialized: bool,
    certificates_read: bool,
    logins: u64,
    pub(super) login: Option<Login>,
    pub(super) pins: Pins,
    /// The flags could not be read after a try.
    pub(super) read_again: Option<ReadAgain>,
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
        // Until the journal was asked.
        let pins = Pins::new(module.profile().tries, &[]);
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
            certificates_read: false,
            logins: 0,
            login: None,
            pins,
            read_again: None,
            queue,
        }
    }

    #[tracing::instrument(name = "key", skip_all, fields(key = %self.id))]
    pub(super) async fn run(mut self) {
        match self.journal.past_tries(self.id.as_str()).await {
            Ok(past) => self.pins = Pins::new(self.module.profile().tries, &past),
            // A try fails without the journal, so none is made on half the knowledge.
            Err(error) => tracing::error!(%error, "earlier tries are not known"),
        }
        loop {
            self.start_signatures();
            let read_again = self.read_again.as_ref().map(ReadAgain::at);
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
                ended = self.queue.next_ended() => if let Some((failure, login)) = ended {
                    self.signature_failed(failure, login).await;
                },
                () = sleep_until(read_again.unwrap_or_else(Instant::now)), if read_again.is_some() => {
                    self.read_flags_again().await;
                }
                () = sleep_until(login_ends.unwrap_or_else(Instant::now)), if login_ends.is_some() => {
                    self.end_login("time limit").await;
                }
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Seen(link, seen) => self.seen(link, &seen).await,
            Command::Decide { info, role, agreed, reply } => {
                self.take_info(&info);
                let _ = reply.send(self.pins.of(role).permit(agreed, now_ms()).map(drop));
            }
            Command::ModuleFailed => self.detach(TokenState::ModuleFailed),
            Command::Try(request, reply) => {
                let result = self.try_pin(request).await;
                // The caller may have gone; what was done stands.
                let _ = reply.send(result);
            }
            Command::Logout(user, reply) => {
                let result = self.log_out(&user).await;
                let _ = reply.send(result);
            }
            Command::LoginLost => self.end_login("the Key was gone").await,
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
            Command::Random(length, reply) => match &self.attached {
                Some(attached) => {
                    tokio::spawn(random(attached.link.clone(), attached.token, self.module.clone(), length, reply));
                }
                None => drop(reply.send(Err(not_attached()))),
            },
            // Handled where the loop can end.
            Command::Removed | Command::Stop(_) => {}
        }
    }

    async fn seen(&mut self, link: Link, token: &SeenToken) {
        let info = &token.info;
        let another =
            self.attached.as_ref().is_none_or(|attached| !attached.link.same(&link) || attached.token != info.token);
        if another {
            // A new process knows nothing of a login; in an old one it was of the token before.
            self.drop_login("module restarted");
            self.attached = Some(Attached { link, token: info.token });
            self.certificates_read = false;
        }
        if let (false, Ok(objects)) = (self.certificates_read, &token.certificates) {
            let certificates = CertificateFacts::read_all(objects, self.module.sm2_profile(info));
            self.change(|snapshot| snapshot.certificates = certificates);
            self.certificates_read = true;
        }
        self.initialized = info.flags.initialized;
        if another || self.module.profile().flags == FlagSource::Live {
            self.take_info(info);
        } else if let Ok(fresh) = self.flags_now().await {
            // What a running process shows of a token that it has known for a while may be old.
            self.take_info(&fresh);
        }
        self.show_state();
    }

    async fn read_flags_again(&mut self) {
        let Some(again) = self.read_again.take() else { return };
        match self.flags_now().await {
            Ok(info) => self.take_info(&info),
            // A Key that is gone will be missed soon, and this actor ends.
            Err(_) => self.read_again = Some(again.later()),
        }
    }

    fn start_signatures(&mut self) {
        let logged_in = self.login.as_ref().map(|login| (login.uid, self.logins));
        if let Some(attached) = &self.attached {
            self.queue.start(&attached.link, attached.token, logged_in);
        }
    }

    /// A signature of this login failed.
    async fn signature_failed(&mut self, failure: FailureKind, login: u64) {
        let lost = matches!(failure, FailureKind::NotLoggedIn | FailureKind::TokenRemoved);
        if lost && login == self.logins {
            self.end_login("the Key ended the login").await;
        }
    }

    async fn log_out(&mut self, user: &User) -> Result<(), Error> {
        match &self.login {
            Some(login) if login.uid == user.uid || user.uid == 0 => {}
            // Also when another user is logged in: nobody learns of that.
            _ => return Err(Error::new(ErrorKind::LoginRequired, "you are not logged in to this Key")),
        }
        self.end_login("logout").await;
        Ok(())
    }

    /// Logs out and closes every session, whatever the module says to it.
    pub(super) async fn end_login(&mut self, why: &str) {
        let Some(login) = &self.login else { return };
        let owner = User { uid: login.uid, pid: 0, name: String::new() };
        let record = self.journal.begin(self.intent(Operation::Logout, &owner, why.to_owned()));
        if let Some(Attached { link, token }) = &self.attached {
            let _turn = self.module.control_turn().await;
            let answer = link.submit(Request::Logout { token: *token }, self.module.profile().timeouts.login());
            if let Err(error) = answer.await {
                let gone = |kind| matches!(kind, FailureKind::TokenRemoved | FailureKind::NotLoggedIn);
                match &error {
                    // A token that is gone took its sessions along.
                    LinkError::Refused(failure) if gone(failure.kind) => tracing::debug!(%error, "logout"),
                    // Sessions may still be open: only a new process surely has none.
                    LinkError::Refused(_) => {
                        tracing::warn!(%error, "logout");
                        self.module.reinitialize();
                    }
                    _ => tracing::warn!(%error, "logout"),
                }
            }
        }
        record.finish("ok");
        self.forget_login(why);
    }

    /// Ends a login without waiting for the module's word; an old process may be gone.
    fn drop_login(&mut self, why: &str) {
        self.record_lost_login(why);
        if let (Some(_), Some(Attached { link, token })) = (&self.login, &self.attached) {
            drop(link.submit(Request::Logout { token: *token }, self.module.profile().timeouts.login()));
        }
        self.forget_login(why);
    }

    /// Puts the end of a login that nobody ended on record.
    fn record_lost_login(&self, why: &str) {
        let Some(login) = &self.login else { return };
        let owner = User { uid: login.uid, pid: 0, name: String::new() };
        self.journal.begin(self.intent(Operation::Logout, &owner, why.to_owned())).finish("ok");
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
        self.record_lost_login("module failed");
        self.forget_login("module failed");
        self.change(|snapshot| snapshot.state = state);
    }

    fn removed(mut self) {
        let error = Error::new(ErrorKind::TokenRemoved, "the Key was removed");
        self.queue.fail_waiting(&error);
        self.drop_login("Key removed");
    }

    /// Takes over what was read of the token just now.
    pub(super) fn take_info(&mut self, info: &TokenInfo) {
        self.pins.read(info);
        self.read_again = None;
        let (user, so) = (self.pins.view(PinRole::User), self.pins.view(PinRole::So));
        self.change(|snapshot| snapshot.take(info, user, so));
    }

    /// Shows what is known of the PINs without new flags.
    pub(super) fn show_pins(&self) {
        let (user, so) = (self.pins.view(PinRole::User), self.pins.view(PinRole::So));
        self.change(|snapshot| (snapshot.pin, snapshot.so_pin) = (user, so));
    }

    /// A login begins.
    pub(super) fn begin_login(&mut self, login: Login) {
        self.logins += 1;
        self.login = Some(login);
        self.show_state();
    }

    pub(super) fn show_state(&self) {
        let state = match (&self.attached, &self.login) {
            (None, _) => TokenState::ModuleFailed,
            (Some(_), Some(_)) => TokenState::LoggedIn,
            (Some(_), None) if self.initialized => TokenState::Ready,
            (Some(_), None) => TokenState::Uninitialized,
        };
        let login = self.login.as_ref().map(|login| LoginView {
            uid: login.uid,
            expires: login.expires(),
            always_authenticate: Arc::clone(&login.always_authenticate),
        });
        self.change(|snapshot| {
            snapshot.state = state;
            snapshot.login = login;
        });
    }

    fn change(&self, change: impl FnOnce(&mut KeySnapshot)) {
        self.publish.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }

    pub(super) fn intent(&self, operation: Operation, user: &User, reason: String) -> Intent {
        Intent {
            operation,
            uid: user.uid,
            pid: user.pid,
            caller: user.name.clone(),
            program: String::new(),
            token: self.id.to_string(),
            certificate: String::new(),
            algorithm: "",
            digest: Vec::new(),
            reason,
        }
    }
}

/// Beside the actor: a login may hold the module's turn for long.
async fn random(link: Link, token: TokenRef, module: ModuleHandle, length: u32, reply: Reply<Vec<u8>>) {
    let _turn = module.control_turn().await;
    let answer = link.submit(Request::Random { token, length }, module.profile().timeouts.read()).await;
    let result = match answer {
        Ok(ShimReply::Random(bytes)) if bytes.len() == length as usize => Ok(bytes.into_vec()),
        Ok(_) => Err(Error::new(ErrorKind::ModuleFailed, "not as many random bytes as were asked for")),
        Err(LinkError::Refused(failure)) => Err(match failure.kind {
            FailureKind::Unsupported => {
                Error::new(ErrorKind::AlgorithmUnsupported, "the Key has no random number generator")
            }
            FailureKind::TokenRemoved => Error::new(ErrorKind::TokenRemoved, "the Key was removed"),
            _ => Error::new(ErrorKind::ModuleFailed, failure.to_string()),
        }),
        Err(error) => Err(module_error(&error)),
    };
    // The caller may have gone.
    let _ = reply.send(result);
}

pub(super) fn not_attached() -> Error {
    Error::new(ErrorKind::ModuleFailed, "the Key's module does not work at the moment")
}
