//! Who waits for which dialog. A user has at most one dialog for a Key; calls of the program that opened it join it,
//! calls of other programs wait their turn and are checked again first.

use super::agent::{Agent, Agents, Prompt};
use super::attempt::{Attempt, Matter, Setting};
use super::caller::Caller;
use super::consent::Wish;
use super::limits::DialogLimits;
use super::programs::find_program;
use crate::certificate::CertificateFacts;
use crate::token::{KeyHandle, Pass, PinTask, Standing, Takeover, TokenId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind, NoticeKind};

/// May a person be asked?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    Allowed,
    Never,
}

/// What a PIN or a login is wanted for.
#[derive(Clone)]
pub(crate) struct Purpose {
    pub task: PinTask,
    /// Signatures that a consent, or the PIN for a batch, is wanted for; 0 where there is no number to say.
    pub count: u32,
    /// What the program says; cleaned.
    pub reason: String,
    /// The certificate that will be used, where one is meant.
    pub certificate: Option<Arc<CertificateFacts>>,
}

type Attempts = HashMap<(TokenId, u32), Arc<Attempt>>;

/// Brings a caller to the use of a PIN.
pub(crate) struct Broker {
    agents: Arc<dyn Agents>,
    dialog_limit: Duration,
    attempts: Arc<Mutex<Attempts>>,
    limits: DialogLimits,
    next: AtomicU64,
}

impl Broker {
    /// Asks through these agents; a dialog closes after `dialog_limit`.
    pub(crate) fn new(agents: Arc<dyn Agents>, dialog_limit: Duration) -> Self {
        Self {
            agents,
            dialog_limit,
            attempts: Arc::default(),
            limits: DialogLimits::default(),
            next: AtomicU64::new(1),
        }
    }

    /// Has the PIN asked and used. A login that is there is enough for a login. The result is a signature where one was
    /// wanted. `cancelled` closes the dialog if this caller opened it; merely dropping the future leaves it open, for a
    /// retry to join.
    pub(crate) async fn use_pin(
        &self,
        key: &KeyHandle,
        caller: &Caller,
        purpose: &Purpose,
        cancelled: &CancellationToken,
    ) -> Result<Vec<u8>, Error> {
        loop {
            if let PinTask::Login(takeover) = purpose.task {
                if key.is_logged_in(caller.user.uid) {
                    return Ok(Vec::new());
                }
                if takeover == Takeover::Refused && key.snapshot().login.is_some() {
                    return Err(Error::new(ErrorKind::LoginRequired, "another user is logged in to this Key"));
                }
            }
            let (attempt, ours) = self.join_or_start(key, caller, purpose, Matter::Pin(purpose.task.clone()));
            let outcome = tokio::select! {
                outcome = attempt.outcome() => outcome,
                () = cancelled.cancelled() => {
                    if ours {
                        attempt.cancel();
                    }
                    return Err(Error::new(ErrorKind::Cancelled, "the request was cancelled"));
                }
            };
            if ours {
                return outcome;
            }
        }
    }

    /// Leave to use the login that this caller's user has: at once for the program that logged in and those agreed to, else
    /// the person is asked. Joins, stays open and closes as a PIN dialog does; ends with the login too.
    pub(crate) async fn pass(
        &self,
        key: &KeyHandle,
        caller: &Caller,
        (purpose, asking): (&Purpose, Asking),
        cancelled: &CancellationToken,
    ) -> Result<Pass, Error> {
        loop {
            let ended = || Error::new(ErrorKind::LoginRequired, "the login has ended");
            let consents = key.consents(caller.user.uid).ok_or_else(ended)?;
            let mut standing = consents.standing(&caller.user.parties(), Instant::now());
            if standing == Standing::Unasked && caller.user.program.known().is_none() {
                // Boxed, as it is seldom. An error would be a panic there, and the program unknown.
                drop(Box::pin(find_program(&self.agents, caller)).await);
                standing = consents.standing(&caller.user.parties(), Instant::now());
            }
            match standing {
                Standing::Agreed(pass) => return Ok(pass),
                Standing::Refused(left) => return Err(refused(left)),
                Standing::Unasked if asking == Asking::Never => return Err(unasked()),
                Standing::Unasked => {}
            }
            let matter = Matter::Consent(Wish { consents, party: caller.user.party() });
            let (attempt, ours) = self.join_or_start(key, caller, purpose, matter);
            let opened = attempt.owner == caller.user.name;
            let outcome = tokio::select! {
                outcome = attempt.outcome() => outcome,
                () = cancelled.cancelled() => {
                    if ours && opened {
                        attempt.cancel();
                    }
                    return Err(Error::new(ErrorKind::Cancelled, "the request was cancelled"));
                }
            };
            match outcome {
                // Closed by another connection of the program, which does not speak for this one.
                Err(error) if ours && error.kind() == ErrorKind::Cancelled && !opened => {}
                Err(error) if ours => return Err(error),
                // What it means for this caller is looked up.
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// The attempt under way for this Key and user, or a new one; and whether it does what this caller wants.
    fn join_or_start(
        &self,
        key: &KeyHandle,
        caller: &Caller,
        purpose: &Purpose,
        matter: Matter,
    ) -> (Arc<Attempt>, bool) {
        let place = (key.id().clone(), caller.user.uid);
        let mut attempts = lock(&self.attempts);
        if let Some(attempt) = attempts.get(&place) {
            return (Arc::clone(attempt), attempt.serves(caller, &matter));
        }
        let setting = Setting {
            agents: Arc::clone(&self.agents),
            key: key.clone(),
            caller: caller.clone(),
            purpose: purpose.clone(),
            request: self.next_request(),
            dialog_limit: self.dialog_limit,
            limits: self.limits.clone(),
        };
        let all = Arc::clone(&self.attempts);
        let mine = place.clone();
        let attempt = Attempt::start(setting, matter, move || {
            lock(&all).remove(&mine);
        });
        attempts.insert(place, Arc::clone(&attempt));
        (attempt, true)
    }

    /// Tells the caller's person something that lasts until the notice is closed; nobody is told where no agent is.
    pub(crate) async fn tell(&self, key: &KeyHandle, caller: &Caller, purpose: &Purpose, kind: NoticeKind) -> Notice {
        let request = self.next_request();
        let Ok(agent) = self.agents.route(caller).await else { return Notice { shown: None } };
        let prompt = Prompt::new(&request, &key.snapshot(), caller, purpose, (0, 0));
        agent.notify(kind, &prompt).await;
        Notice { shown: Some((agent, request)) }
    }

    fn next_request(&self) -> String {
        format!("d{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Closes every dialog.
    pub(crate) fn cancel_all(&self) {
        for attempt in lock(&self.attempts).values() {
            attempt.cancel();
        }
    }
}

/// A notice on somebody's screen.
pub(crate) struct Notice {
    shown: Option<(Arc<dyn Agent>, String)>,
}

impl Notice {
    /// Takes it off the screen.
    pub(crate) async fn close(self) {
        if let Some((agent, request)) = self.shown {
            agent.cancel(&request).await;
        }
    }
}

fn refused(left: Duration) -> Error {
    let seconds = left.as_secs() + 1;
    let message = format!("the user does not want this program to use the Key; it may ask again in {seconds} s");
    Error::new(ErrorKind::ConsentDenied, message)
}

fn unasked() -> Error {
    let message = "another program logged in, this one was not confirmed for its login, and prompt is never: make one call \
                   with prompt auto";
    Error::new(ErrorKind::ConsentDenied, message)
}

fn lock(attempts: &Mutex<Attempts>) -> MutexGuard<'_, Attempts> {
    attempts.lock().unwrap_or_else(PoisonError::into_inner)
}
