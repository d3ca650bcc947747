//! Turns at hashing documents, so that one program can't occupy the machine: the rest wait within their time.

use crate::token::User;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use ukey_dbus::{Error, ErrorKind};

const PER_CONNECTION: usize = 2;
const PER_USER: usize = 8;

type Gates<K> = Mutex<HashMap<K, Weak<Semaphore>>>;

/// Turns of each connection and of each user.
#[derive(Default)]
pub(super) struct HashTurns {
    connections: Gates<String>,
    users: Gates<u32>,
}

/// Leave to hash one document; given back when dropped.
pub(super) struct HashTurn {
    _connection: OwnedSemaphorePermit,
    _user: OwnedSemaphorePermit,
}

impl HashTurns {
    /// Waits for a turn.
    pub(super) async fn take(&self, user: &User) -> Result<HashTurn, Error> {
        let closed = |_| Error::new(ErrorKind::Internal, "hashing has stopped");
        let connection = gate(&self.connections, user.name.clone(), PER_CONNECTION);
        let _connection = connection.acquire_owned().await.map_err(closed)?;
        let _user = gate(&self.users, user.uid, PER_USER).acquire_owned().await.map_err(closed)?;
        Ok(HashTurn { _connection, _user })
    }
}

/// The gate of this key, as long as anyone holds or awaits a permit of it.
fn gate<K: Eq + Hash>(gates: &Gates<K>, key: K, permits: usize) -> Arc<Semaphore> {
    let mut gates = gates.lock().unwrap_or_else(PoisonError::into_inner);
    gates.retain(|_, gate| gate.strong_count() > 0);
    if let Some(gate) = gates.get(&key).and_then(Weak::upgrade) {
        return gate;
    }
    let gate = Arc::new(Semaphore::new(permits));
    gates.insert(key, Arc::downgrade(&gate));
    gate
}
