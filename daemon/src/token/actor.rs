//! The actor that owns one Key: its login, its PIN states, its signatures. Logins and logouts happen one at a time;
//! signatures run beside each other on the Key's lanes. A dialog never happens here.

use super::TokenId;
use super::consent::Consents;
use super::key::{Command, Reply, module_error};
use super::login::Login;
use super::login_end::may_have_ended;
use super::pins::Pins;
use super::read_again::ReadAgain;
use super::signing_queue::SigningQueue;
use super::snapshot::{KeySnapshot, LoginView};
use super::stay::Stay;
use super::user::User;
use crate::audit::{Intent, Journal, Operation, now_ms};
use crate::certificate::CertificateFacts;
use crate::config::{FlagSource, LoginSettings};
use crate::modules::{Link, LinkError, ModuleHandle, SeenToken};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use ukey_dbus::{Error, ErrorKind, TokenState};
use ukey_shim_protocol::{FailureKind, KeyRef, PinRole, Reply as ShimReply, Request, TokenInfo, TokenRef};

/// The way to the token, while its module runs.
pub(super) struct Attached {
    pub(super) link: Link,
    pub(super) token: TokenRef,
    /// What the module shows of it.
    shown: Arc<SeenToken>,
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
    pub(super) queue: SigningQueue,
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
                () = may_have_ended(self.login.as_mut(), &self.limits) => self.look_at_login().await,
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Seen(link, seen) => self.seen(link, seen).await,
            Command::Decide { info, role, agreed, reply } => {
                self.take_info(&info);
                let _ = reply.send(self.pins.of(role).permit(agreed, now_ms()).map(drop));
            }
            Command::ModuleFailed => self.detach(TokenState::ModuleFailed),
            Command::Try(request, reply) => {
                // Seldom: it has room of its own.
                let result = Box::pin(self.try_pin(*request)).await;
                // The caller may have gone; what was done stands.
                let _ = reply.send(result);
            }
            Command::Logout(user, reply) => {
                let result = self.log_out(&user).await;
                let _ = reply.send(result);
            }
            Command::Settle(done) => {
                self.end_departed().await;
                // Whoever waits may have given up.
                let _ = done.send(());
            }
            Command::ReadAgain => self.read_again = Some(ReadAgain::first()),
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

    async fn seen(&mut self, link: Link, token: Arc<SeenToken>) {
        let info = &token.info;
        let before = self.attached.as_ref().filter(|attached| attached.link.same(&link));
        if before.is_some_and(|attached| Arc::ptr_eq(&attached.shown, &token)) {
            // Something else of the module has changed.
            return;
        }
        let another = before.is_none_or(|attached| attached.token != info.token);
        if another {
            // A new process knows nothing of a login; in an old one it was of the token before.
            self.drop_login("module restarted");
            self.certificates_read = false;
        }
        self.attached = Some(Attached { link, token: info.token, shown: Arc::clone(&token) });
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
        let valid =
            self.login.as_ref().filter(|login| login.stay.departure().is_none() && !login.is_over(&self.limits));
        let logged_in = valid.map(|login| (login.uid, self.logins));
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
    pub(super) fn begin_login(&mut self, user: &User, always_authenticate: Vec<KeyRef>, stay: Stay) {
        self.logins += 1;
        let consents = Consents::new(self.logins, user.parties());
        self.login =
            Some(Login::begin(user.uid, consents, always_authenticate, self.module.hold(), &self.limits, stay));
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
            consents: Arc::clone(&login.consents),
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
            program: user.program_text(),
            token: self.id.to_string(),
            certificate: String::new(),
            algorithm: "",
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
