//! Turns at hashing documents, so that one program can't occupy the machine: the rest wait within their time.

use super::gates::Gates;
use crate::token::User;
use tokio::sync::OwnedSemaphorePermit;
use ukey_dbus::{Error, ErrorKind};

const PER_CONNECTION: usize = 2;
const PER_USER: usize = 8;

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
        let connection = self.connections.gate(user.name.clone(), PER_CONNECTION);
        let _connection = connection.acquire_owned().await.map_err(closed)?;
        let _user = self.users.gate(user.uid, PER_USER).acquire_owned().await.map_err(closed)?;
        Ok(HashTurn { _connection, _user })
    }
}
