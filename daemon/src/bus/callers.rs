//! Who is on the bus: user and process of each caller, asked once per connection, and the moment it leaves.

use crate::modules::Presence;
use crate::prompt::Caller;
use crate::token::{ProgramOnce, User};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::message::Header;
use zbus::names::{BusName, UniqueName};

struct Known {
    user: Option<User>,
    gone: CancellationToken,
}

type ByName = HashMap<String, Known>;

/// The callers seen so far and still there.
pub(super) struct Callers {
    bus: DBusProxy<'static>,
    known: Arc<Mutex<ByName>>,
    presence: watch::Sender<Presence>,
}

fn not_authorized(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NotAuthorized, message)
}

impl Callers {
    /// Starts watching for names that leave.
    pub(super) async fn watch(connection: &Connection, presence: watch::Sender<Presence>) -> zbus::Result<Self> {
        let bus = DBusProxy::new(connection).await?;
        // An empty new owner: one match rule for everyone who leaves.
        let mut leaving = bus.receive_name_owner_changed_with_args(&[(2, "")]).await?;
        let known: Arc<Mutex<ByName>> = Arc::default();
        let (all, present) = (Arc::clone(&known), presence.clone());
        tokio::spawn(async move {
            while let Some(signal) = leaving.next().await {
                let Ok(change) = signal.args() else { continue };
                forget(&all, change.name(), &present);
            }
        });
        Ok(Self { bus, known, presence })
    }

    /// The caller of a message. Unknown or gone: `NotAuthorized`.
    pub(super) async fn of(&self, header: &Header<'_>) -> Result<Caller, Error> {
        match header.sender() {
            Some(sender) => self.named(sender).await,
            None => Err(not_authorized("a message without a sender")),
        }
    }

    /// Returns when all that was sent before has reached the bus: it answers in order.
    pub(super) async fn flush(&self) {
        if let Err(error) = self.bus.get_id().await {
            tracing::debug!(%error, "flush");
        }
    }

    async fn named(&self, sender: &UniqueName<'_>) -> Result<Caller, Error> {
        let name = sender.to_string();
        // Known before the question: a caller that leaves meanwhile is then marked as gone.
        let gone = {
            let mut all = lock(&self.known);
            let known = all.entry(name.clone()).or_insert_with(|| Known { user: None, gone: CancellationToken::new() });
            if let Some(user) = &known.user {
                return Ok(Caller { user: user.clone(), gone: known.gone.clone() });
            }
            known.gone.clone()
        };
        // Boxed, as it is seldom: each call has room for what it may have to wait for.
        let credentials = Box::pin(self.bus.get_connection_credentials(BusName::from(sender.to_owned()))).await;
        let Ok(Some((uid, pid))) =
            credentials.map(|found| found.unix_user_id().map(|uid| (uid, found.process_id().unwrap_or(0))))
        else {
            // Gone, maybe before it was known here: then nobody will say so any more.
            forget(&self.known, &name, &self.presence);
            return Err(not_authorized("the bus does not know the caller"));
        };
        let user = User { uid, pid, name: name.clone(), program: ProgramOnce::default() };
        let user = match lock(&self.known).get_mut(&name) {
            // Another call of it may have been quicker: what is found out about it is found out once.
            Some(known) => known.user.get_or_insert(user).clone(),
            None => user,
        };
        self.presence
            .send_if_modified(|presence| std::mem::replace(presence, Presence::Somebody) != Presence::Somebody);
        Ok(Caller { user, gone })
    }
}

/// Forgets a caller that has left; whatever is done for it ends.
fn forget(known: &Mutex<ByName>, name: &str, presence: &watch::Sender<Presence>) {
    let mut all = lock(known);
    if let Some(left) = all.remove(name) {
        left.gone.cancel();
        tracing::debug!(known = all.len(), "a caller has left");
        if all.is_empty() {
            presence.send_replace(Presence::Nobody);
        }
    }
}

fn lock(known: &Mutex<ByName>) -> MutexGuard<'_, ByName> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
