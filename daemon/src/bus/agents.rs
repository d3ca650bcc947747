//! The agents on the bus: who registered, whom each serves, and how to ask one.

use super::identify::identify;
use super::logind::{Logind, Post};
use super::options::{RawOptions, invalid, text};
use crate::prompt::{Agent, Agents, Caller, Prompt};
use crate::token::{Program, SessionId, Stay};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use ukey_dbus::options::{AGENT_DESKTOP, AGENT_KIND, AGENT_SESSION, AGENT_TERMINAL, WHO, WHO_SO, context};
use ukey_dbus::{AgentProxy, DialogKind, Error, ErrorKind, NoticeKind, names};
use ukey_shim_protocol::PinRole;
use zbus::{Connection, Fd, ObjectPath, OwnedObjectPath, Variant};

/// Agents that one user may have: on a desktop, and in terminals.
const AGENTS_PER_USER: usize = 32;
/// An agent answers what needs no person within this.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Every program of its session (without logind: of its user).
    Desktop,
    /// Only its own connection.
    Terminal,
}

/// One registered agent.
#[derive(Clone)]
pub(super) struct Registered {
    connection: Connection,
    pub(super) owner: Caller,
    pub(super) reach: Reach,
    /// The session that it claims to serve.
    pub(super) claimed: Option<String>,
    /// The one that a desktop agent serves; none without logind, or outside any session.
    pub(super) post: Option<Post>,
    path: OwnedObjectPath,
}

/// The registry. First come, first served: a session has one desktop agent until it leaves.
pub(super) struct Registry {
    connection: Connection,
    pub(super) logind: Arc<Logind>,
    agents: Mutex<Vec<Registered>>,
}

impl Registry {
    pub(super) fn new(connection: &Connection, logind: Arc<Logind>) -> Arc<Self> {
        Arc::new(Self { connection: connection.clone(), logind, agents: Mutex::default() })
    }

    /// `Manager.RegisterAgent`. `NotAuthorized` when another agent serves the session already.
    pub(super) async fn register(&self, owner: Caller, path: ObjectPath<'_>, options: RawOptions) -> Result<(), Error> {
        let (mut reach, mut claimed) = (Reach::Desktop, None);
        for (key, value) in options {
            match key.as_str() {
                AGENT_KIND => {
                    reach = match text(AGENT_KIND, value)?.as_str() {
                        AGENT_DESKTOP => Reach::Desktop,
                        AGENT_TERMINAL => Reach::Terminal,
                        _ => return Err(invalid(format!("{AGENT_KIND} must be {AGENT_DESKTOP} or {AGENT_TERMINAL}"))),
                    }
                }
                AGENT_SESSION => claimed = Some(text(AGENT_SESSION, value)?),
                _ => return Err(invalid("unknown option of RegisterAgent")),
            }
        }
        let post = match (reach, &claimed) {
            (Reach::Desktop, _) => self.logind.post_of_agent(&owner.user, claimed.as_deref()).await?,
            (Reach::Terminal, Some(name)) if self.logind.is_there() => {
                if !self.logind.is_one_of(name, owner.user.uid).await? {
                    return Err(Error::new(ErrorKind::NotAuthorized, "this session is not one of yours"));
                }
                None
            }
            (Reach::Terminal, _) => None,
        };
        let (connection, path) = (self.connection.clone(), path.to_owned().into());
        let agent = Registered { connection, owner, reach, claimed, post, path };
        let mut agents = self.lock();
        agents.retain(|other| !other.owner.gone.is_cancelled());
        if agents.iter().any(|other| other.stands_in_the_way_of(&agent)) {
            return Err(Error::new(ErrorKind::NotAuthorized, "another agent serves this session"));
        }
        if agents.iter().filter(|other| other.owner.user.uid == agent.owner.user.uid).count() >= AGENTS_PER_USER {
            return Err(Error::new(ErrorKind::TooManyRequests, "you have too many agents; end some"));
        }
        tracing::info!(agent = agent.owner.user.name, uid = agent.owner.user.uid, ?reach, "agent registered");
        agents.push(agent);
        Ok(())
    }

    /// `Manager.UnregisterAgent`: only the agent's own connection can.
    pub(super) fn unregister(&self, owner: &Caller, path: &ObjectPath<'_>) -> Result<(), Error> {
        let mut agents = self.lock();
        let before = agents.len();
        agents.retain(|agent| agent.owner.user.name != owner.user.name || agent.path.as_str() != path.as_str());
        if agents.len() < before { Ok(()) } else { Err(invalid("no agent is registered at this path")) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn find(&self, caller: &Caller) -> Result<Arc<dyn Agent>, Error> {
        let own = |agent: &&Registered| agent.owner.user.name == caller.user.name;
        let present = |agent: &&Registered| !agent.owner.gone.is_cancelled();
        if let Some(agent) = self.lock().iter().filter(present).find(own) {
            return Ok(Arc::new(agent.clone()));
        }
        let session = match self.logind.is_there() {
            true => self.logind.session_of(&caller.user).await?,
            false => None,
        };
        let uid = caller.user.uid;
        if let Some(agent) = self.desktop_agent(uid, session.as_ref()) {
            return Ok(Arc::new(agent));
        }
        if session.is_some() {
            self.post_guests_anew(uid).await;
        }
        match self.desktop_agent(uid, session.as_ref()) {
            Some(agent) => Ok(Arc::new(agent)),
            None => Err(no_agent("no agent can ask the PIN in this session; start ukey-agent")),
        }
    }

    /// The agent of a user's session; without logind the first of the user's.
    fn desktop_agent(&self, uid: u32, session: Option<&SessionId>) -> Option<Registered> {
        let tells_sessions = self.logind.is_there();
        let serves = |agent: &&Registered| {
            let there = agent.reach == Reach::Desktop && !agent.owner.gone.is_cancelled();
            let place = agent.post.as_ref().map(|post| &post.session);
            there && agent.owner.user.uid == uid && (!tells_sessions || place == session)
        };
        self.lock().iter().find(serves).cloned()
    }
}

impl Agents for Registry {
    fn route<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Arc<dyn Agent>, Error>> {
        self.find(caller).boxed()
    }

    fn stay<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Stay, Error>> {
        self.logind.stay(&caller.user).boxed()
    }
}

fn no_agent(message: &str) -> Error {
    Error::new(ErrorKind::NoAgent, message)
}

impl Registered {
    fn stands_in_the_way_of(&self, other: &Self) -> bool {
        let same_user = self.owner.user.uid == other.owner.user.uid;
        let same_connection = self.owner.user.name == other.owner.user.name;
        same_connection || (same_user && other.reach == Reach::Desktop && self.serves_as(other.post.as_ref()))
    }

    /// Is it the desktop agent at this post?
    pub(super) fn serves_as(&self, post: Option<&Post>) -> bool {
        let session = |post: &Post| post.session.clone();
        self.reach == Reach::Desktop && self.post.as_ref().map(session) == post.map(session)
    }

    async fn proxy(&self) -> Result<AgentProxy<'static>, Error> {
        AgentProxy::builder(&self.connection)
            .destination(self.owner.user.name.clone())
            .path(self.path.clone())
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await
            .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
    }
}

impl Agent for Registered {
    fn uid(&self) -> u32 {
        self.owner.user.uid
    }

    fn request_pin<'a>(
        &'a self,
        kind: DialogKind,
        prompt: &'a Prompt,
        pin: OwnedFd,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let (proxy, token) = (self.proxy().await?, token_path(prompt)?);
            let asked = proxy.request_pin(&token, kind.as_str(), context_of(prompt), Fd::from(pin));
            answered(asked, &self.owner.gone).await
        }
        .boxed()
    }

    fn confirm<'a>(&'a self, kind: DialogKind, prompt: &'a Prompt) -> BoxFuture<'a, Result<bool, Error>> {
        async move {
            let (proxy, token) = (self.proxy().await?, token_path(prompt)?);
            let asked = proxy.confirm(&token, kind.as_str(), context_of(prompt));
            answered(asked, &self.owner.gone).await
        }
        .boxed()
    }

    fn notify<'a>(&'a self, kind: NoticeKind, prompt: &'a Prompt) -> BoxFuture<'a, ()> {
        async move {
            let (Ok(proxy), Ok(token)) = (self.proxy().await, token_path(prompt)) else { return };
            let told = proxy.notify(&token, kind.as_str(), context_of(prompt));
            if let Ok(Err(error)) = tokio::time::timeout(ANSWER_LIMIT, answered(told, &self.owner.gone)).await {
                tracing::debug!(%error, "agent: notify");
            }
        }
        .boxed()
    }

    fn identify<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, Result<Program, Error>> {
        async move {
            match answered(identify(&self.proxy().await?, &caller.user), &self.owner.gone).await {
                // An older agent has no such method.
                Err(error) if !self.owner.gone.is_cancelled() => {
                    tracing::debug!(%error, caller = caller.user.name, "the agent does not tell the program");
                    Ok(Program::default())
                }
                told => told,
            }
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, request: &'a str) -> BoxFuture<'a, ()> {
        async move {
            let Ok(proxy) = self.proxy().await else { return };
            tokio::select! {
                cancelled = proxy.cancel(request) => if let Err(error) = cancelled {
                    tracing::debug!(%error, "agent: cancel");
                },
                () = self.owner.gone.cancelled() => {}
                () = tokio::time::sleep(ANSWER_LIMIT) => {}
            }
        }
        .boxed()
    }
}

/// Waits for an agent's answer, or for it to leave.
async fn answered<T>(asked: impl Future<Output = zbus::Result<T>>, gone: &CancellationToken) -> Result<T, Error> {
    tokio::select! {
        answer = asked => answer.map_err(|error| {
            let error = Error::from(error);
            match error.kind() {
                // What an agent may refuse with; anything else means that it does not work as one.
                ErrorKind::Cancelled | ErrorKind::Timeout | ErrorKind::PinInvalid => error,
                _ => no_agent(&format!("the agent failed: {}", error.message())),
            }
        }),
        () = gone.cancelled() => Err(no_agent("the agent left the bus")),
    }
}

fn token_path(prompt: &Prompt) -> Result<ObjectPath<'static>, Error> {
    ObjectPath::try_from(names::token_path(&prompt.token))
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

fn context_of(prompt: &Prompt) -> HashMap<&'static str, Variant<'_>> {
    let user = &prompt.caller.user;
    let mut context = HashMap::from([
        (context::REQUEST, Variant::from(prompt.request.as_str())),
        (context::CALLER, Variant::from(user.name.as_str())),
        (context::CALLER_UID, Variant::from(user.uid)),
        (context::CALLER_PID, Variant::from(user.pid)),
        (context::REASON, Variant::from(prompt.reason.as_str())),
        (context::LABEL, Variant::from(prompt.label.as_str())),
        (context::SERIAL_NUMBER, Variant::from(prompt.serial_number.as_str())),
        (context::HOLDER_NAME, Variant::from(prompt.holder_name.as_str())),
        (context::HOLDER_ID, Variant::from(prompt.holder_id.as_str())),
        (context::TRIES, Variant::from(prompt.tries)),
        (context::PIN_STATE, Variant::from(prompt.pin_state.as_str())),
        (context::PIN_MIN, Variant::from(u32::from(prompt.pin_length.0))),
        (context::PIN_MAX, Variant::from(u32::from(prompt.pin_length.1))),
    ]);
    if prompt.count > 0 {
        context.insert(context::COUNT, Variant::from(prompt.count));
    }
    if prompt.role == PinRole::So {
        context.insert(WHO, Variant::from(WHO_SO));
    }
    if let (step @ 1.., steps @ 2..) = prompt.step {
        context.extend([(context::STEP, Variant::from(step)), (context::STEPS, Variant::from(steps))]);
    }
    context
}
