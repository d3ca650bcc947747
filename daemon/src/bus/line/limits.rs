//! How many lines there may be, and how much of what comes over them is kept at once.

use crate::bus::gates::Gates;
use crate::token::User;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use ukey_dbus::options::{LINES_PER_CONNECTION, LINES_PER_USER};
use ukey_dbus::{Error, ErrorKind};

/// Of messages that are larger than [`SMALL`], per user.
const BYTES_PER_USER: usize = 128 << 20;
/// Of descriptors that came in messages, per user.
const DESCRIPTORS_PER_USER: usize = 256;
/// Messages up to this size are limited by their number only.
pub(super) const SMALL: usize = 4 << 10;

/// What every line shares.
#[derive(Default)]
pub(in crate::bus) struct Lines {
    connections: Gates<String>,
    users: Gates<u32>,
    bytes: Gates<u32>,
    descriptors: Gates<u32>,
}

/// Leave for one line; given back when dropped.
pub(super) struct Place {
    _connection: OwnedSemaphorePermit,
    _user: OwnedSemaphorePermit,
}

/// What a user's lines may keep.
#[derive(Clone, Debug)]
pub(super) struct Room {
    bytes: Arc<Semaphore>,
    descriptors: Arc<Semaphore>,
}

/// What one message takes; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Kept {
    permits: Vec<OwnedSemaphorePermit>,
}

impl Lines {
    /// `TooManyRequests` when this connection or its user has as many as there may be.
    pub(super) fn take(&self, user: &User) -> Result<Place, Error> {
        let too_many = |_| Error::new(ErrorKind::TooManyRequests, "you have too many open connections; close some");
        let connection = self.connections.gate(user.name.clone(), LINES_PER_CONNECTION);
        let _connection = connection.try_acquire_owned().map_err(too_many)?;
        let _user = self.users.gate(user.uid, LINES_PER_USER).try_acquire_owned().map_err(too_many)?;
        Ok(Place { _connection, _user })
    }

    pub(super) fn room(&self, uid: u32) -> Room {
        Room {
            bytes: self.bytes.gate(uid, BYTES_PER_USER >> 10),
            descriptors: self.descriptors.gate(uid, DESCRIPTORS_PER_USER),
        }
    }
}

impl Kept {
    /// Waits until there is room for a message of this length.
    pub(super) async fn add_bytes(&mut self, length: usize, room: &Room) -> std::io::Result<()> {
        if length > SMALL {
            self.add(&room.bytes, length >> 10).await?;
        }
        Ok(())
    }

    /// Waits until there is room for so many descriptors.
    pub(super) async fn add_descriptors(&mut self, count: usize, room: &Room) -> std::io::Result<()> {
        if count > 0 {
            self.add(&room.descriptors, count).await?;
        }
        Ok(())
    }

    /// Adds what another part of the same message took.
    pub(super) fn join(&mut self, other: Self) {
        self.permits.extend(other.permits);
    }

    async fn add(&mut self, of: &Arc<Semaphore>, amount: usize) -> std::io::Result<()> {
        let amount = u32::try_from(amount).map_err(std::io::Error::other)?;
        self.permits.push(Arc::clone(of).acquire_many_owned(amount).await.map_err(std::io::Error::other)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::ProgramOnce;

    fn user(uid: u32, name: &str) -> User {
        User { uid, pid: 1, name: name.to_owned(), program: ProgramOnce::default() }
    }

    #[test]
    fn connections_and_users_have_their_limits_and_get_them_back() {
        let lines = Lines::default();
        let mut places: Vec<_> = (0..LINES_PER_CONNECTION).map(|_| lines.take(&user(7, ":1.1")).unwrap()).collect();
        assert!(lines.take(&user(7, ":1.1")).is_err());
        places.pop();
        places.push(lines.take(&user(7, ":1.1")).unwrap());
        for number in 2.. {
            match lines.take(&user(7, &format!(":1.{number}"))) {
                Ok(place) => places.push(place),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::TooManyRequests);
                    break;
                }
            }
        }
        assert_eq!(places.len(), LINES_PER_USER);
        assert!(lines.take(&user(8, ":1.9999")).is_ok(), "another user");
        places.clear();
        assert!(lines.take(&user(7, ":1.1")).is_ok());
    }

    #[tokio::test]
    async fn large_messages_and_descriptors_wait_for_room() {
        let (lines, mut kept) = (Lines::default(), Kept::default());
        let room = lines.room(7);
        kept.add_bytes(BYTES_PER_USER, &room).await.unwrap();
        kept.add_descriptors(DESCRIPTORS_PER_USER, &room).await.unwrap();
        let mut more = Kept::default();
        more.add_bytes(SMALL, &room).await.unwrap();
        assert_eq!((room.bytes.available_permits(), room.descriptors.available_permits()), (0, 0));
        drop(kept);
        more.add_bytes(SMALL + 1, &room).await.unwrap();
        more.add_descriptors(1, &room).await.unwrap();
    }
}
