//! Follows ukeyd: what it shows is read when it appears and again whenever it says that something changed. Signals
//! only say that; what counts is the answer of the service itself, so nobody's forged signal is believed.

use super::{Details, Login, Snapshot};
use crate::Error;
use crate::service_owner::{ServiceOwner, TrustedUsers};
use futures_util::stream::{BoxStream, StreamExt, select_all};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use ukey_dbus::names::{BUS_NAME, ROOT_PATH};
use ukey_dbus::{CertificateProxy, TokenProxy, TokenState};
use zbus::fdo::{DBusProxy, ManagedObjects, ObjectManagerProxy};
use zbus::message::Type;
use zbus::proxy::CacheProperties;
use zbus::{Connection, MatchRule, MessageStream, ObjectPath};

/// What needs no person and no Key is answered within this time.
const ANSWER_TIME: Duration = Duration::from_secs(15);
/// After an answer that did not come, it is asked for again.
const RETRY_TIME: Duration = Duration::from_secs(5);

/// The interfaces whose signals say that something changed.
const TELLING: [&str; 2] = ["org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"];

/// Follows ukeyd until it is dropped.
pub(crate) struct Mirror {
    shown: watch::Receiver<Arc<Snapshot>>,
    task: JoinHandle<()>,
}

impl Mirror {
    /// Begins to follow; the first snapshot has been read when this returns.
    ///
    /// # Errors
    /// [`Error::Bus`] when the bus does not take the match rules.
    pub(crate) async fn start(connection: &Connection, trusted: TrustedUsers) -> Result<Self, Error> {
        let changes = changes(connection).await?;
        let (sender, shown) = watch::channel(Arc::default());
        let follower = Follower { connection: connection.clone(), trusted, sender, details: HashMap::new() };
        let mut first = shown.clone();
        let task = tokio::spawn(follower.follow(changes));
        // The follower is gone only with the bus, which is noticed elsewhere.
        drop(first.changed().await);
        Ok(Self { shown, task })
    }

    /// The snapshots, the last one first.
    pub(crate) fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.shown.clone()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Something that ukeyd shows changed, or ukeyd came or left.
type Changes = BoxStream<'static, ()>;

async fn changes(connection: &Connection) -> Result<Changes, Error> {
    let owners = DBusProxy::new(connection).await?.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]).await?;
    let mut streams = vec![owners.map(drop).boxed()];
    for interface in TELLING {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS_NAME)
            .interface(interface)
            .path_namespace(ROOT_PATH)
            .build()?;
        streams.push(MessageStream::for_match_rule(rule, connection, None).await?.map(drop).boxed());
    }
    // Ends with the first that ends: the connection is then closed.
    let ended = streams.into_iter().map(|stream| stream.map(Some).chain(futures_util::stream::iter([None])).boxed());
    let merged = select_all(ended).take_while(|change| std::future::ready(change.is_some()));
    Ok(merged.map(drop).boxed())
}

struct Follower {
    connection: Connection,
    trusted: TrustedUsers,
    sender: watch::Sender<Arc<Snapshot>>,
    /// By fingerprint: they never change.
    details: HashMap<String, Details>,
}

impl Follower {
    async fn follow(mut self, mut changes: Changes) {
        let mut known = false;
        loop {
            let mut stale = false;
            let loaded = {
                let load = self.load();
                tokio::pin!(load);
                loop {
                    // The queue of signals must not fill up meanwhile: the answer comes over the same connection.
                    tokio::select! {
                        loaded = &mut load => break loaded,
                        change = changes.next() => match change {
                            Some(()) => stale = true,
                            None => return,
                        },
                    }
                }
            };
            let failed = loaded.is_err();
            let snapshot = loaded.unwrap_or_else(|error| {
                tracing::warn!(%error, "ukeyd does not say what it has");
                Snapshot::default()
            });
            self.details = details_of(&snapshot);
            self.sender.send_if_modified(|shown| {
                let differs = **shown != snapshot || !known;
                *shown = Arc::new(snapshot);
                differs
            });
            known = true;
            if !stale {
                tokio::select! {
                    change = changes.next() => if change.is_none() { return },
                    () = sleep(RETRY_TIME), if failed => {}
                }
            }
        }
    }

    /// Reads everything from whoever is ukeyd now.
    async fn load(&self) -> Result<Snapshot, Error> {
        let owner = match self.trusted.owner(&self.connection).await {
            Ok(Some(owner)) => owner,
            Ok(None) => return Ok(Snapshot::default()),
            // A stranger's Keys are not shown, and asking again does not make it ukeyd.
            Err(Error::UntrustedService(uid)) => {
                tracing::warn!(uid, "the owner of ukeyd's name may not be it");
                return Ok(Snapshot::default());
            }
            Err(error) => return Err(error),
        };
        let mut snapshot = Snapshot::read(&self.objects(&owner).await?, &self.details);
        for key in &mut snapshot.keys {
            if key.state == Some(TokenState::LoggedIn) {
                key.login = self.login(&owner, &key.path).await;
            }
            for certificate in &mut key.certificates {
                if !self.details.contains_key(&certificate.fingerprint) {
                    certificate.details = self.details(&owner, &certificate.path).await;
                }
            }
        }
        Ok(snapshot)
    }

    async fn objects(&self, owner: &ServiceOwner) -> Result<ManagedObjects, Error> {
        let manager = ObjectManagerProxy::builder(&self.connection)
            .destination(owner.name.clone())
            .path(ROOT_PATH)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        bounded(async { manager.get_managed_objects().await.map_err(zbus::Error::from) }).await
    }

    async fn login(&self, owner: &ServiceOwner, path: &ObjectPath<'_>) -> Login {
        let asked = async {
            let token = TokenProxy::builder(&self.connection).destination(owner.name.clone()).path(path.to_owned());
            token.cache_properties(CacheProperties::No).build().await?.get_login().await
        };
        match bounded(asked).await {
            Ok((true, _)) => Login::Mine,
            Ok((false, _)) => Login::Another,
            // It has just been removed, or logged out of; a signal says so.
            Err(error) => {
                tracing::debug!(%error, "GetLogin");
                Login::Nobody
            }
        }
    }

    /// Empty where this user may not read them now; they are asked for again with the next change.
    async fn details(&self, owner: &ServiceOwner, path: &ObjectPath<'_>) -> Details {
        let asked = async {
            let proxy =
                CertificateProxy::builder(&self.connection).destination(owner.name.clone()).path(path.to_owned());
            proxy.cache_properties(CacheProperties::No).build().await?.get_certificate().await
        };
        match bounded(asked).await {
            Ok((_, details)) => Details::read(&details),
            Err(error) => {
                tracing::debug!(%error, "GetCertificate");
                Details::default()
            }
        }
    }
}

/// What is known by fingerprint, without what could not be read.
fn details_of(snapshot: &Snapshot) -> HashMap<String, Details> {
    let read = snapshot.certificates().filter(|(_, certificate)| certificate.details != Details::default());
    read.map(|(_, certificate)| (certificate.fingerprint.clone(), certificate.details.clone())).collect()
}

async fn bounded<T>(answer: impl Future<Output = zbus::Result<T>>) -> Result<T, Error> {
    let late = || zbus::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    Ok(timeout(ANSWER_TIME, answer).await.map_err(|_| late())??)
}
