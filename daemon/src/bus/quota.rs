//! How much one program and one user may have under way at once: beyond it `TooManyRequests`, before anything is kept.

use crate::token::User;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use ukey_dbus::{Error, ErrorKind};

const CALLS_PER_CONNECTION: usize = 128;
const CALLS_PER_USER: usize = 512;
/// Bytes of documents that came in a message, per user.
const BYTES_PER_USER: usize = 256 << 20;

#[derive(Default)]
struct Counts {
    connections: HashMap<String, usize>,
    users: HashMap<u32, usize>,
    bytes: HashMap<u32, usize>,
}

/// What is under way.
#[derive(Clone, Default)]
pub(super) struct Quota(Arc<Mutex<Counts>>);

/// Room for one call; given back when dropped.
pub(super) struct Room {
    quota: Quota,
    user: User,
    bytes: usize,
}

impl Quota {
    /// Takes room for a call that keeps this many bytes.
    pub(super) fn take(&self, user: &User, bytes: usize) -> Result<Room, Error> {
        let mut counts = self.lock();
        let connection = counts.connections.get(&user.name).copied().unwrap_or(0);
        let calls = counts.users.get(&user.uid).copied().unwrap_or(0);
        let kept = counts.bytes.get(&user.uid).copied().unwrap_or(0);
        if connection >= CALLS_PER_CONNECTION || calls >= CALLS_PER_USER || kept + bytes > BYTES_PER_USER {
            return Err(Error::new(ErrorKind::TooManyRequests, "too many calls of yours are under way"));
        }
        counts.connections.insert(user.name.clone(), connection + 1);
        counts.users.insert(user.uid, calls + 1);
        counts.bytes.insert(user.uid, kept + bytes);
        drop(counts);
        Ok(Room { quota: self.clone(), user: user.clone(), bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut counts = self.quota.lock();
        give_back(&mut counts.connections, &self.user.name, 1);
        give_back(&mut counts.users, &self.user.uid, 1);
        give_back(&mut counts.bytes, &self.user.uid, self.bytes);
    }
}

fn give_back<K: std::hash::Hash + Eq + Clone>(counts: &mut HashMap<K, usize>, key: &K, amount: usize) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(amount);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::ProgramOnce;

    fn user(name: &str) -> User {
        User { uid: 7, pid: 1, name: name.to_owned(), program: ProgramOnce::default() }
    }

    #[test]
    fn one_connection_and_one_user_have_their_limits_and_get_them_back() {
        let quota = Quota::default();
        let mut rooms: Vec<_> = (0..CALLS_PER_CONNECTION).map(|_| quota.take(&user(":1.1"), 0).unwrap()).collect();
        assert!(quota.take(&user(":1.1"), 0).is_err());
        rooms.pop();
        rooms.push(quota.take(&user(":1.1"), 0).unwrap());
        for connection in 2.. {
            match quota.take(&user(&format!(":1.{connection}")), 0) {
                Ok(room) => rooms.push(room),
                Err(_) => break,
            }
        }
        assert_eq!(rooms.len(), CALLS_PER_USER);
        rooms.clear();
        assert!(quota.lock().users.is_empty() && quota.lock().connections.is_empty());
    }

    #[test]
    fn bytes_are_limited() {
        let quota = Quota::default();
        let _room = quota.take(&user(":1.1"), BYTES_PER_USER).unwrap();
        assert!(quota.take(&user(":1.2"), 1).is_err());
    }
}
