//! The service as a whole: what its objects share, how it starts and how it stops.

use super::agents::Registry;
use super::audit::AuditObject;
use super::authorize::{Authorizer, AuthorizerKind};
use super::callers::Callers;
use super::expiry;
use super::hashing::HashTurns;
use super::line::Lines;
use super::logind::Logind;
use super::manager::ManagerObject;
use super::quota::Quota;
use super::statistics::{StatisticsObject, tell_changes};
use super::tree::{self, Tree};
use crate::audit::Journal;
use crate::certificate::Trust;
use crate::config::Settings;
use crate::modules::{ModuleHandle, Presence};
use crate::prompt::{Agents, Broker};
use crate::statistics::Statistics;
use crate::token::Keyring;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use ukey_dbus::{Bus, ModuleState, names};
use zbus::Connection;
use zbus::fdo::{DBusProxy, ObjectManager, RequestNameFlags, RequestNameReply};

pub(super) use ukey_alarm::unix_now;

/// How long the first look at the modules may hold back the bus name.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// How long a stop waits for calls under way; systemd's own patience is longer.
const LAST_CALLS: Duration = Duration::from_secs(10);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("bus: {0}")]
    Bus(#[from] zbus::Error),
    #[error("another ukeyd owns {name} on this bus", name = names::BUS_NAME)]
    NameTaken,
    #[error("--authorizer same-uid is for private buses; the system bus needs polkit")]
    SameUidOnSystemBus,
}

/// Shared by all objects.
pub(crate) struct Service {
    pub(super) connection: Connection,
    pub(super) callers: Callers,
    pub(super) agents: Arc<Registry>,
    logind: Arc<Logind>,
    pub(super) broker: Broker,
    pub(super) authorizer: Authorizer,
    pub(super) journal: Journal,
    pub(super) keyring: Arc<Keyring>,
    pub(super) settings: Settings,
    pub(super) trust: Arc<Trust>,
    pub(super) hash_turns: HashTurns,
    pub(super) tree: Tree,
    pub(super) quota: Quota,
    pub(super) lines: Lines,
    pub(super) statistics: Arc<Statistics>,
    /// Calls under way; closed when the service stops.
    pub(super) calls: TaskTracker,
    /// Cancelled when no document is worth reading any more.
    pub(super) stopping: CancellationToken,
}

impl From<zbus::fdo::Error> for StartError {
    fn from(error: zbus::fdo::Error) -> Self {
        Self::Bus(error.into())
    }
}

/// Connects and makes sure that no other daemon serves this bus. Nothing of a Key is touched before this.
pub(crate) async fn connect(bus: &Bus, authorizer: AuthorizerKind) -> Result<Connection, StartError> {
    if *bus == Bus::System && authorizer == AuthorizerKind::SameUid {
        return Err(StartError::SameUidOnSystemBus);
    }
    let connection = bus.builder().build().await?;
    let name = names::BUS_NAME.try_into()?;
    if DBusProxy::new(&connection).await?.name_has_owner(name).await? {
        return Err(StartError::NameTaken);
    }
    Ok(connection)
}

impl Service {
    /// Puts the root object on the bus, without a name yet.
    pub(crate) async fn start(
        connection: Connection,
        authorizer: AuthorizerKind,
        settings: Settings,
        journal: Journal,
        keyring: Arc<Keyring>,
        presence: watch::Sender<Presence>,
    ) -> Result<Arc<Self>, StartError> {
        let logind = Logind::follow(&connection, Arc::clone(&keyring)).await?;
        let agents = Registry::new(&connection, Arc::clone(&logind));
        let router: Arc<dyn Agents> = Arc::clone(&agents) as _;
        let service = Arc::new(Self {
            callers: Callers::watch(&connection, presence).await?,
            broker: Broker::new(router, settings.login.dialog()),
            authorizer: Authorizer::new(authorizer, &connection, logind.news()).await?,
            agents,
            logind,
            journal,
            keyring,
            trust: Arc::new(Trust::read(settings.trust.clone())),
            settings,
            hash_turns: HashTurns::default(),
            tree: Tree::default(),
            quota: Quota::default(),
            lines: Lines::default(),
            statistics: Arc::new(Statistics::new()),
            calls: TaskTracker::new(),
            stopping: CancellationToken::new(),
            connection,
        });
        let server = service.connection.object_server();
        server.at(names::ROOT_PATH, ObjectManager).await?;
        server.at(names::ROOT_PATH, ManagerObject::new(Arc::clone(&service))).await?;
        server.at(names::ROOT_PATH, AuditObject::new(Arc::clone(&service))).await?;
        server.at(names::ROOT_PATH, StatisticsObject::new(Arc::clone(&service))).await?;
        tokio::spawn(tell_changes(service.connection.clone(), Arc::clone(&service.statistics)));
        tokio::spawn(keep_reconciled(Arc::clone(&service), service.keyring.changes()));
        Ok(service)
    }

    /// Shows a module on the bus until its supervision ends.
    pub(crate) async fn show_module(&self, module: &ModuleHandle) -> Result<JoinHandle<()>, StartError> {
        Ok(tree::show_module(&self.connection, module.clone()).await?)
    }

    /// Takes the name, once every module has answered or failed for the first time.
    pub(crate) async fn open(self: &Arc<Self>, modules: &[ModuleHandle]) -> Result<(), StartError> {
        first_look(modules).await;
        for module in modules {
            self.keyring.look(module);
        }
        tree::reconcile(self).await;
        let flags = RequestNameFlags::DO_NOT_QUEUE;
        match self.connection.request_name_with_flags(names::BUS_NAME, flags).await {
            Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {
                // Not before: who listens by the name would miss the first warnings.
                expiry::start(self);
                Ok(())
            }
            Ok(_) | Err(zbus::Error::NameTaken) => Err(StartError::NameTaken),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the trusted certificates and revocation lists again.
    pub(crate) fn reload(&self) {
        self.trust.reload();
    }

    /// Waits until the computer has woken up; each time once.
    pub(crate) async fn awoken(&self) {
        self.logind.awoken().await;
    }

    /// Waits until the bus connection is lost.
    pub(crate) async fn disconnected(&self) {
        self.connection.closed().await;
    }

    /// Takes no more calls, closes the dialogs, lets signatures that a Key works on be answered, and logs out.
    pub(crate) async fn stop(&self) {
        self.calls.close();
        self.stopping.cancel();
        if let Err(error) = self.connection.release_name(names::BUS_NAME).await {
            tracing::debug!(%error, "release name");
        }
        self.broker.cancel_all();
        if tokio::time::timeout(LAST_CALLS, self.calls.wait()).await.is_err() {
            tracing::warn!(calls = self.calls.len(), "calls are given up");
        }
        for key in self.keyring.keys() {
            key.stop().await;
        }
        self.callers.flush().await;
    }
}

async fn keep_reconciled(service: Arc<Service>, mut changes: watch::Receiver<()>) {
    while changes.changed().await.is_ok() {
        tree::reconcile(&service).await;
    }
}

async fn first_look(modules: &[ModuleHandle]) {
    let all = async {
        for module in modules {
            let mut changes = module.watch();
            // A module whose supervision has ended is waited for no longer.
            let _ = changes.wait_for(|snapshot| snapshot.state != ModuleState::Starting).await;
        }
    };
    if tokio::time::timeout(FIRST_LOOK, all).await.is_err() {
        tracing::warn!("a module takes long to start; its Keys appear when it has");
    }
}
