//! One dialog and the one PIN try or the consent that may follow it. Goes on by itself when the call that opened it is
//! answered with `Timeout`; ends when its caller leaves the bus.

use super::agent::{Agent, Agents, Prompt};
use super::broker::Purpose;
use super::caller::Caller;
use super::consent::Wish;
use super::dialogs::{pin_dialogs, questions, risk_dialog, success_notice};
use super::limits::{DialogLimits, Turn};
use super::pin_socket::PinSocket;
use super::programs::find_program;
use crate::token::{Denial, Entries, KeyHandle, PinTask, Risk, Stay, TryRequest, Withdrawn, denied};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{DialogKind, Error, ErrorKind, NoticeKind, PinState};

type Outcome = Option<Result<Vec<u8>, Error>>;

/// What an attempt is about.
#[derive(Clone)]
pub(super) enum Matter {
    /// A PIN is used.
    Pin(PinTask),
    /// A program is agreed to.
    Consent(Wish),
}

/// An attempt under way.
pub(super) struct Attempt {
    /// Unique name of the caller that opened the dialog.
    pub(super) owner: String,
    matter: Matter,
    outcome: watch::Receiver<Outcome>,
    cancelled: CancellationToken,
}

/// What an attempt works with.
pub(super) struct Setting {
    pub(super) agents: Arc<dyn Agents>,
    pub(super) key: KeyHandle,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
    pub(super) request: String,
    pub(super) dialog_limit: Duration,
    pub(super) limits: DialogLimits,
}

impl Attempt {
    /// Starts it as a task of its own; `ended` runs before its outcome is known to others.
    pub(super) fn start(setting: Setting, matter: Matter, ended: impl FnOnce() + Send + 'static) -> Arc<Self> {
        let (publish, outcome) = watch::channel(None);
        let cancelled = CancellationToken::new();
        let attempt = Arc::new(Self {
            owner: setting.caller.user.name.clone(),
            matter: matter.clone(),
            outcome,
            cancelled: cancelled.clone(),
        });
        tokio::spawn(async move {
            // Also when it panics: its place must not stay taken.
            let ended = Finally(Some(ended));
            let result = match matter {
                Matter::Pin(_) => setting.use_pin(&cancelled).await,
                Matter::Consent(wish) => setting.ask_for_consent(wish, cancelled).await,
            };
            drop(ended);
            publish.send_replace(Some(result));
        });
        attempt
    }

    /// Is it what this caller wants done? Then it is not asked twice. Each signature is a matter of its own; a consent is
    /// one of the program, whichever connection asks.
    pub(super) fn serves(&self, caller: &Caller, matter: &Matter) -> bool {
        let (one, other) = match (&self.matter, matter) {
            (Matter::Consent(one), Matter::Consent(other)) => return one.is(other) && !self.cancelled.is_cancelled(),
            (Matter::Pin(one), Matter::Pin(other)) => (one, other),
            _ => return false,
        };
        let same_task = match (one, other) {
            (PinTask::Login(_), PinTask::Login(_)) | (PinTask::UnblockPin, PinTask::UnblockPin) => true,
            (PinTask::ChangePin(one), PinTask::ChangePin(other)) => one == other,
            _ => false,
        };
        same_task && self.owner == caller.user.name && !self.cancelled.is_cancelled()
    }

    /// Waits for its end.
    pub(super) async fn outcome(&self) -> Result<Vec<u8>, Error> {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await.map(|outcome| outcome.clone()) {
            Ok(Some(result)) => result,
            _ => Err(Error::new(ErrorKind::Internal, "the login attempt ended without an outcome")),
        }
    }

    /// Closes the dialog. A try that has begun runs to its end.
    pub(super) fn cancel(&self) {
        self.cancelled.cancel();
    }
}

/// Runs when dropped.
struct Finally<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for Finally<F> {
    fn drop(&mut self) {
        if let Some(last) = self.0.take() {
            last();
        }
    }
}

/// What the person has given and agreed to. The PINs wait unread in their sockets.
struct Given {
    entries: Entries,
    agreed: Option<Risk>,
}

impl Setting {
    #[tracing::instrument(name = "dialog", skip_all, fields(key = %self.key.id(), caller = self.caller.user.name))]
    async fn use_pin(self, cancelled: &CancellationToken) -> Result<Vec<u8>, Error> {
        let mut turn = None;
        let result = self.ask_and_try(&mut turn, cancelled).await;
        if let Some(turn) = turn {
            turn.ended(&result, Instant::now());
        }
        result
    }

    async fn ask_and_try(self, turn: &mut Option<Turn>, cancelled: &CancellationToken) -> Result<Vec<u8>, Error> {
        let stay = self.agents.stay(&self.caller).await?;
        let agent = self.agents.route(&self.caller).await?;
        // While the person reads: whose login it will be, and the record, name the program.
        let program = find_program(&self.agents, &self.caller);
        let asked = tokio::select! {
            asked = self.ask(&*agent, turn) => asked,
            () = self.caller.gone.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the caller left the bus")),
            () = cancelled.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the request was cancelled")),
            why = stay.ended() => Err(why.cancelled()),
            () = self.key.removed() => Err(Error::new(ErrorKind::TokenRemoved, "the Key was removed")),
        };
        let given = match asked {
            Ok(given) => given,
            Err(error) => {
                // It may be open still, whatever ended the wait; an agent that has none ignores this.
                agent.cancel(&self.request).await;
                if error.kind() == ErrorKind::TokenRemoved {
                    agent.notify(NoticeKind::TokenRemoved, &self.prompt(0)).await;
                }
                return Err(error);
            }
        };
        // An error would be a panic there, and the program unknown.
        drop(program.await);
        let prompt = self.prompt(0);
        let (key, notice) = (self.key.clone(), success_notice(&self.purpose.task));
        let on_the_key = matches!(given.entries, Entries::Pinpad);
        if on_the_key {
            agent.notify(NoticeKind::Pinpad, &prompt).await;
        }
        let result = self.try_once(given, cancelled, stay).await;
        if on_the_key {
            agent.cancel(&prompt.request).await;
        }
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::TokenRemoved) {
            agent.notify(NoticeKind::TokenRemoved, &prompt).await;
        }
        // Before the answer: a terminal agent leaves with it.
        if let (Ok(_), Some(notice)) = (&result, notice) {
            agent.notify(notice, &prompt).await;
            if key.snapshot().pin.state == PinState::ToBeChanged {
                agent.notify(NoticeKind::FactoryPin, &prompt).await;
            }
        }
        result
    }

    /// Shows the dialogs. A PIN that comes is not read here or anywhere in this process.
    async fn ask(&self, agent: &dyn Agent, turn: &mut Option<Turn>) -> Result<Given, Error> {
        let task = &self.purpose.task;
        let refused = |message| Error::new(ErrorKind::Cancelled, message);
        // Before the flags are read, which starts a process; but a Key that is locked says so to everybody.
        if !self.key.snapshot().is_locked(task.role()) {
            *turn = Some(self.limits.enter(self.caller.user.uid, Instant::now())?);
        }
        // First the flags: a technician is not asked anything about a Key that can't be unlocked.
        let mut decision = self.key.fresh_decision(task.role(), None).await?;
        if let Err(denial @ (Denial::Locked | Denial::NotSet)) = decision {
            // No dialog was shown.
            drop(turn.take());
            return Err(denied(task.role(), denial));
        }
        if turn.is_none() {
            *turn = Some(self.limits.enter(self.caller.user.uid, Instant::now())?);
        }
        if matches!(task, PinTask::UnblockPin) && !self.confirm(agent, DialogKind::Unblock).await? {
            return Err(refused("the unlock was not wanted"));
        }
        let mut agreed = None;
        while let Err(denial) = decision {
            match denial {
                Denial::Confirm(risk) if agreed.is_none_or(|agreed| agreed < risk) => {
                    if !self.confirm(agent, risk_dialog(task.role(), risk)).await? {
                        return Err(denied(task.role(), denial));
                    }
                    agreed = Some(risk);
                }
                denial => return Err(denied(task.role(), denial)),
            }
            decision = self.key.fresh_decision(task.role(), agreed).await?;
        }
        if self.key.has_pinpad() {
            return match self.confirm(agent, DialogKind::Pinpad).await? {
                true => Ok(Given { entries: Entries::Pinpad, agreed }),
                false => Err(refused("not wanted")),
            };
        }
        let kinds = pin_dialogs(task);
        let mut pins = Vec::new();
        for (step, kind) in (1 + questions(task)..).zip(kinds) {
            let socket = PinSocket::new()?;
            let prompt = self.prompt(step);
            self.in_time(agent.request_pin(*kind, &prompt, socket.sender)).await?;
            pins.push(socket.receiver);
        }
        Ok(Given { entries: Entries::Sockets { pins, agent_uid: agent.uid() }, agreed })
    }

    async fn confirm(&self, agent: &dyn Agent, kind: DialogKind) -> Result<bool, Error> {
        let prompt = self.prompt(if kind == DialogKind::Unblock { 1 } else { 0 });
        self.in_time(agent.confirm(kind, &prompt)).await
    }

    /// Each dialog has its own time.
    pub(super) async fn in_time<T>(&self, dialog: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let late = |_| Err(Error::new(ErrorKind::Timeout, "nobody answered the dialog"));
        tokio::time::timeout(self.dialog_limit, dialog).await.unwrap_or_else(late)
    }

    /// One entry, at most one try. The Key's actor reads the flags again and asks the guard once more.
    async fn try_once(self, given: Given, cancelled: &CancellationToken, stay: Stay) -> Result<Vec<u8>, Error> {
        let request = TryRequest {
            user: self.caller.user,
            task: self.purpose.task,
            agreed: given.agreed,
            entries: given.entries,
            withdrawn: Withdrawn { gone: self.caller.gone, cancelled: cancelled.clone(), stay },
            reason: self.purpose.reason,
        };
        self.key.try_pin(request).await
    }

    /// `step` counts from 1 among the dialogs that the operation always has; 0 stands beside them.
    pub(super) fn prompt(&self, step: u32) -> Prompt {
        let task = &self.purpose.task;
        let steps = questions(task) + u32::try_from(pin_dialogs(task).len()).unwrap_or(u32::MAX);
        Prompt::new(&self.request, &self.key.snapshot(), &self.caller, &self.purpose, (step, steps))
    }
}
