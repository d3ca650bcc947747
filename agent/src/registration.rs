//! Serving: the object on the bus, the registration with ukeyd, again when ukeyd comes back.

use crate::asker::Asker;
use crate::dialogs::Dialogs;
use crate::factory::FactoryNotes;
#[cfg(feature = "desktop")]
use crate::notices::Announcer;
use crate::notices::Place;
use crate::service::Service;
use crate::service_owner::{ServiceOwner, TrustedUsers, service_name};
use crate::texts::first_set;
use crate::{Error, Settings};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use ukey_dbus::names::{AGENT_PATH, BUS_NAME};
use ukey_dbus::{ManagerProxy, options};
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::{Connection, ObjectPath, Variant};

/// Longest time for ukeyd, or the bus that starts it, to answer.
const ANSWER_TIME: Duration = Duration::from_secs(15);

/// What an agent serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentKind {
    /// Every program of the desktop session. Waits for ukeyd when it isn't there.
    Desktop,
    /// The calls of its own connection. Needs ukeyd to be there, or startable by the bus.
    Terminal,
}

impl AgentKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => options::AGENT_DESKTOP,
            Self::Terminal => options::AGENT_TERMINAL,
        }
    }
}

/// Starts to serve on `connection`, which should come from [`connect`](crate::connect): exports the object at
/// [`AGENT_PATH`] and registers it with ukeyd. From then on dialogs appear when ukeyd asks, until the
/// [`Registration`] is ended or dropped. Needs a tokio runtime; current-thread will do.
///
/// # Errors
/// [`Error::NoPinentry`] and [`Error::NotAProgram`] before anything is on the bus; [`Error::Refused`] when ukeyd
/// doesn't take the agent; [`Error::UntrustedService`] when somebody else poses as ukeyd; [`Error::NoService`] for a
/// terminal agent without ukeyd.
pub async fn serve(connection: &Connection, settings: Settings, kind: AgentKind) -> Result<Registration, Error> {
    let trusted = TrustedUsers::on(&settings.bus).await;
    let dialogs = Arc::new(Dialogs::default());
    let asker = Arc::new(Asker::new(settings)?);
    let factory = FactoryNotes::default();
    let place = Place::default();
    let parts = Parts { asker, dialogs, trusted, place };
    let Parts { asker, dialogs, trusted, place } = parts.clone();
    let service = Service { asker, dialogs: Arc::clone(&dialogs), trusted: trusted.clone(), factory, kind, place };
    connection.object_server().at(AGENT_PATH, service).await?;
    let agent = Agent { connection: connection.clone(), dialogs: Arc::clone(&dialogs), trusted, kind };
    match agent.start().await {
        Ok((owner, changes)) => {
            let registered = owner.is_some();
            let (sender, ended) = oneshot::channel();
            // A send fails only when nobody waits for the end any more.
            let task = tokio::spawn(async move { drop(sender.send(agent.keep_registered(owner, changes).await)) });
            Ok(Registration { connection: connection.clone(), parts, task, ended, registered })
        }
        Err(error) => {
            connection.object_server().remove::<Service, _>(AGENT_PATH).await?;
            Err(error)
        }
    }
}

/// What an agent serves with.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) asker: Arc<Asker>,
    pub(crate) dialogs: Arc<Dialogs>,
    pub(crate) trusted: TrustedUsers,
    place: Place,
}

/// A serving agent. Dropping it ends the dialogs; [`unregister`](Self::unregister) also takes leave of ukeyd.
pub struct Registration {
    connection: Connection,
    parts: Parts,
    task: JoinHandle<()>,
    ended: oneshot::Receiver<Error>,
    registered: bool,
}

impl Registration {
    /// Was ukeyd there when the agent started? A desktop agent registers later when it wasn't.
    pub fn was_registered(&self) -> bool {
        self.registered
    }

    /// Waits until the agent can't serve any more and says why: the bus has gone, or ukeyd came back and refused it.
    pub async fn ended(&mut self) -> Error {
        (&mut self.ended).await.unwrap_or(Error::BusClosed)
    }

    /// What it serves with.
    #[cfg(feature = "desktop")]
    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// From now on messages go there; the first place stays.
    #[cfg(feature = "desktop")]
    pub(crate) fn announce_by(&self, place: Arc<dyn Announcer>) {
        drop(self.parts.place.set(place));
    }

    /// Waits until the person has read every message that is open or waits, such as the warning of a factory PIN.
    pub async fn messages_read(&self) {
        self.parts.dialogs.wait_until_read().await;
    }

    /// Ends every dialog, waits until the screen is clear and the terminal as it was, and tells ukeyd.
    ///
    /// # Errors
    /// [`Error::Bus`] when the object can't be taken off the bus. That ukeyd doesn't answer is no error.
    pub async fn unregister(self) -> Result<(), Error> {
        self.task.abort();
        self.parts.dialogs.cancel_all_but(None);
        self.parts.dialogs.wait_until_clear().await;
        self.connection.object_server().remove::<Service, _>(AGENT_PATH).await?;
        let bus = DBusProxy::new(&self.connection).await?;
        // Asked first: a call to a name without an owner could start ukeyd.
        if bus.name_has_owner(service_name().into()).await.is_ok_and(|there| there) {
            let manager = ManagerProxy::new(&self.connection).await?;
            match timeout(ANSWER_TIME, manager.unregister_agent(&path())).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "unregistering"),
                Err(_) => tracing::debug!("ukeyd does not answer"),
            }
        }
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.task.abort();
        self.parts.dialogs.cancel_all_but(None);
    }
}

/// What registers, and watches ukeyd come and go.
struct Agent {
    connection: Connection,
    dialogs: Arc<Dialogs>,
    trusted: TrustedUsers,
    kind: AgentKind,
}

impl Agent {
    /// Listens to ukeyd's name and registers when it has, or gets, an owner.
    async fn start(&self) -> Result<(Option<ServiceOwner>, NameOwnerChangedStream), Error> {
        let bus = DBusProxy::new(&self.connection).await?;
        let changes = bus.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]).await?;
        let mut owner = self.trusted.owner(&self.connection).await?;
        if owner.is_none() {
            // Refused where the name isn't activatable; then there is no owner, which is all that counts.
            drop(timeout(ANSWER_TIME, bus.start_service_by_name(service_name(), 0)).await);
            owner = self.trusted.owner(&self.connection).await?;
        }
        match (&owner, self.kind) {
            (Some(_), _) => self.register().await?,
            (None, AgentKind::Desktop) => {}
            (None, AgentKind::Terminal) => return Err(Error::NoService),
        }
        Ok((owner, changes))
    }

    /// Follows ukeyd's name; returns when the agent can't serve any more.
    async fn keep_registered(&self, mut owner: Option<ServiceOwner>, mut changes: NameOwnerChangedStream) -> Error {
        let error = loop {
            tokio::select! {
                () = self.connection.closed() => break Error::BusClosed,
                change = changes.next() => if change.is_none() { break Error::BusClosed },
            }
            // The signals may have been overtaken: what counts is who owns the name now.
            match self.trusted.owner(&self.connection).await {
                Ok(now) if now == owner => {}
                Ok(now) => {
                    self.dialogs.cancel_all_but(now.as_ref().map(|owner| &owner.name));
                    if now.is_some()
                        && let Err(error) = self.register().await
                    {
                        break error;
                    }
                    tracing::info!(there = now.is_some(), "ukeyd came or left");
                    owner = now;
                }
                Err(error) => break error,
            }
        };
        self.dialogs.cancel_all_but(None);
        error
    }

    async fn register(&self) -> Result<(), Error> {
        let mut options: HashMap<&str, Variant<'_>> = HashMap::from([(options::AGENT_KIND, self.kind.as_str().into())]);
        // After `su` the variable names another user's session, and a terminal's agent needs none.
        if self.kind == AgentKind::Desktop
            && let Some(session) = first_set(&["XDG_SESSION_ID"])
        {
            options.insert(options::AGENT_SESSION, session.into());
        }
        let manager = ManagerProxy::new(&self.connection).await?;
        match timeout(ANSWER_TIME, manager.register_agent(&path(), options)).await {
            Ok(answer) => answer.map_err(|error| Error::Refused(error.into())),
            Err(_) => Err(Error::Refused(ukey_dbus::Error::new(ukey_dbus::ErrorKind::Timeout, "no answer"))),
        }
    }
}

fn path() -> ObjectPath<'static> {
    ObjectPath::from_static_str_unchecked(AGENT_PATH)
}
