//! logind: whose session it is, whether its person is there, and when the computer sleeps. Where it is not there,
//! nobody's leaving is seen and agents serve by user.

mod client;
mod event;
mod sleep;
mod watch;
mod whose;

pub(super) use whose::Post;

use crate::token::{Keyring, Stays};
use client::{Client, LOGIND};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::watch::{Receiver, Sender};
use watch::News;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::UniqueName;

/// logind as it is followed.
pub(super) struct Logind {
    client: Client,
    /// Who is it, on the bus?
    owner: Mutex<Option<String>>,
    stays: Stays,
    /// Somebody has begun a stay in a session.
    staying: Notify,
    /// Sleep waits for as long as it is open.
    inhibitor: Mutex<Option<OwnedFd>>,
    awoken: Notify,
    /// Told whenever something about sessions has changed.
    news: Sender<()>,
    keyring: Arc<Keyring>,
}

impl Logind {
    /// Starts following it, whether it is there yet or not.
    pub(super) async fn follow(connection: &Connection, keyring: Arc<Keyring>) -> zbus::Result<Arc<Self>> {
        let logind = Arc::new(Self {
            client: Client::new(connection),
            owner: Mutex::default(),
            stays: Stays::default(),
            staying: Notify::new(),
            inhibitor: Mutex::default(),
            awoken: Notify::new(),
            news: Sender::new(()),
            keyring,
        });
        let news = News::subscribe(connection).await?;
        let bus = DBusProxy::new(connection).await?;
        match bus.get_name_owner(LOGIND.try_into()?).await {
            Ok(owner) => logind.came(owner.as_str()).await,
            Err(zbus::fdo::Error::NameHasNoOwner(_)) => {
                tracing::info!(
                    "there is no logind: logins end by their time limits only, not with screen locks or sleep"
                );
            }
            Err(error) => return Err(error.into()),
        }
        tokio::spawn(news.follow(Arc::clone(&logind)));
        Ok(logind)
    }

    /// Is it there?
    pub(super) fn is_there(&self) -> bool {
        self.owner().is_some()
    }

    /// Told whenever something about somebody's session has changed, or nothing of it is known any more.
    pub(super) fn news(&self) -> Receiver<()> {
        self.news.subscribe()
    }

    /// Is this logind?
    fn is(&self, sender: Option<&UniqueName<'_>>) -> bool {
        sender.is_some_and(|sender| self.owner().as_deref() == Some(sender.as_str()))
    }

    fn owner(&self) -> MutexGuard<'_, Option<String>> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inhibitor(&self) -> MutexGuard<'_, Option<OwnedFd>> {
        self.inhibitor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
