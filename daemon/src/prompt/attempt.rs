//! One dialog and the one PIN try that may follow it. Goes on by itself when the call that opened it is answered with
//! `Timeout`; ends when its caller leaves the bus.

use super::agent::{Agent, Agents, Prompt};
use super::broker::Purpose;
use super::caller::Caller;
use super::pin_socket::PinSocket;
use crate::token::{Confirmation, KeyHandle, LoginRequest, permit_try};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind, PinState};

type Outcome = Option<Result<(), Error>>;

/// An attempt under way.
pub(super) struct Attempt {
    /// Unique name of the caller that opened the dialog.
    pub(super) owner: String,
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
}

impl Attempt {
    /// Starts it as a task of its own; `ended` runs before its outcome is known to others.
    pub(super) fn start(setting: Setting, ended: impl FnOnce() + Send + 'static) -> Arc<Self> {
        let (publish, outcome) = watch::channel(None);
        let cancelled = CancellationToken::new();
        let attempt = Arc::new(Self { owner: setting.caller.user.name.clone(), outcome, cancelled: cancelled.clone() });
        tokio::spawn(async move {
            let result = setting.run(&cancelled).await;
            ended();
            publish.send_replace(Some(result));
        });
        attempt
    }

    /// Waits for its end.
    pub(super) async fn outcome(&self) -> Result<(), Error> {
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

/// What the person has given: a PIN, waiting unread in its socket.
struct Entry {
    pin: OwnedFd,
    agent_uid: u32,
    confirmation: Confirmation,
}

impl Setting {
    #[tracing::instrument(name = "login", skip_all, fields(key = %self.key.id(), caller = self.caller.user.name))]
    async fn run(self, cancelled: &CancellationToken) -> Result<(), Error> {
        let agent = self.agents.route(&self.caller).await?;
        let dialog = self.ask(&*agent);
        let asked = tokio::select! {
            asked = dialog => asked,
            () = self.caller.gone.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the caller left the bus")),
            () = cancelled.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the request was cancelled")),
            () = tokio::time::sleep(self.dialog_limit) => {
                Err(Error::new(ErrorKind::Timeout, "nobody answered the dialog"))
            }
        };
        let entry = match asked {
            Ok(entry) => entry,
            Err(error) => {
                // It may be open still, whatever ended the wait; an agent that has none ignores this.
                agent.cancel(&self.request).await;
                return Err(error);
            }
        };
        self.try_once(entry).await
    }

    /// Shows the dialogs. The PIN that comes is not read here or anywhere in this process.
    async fn ask(&self, agent: &dyn Agent) -> Result<Entry, Error> {
        let state = self.key.fresh_pin_state().await?;
        let confirmation = match permit_try(state, Confirmation::NotGiven) {
            Ok(_) => Confirmation::NotGiven,
            Err(error) if error.kind() == ErrorKind::PinFinalTry => {
                if !agent.confirm_final_try(&self.prompt(state)).await? {
                    return Err(error);
                }
                Confirmation::Given
            }
            Err(error) => return Err(error),
        };
        let socket = PinSocket::new()?;
        agent.request_pin(&self.prompt(state), socket.sender).await?;
        Ok(Entry { pin: socket.receiver, agent_uid: agent.uid(), confirmation })
    }

    /// One entry, at most one try: the flags are read again, since the dialog may have been open for long.
    async fn try_once(self, entry: Entry) -> Result<(), Error> {
        if self.caller.gone.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the caller left the bus"));
        }
        let state = self.key.fresh_pin_state().await?;
        let request = LoginRequest {
            user: self.caller.user,
            takeover: self.purpose.takeover,
            permit: permit_try(state, entry.confirmation)?,
            pin: entry.pin,
            agent_uid: entry.agent_uid,
            reason: self.purpose.reason,
        };
        self.key.login(request).await
    }

    fn prompt(&self, state: PinState) -> Prompt {
        let key = self.key.snapshot();
        let holder = self.purpose.certificate.as_ref().or(key.certificates.first());
        Prompt {
            request: self.request.clone(),
            token: key.id.to_string(),
            caller: self.caller.clone(),
            reason: self.purpose.reason.clone(),
            label: key.label.clone(),
            serial_number: key.serial_number.clone(),
            holder_name: holder.map(|facts| facts.content.holder_name.clone()).unwrap_or_default(),
            holder_id: holder.map(|facts| facts.holder_id().to_owned()).unwrap_or_default(),
            pin_state: state,
            tries: key.pin.tries_or_minus_one(),
            pin_length: key.pin_length.unwrap_or_default(),
        }
    }
}
