//! Which dialogs are open or wait: one at a time on the screen, each can be withdrawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedMutexGuard, watch};
use ukey_dbus::{Error, ErrorKind, Result};
use zbus::names::OwnedUniqueName;

/// Most dialogs that may be open or wait.
const DIALOGS_MAX: usize = 16;

/// Whose dialog, and its name. The sender is part of it, so that nobody touches another's dialogs.
type Key = (OwnedUniqueName, Name);

/// What a dialog is listed as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The question of a request.
    Question(String),
    /// A message that stays until its request is cancelled.
    Standing(String),
    /// A message that nobody cancels; it makes room when another dialog needs the screen.
    Passing(u64),
}

/// The dialogs of one agent.
#[derive(Default)]
pub(crate) struct Dialogs {
    open: Mutex<HashMap<Key, watch::Sender<bool>>>,
    screen: Arc<tokio::sync::Mutex<()>>,
    /// How many passing messages are listed.
    passing: watch::Sender<usize>,
    /// How many were ever listed: their names.
    messages: AtomicU64,
}

impl Dialogs {
    /// Lists a dialog, so that from now on it can be cancelled.
    ///
    /// # Errors
    /// `InvalidArgument` when the sender has one of that name, `TooManyRequests` when too many wait.
    pub(crate) fn enter(self: &Arc<Self>, sender: OwnedUniqueName, name: Name) -> Result<Ticket> {
        let mut open = self.open();
        if open.len() >= DIALOGS_MAX {
            return Err(Error::new(ErrorKind::TooManyRequests, "too many dialogs wait"));
        }
        let key = (sender, name);
        match open.entry(key.clone()) {
            Entry::Occupied(_) => Err(Error::new(ErrorKind::InvalidArgument, "a dialog for this request is open")),
            Entry::Vacant(entry) => {
                let (sender, receiver) = watch::channel(false);
                entry.insert(sender);
                if let Name::Passing(_) = key.1 {
                    self.passing.send_modify(|count| *count += 1);
                }
                Ok(Ticket { dialogs: Arc::clone(self), key, cancel: Cancel(receiver) })
            }
        }
    }

    /// Lists a message that makes room for any other dialog.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub(crate) fn enter_passing(self: &Arc<Self>, sender: OwnedUniqueName) -> Result<Ticket> {
        self.enter(sender, Name::Passing(self.messages.fetch_add(1, Ordering::Relaxed)))
    }

    /// Ends the dialog that `sender` asked for under this name; nothing happens when it has ended already.
    pub(crate) fn cancel(&self, sender: &OwnedUniqueName, request: &str) {
        for name in [Name::Question(request.to_owned()), Name::Standing(request.to_owned())] {
            if let Some(cancel) = self.open().get(&(sender.clone(), name)) {
                cancel.send_replace(true);
            }
        }
    }

    /// Ends the dialog that `sender` listed under this name; nothing happens when it has ended already.
    #[cfg(feature = "desktop")]
    pub(crate) fn withdraw(&self, sender: &OwnedUniqueName, name: &Name) {
        if let Some(cancel) = self.open().get(&(sender.clone(), name.clone())) {
            cancel.send_replace(true);
        }
    }

    /// Ends every message that makes room.
    fn make_room(&self) {
        for ((_, name), cancel) in self.open().iter() {
            if let Name::Passing(_) = name {
                cancel.send_replace(true);
            }
        }
    }

    /// Waits until every passing message was read or has made room.
    pub(crate) async fn wait_until_read(&self) {
        // The sender is this very object's: it can't be gone.
        drop(self.passing.subscribe().wait_for(|count| *count == 0).await);
    }

    /// Ends every dialog that anybody else than `keep` asked for.
    pub(crate) fn cancel_all_but(&self, keep: Option<&OwnedUniqueName>) {
        for ((sender, _), cancel) in self.open().iter() {
            if Some(sender) != keep {
                cancel.send_replace(true);
            }
        }
    }

    /// Waits until no dialog is on the screen.
    pub(crate) async fn wait_until_clear(&self) {
        drop(self.screen.lock().await);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<bool>>> {
        // Nothing panics while it is held, and a half-done change can't be.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listed dialog; taken off the list on drop.
pub(crate) struct Ticket {
    dialogs: Arc<Dialogs>,
    key: Key,
    /// Tells that the dialog was withdrawn.
    pub(crate) cancel: Cancel,
}

impl Ticket {
    /// Waits for the screen, first come, first served; messages that pass make room.
    ///
    /// # Errors
    /// `Cancelled` when the dialog is withdrawn while it waits.
    pub(crate) async fn screen(&mut self) -> Result<OwnedMutexGuard<()>> {
        let screen = Arc::clone(&self.dialogs.screen);
        if !matches!(self.key.1, Name::Passing(_)) {
            self.dialogs.make_room();
        }
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(withdrawn()),
            guard = screen.lock_owned() => Ok(guard),
        }
    }

    /// # Errors
    /// `Cancelled` when the dialog was withdrawn.
    pub(crate) fn check(&self) -> Result<()> {
        if *self.cancel.0.borrow() { Err(withdrawn()) } else { Ok(()) }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.dialogs.open().remove(&self.key);
        if let Name::Passing(_) = self.key.1 {
            self.dialogs.passing.send_modify(|count| *count -= 1);
        }
    }
}

fn withdrawn() -> Error {
    Error::new(ErrorKind::Cancelled, "the request was withdrawn")
}

/// Tells a dialog that it has to end.
pub(crate) struct Cancel(watch::Receiver<bool>);

impl Cancel {
    /// Returns when the dialog was withdrawn. Can be given up and called again.
    pub(crate) async fn cancelled(&mut self) {
        // An error means that the sender is gone, which only follows the ticket's own end.
        if self.0.wait_for(|withdrawn| *withdrawn).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> OwnedUniqueName {
        OwnedUniqueName::try_from(text).unwrap()
    }

    fn question(text: &str) -> Name {
        Name::Question(text.to_owned())
    }

    #[tokio::test]
    async fn one_dialog_at_a_time_and_each_can_be_withdrawn_by_its_sender_only() {
        let dialogs = Arc::new(Dialogs::default());
        let mut first = dialogs.enter(name(":1.1"), question("a")).unwrap();
        let mut second = dialogs.enter(name(":1.1"), question("b")).unwrap();
        let screen = first.screen().await.unwrap();
        dialogs.cancel(&name(":1.2"), "b");
        second.check().unwrap();
        dialogs.cancel(&name(":1.1"), "b");
        assert_eq!(second.screen().await.unwrap_err().kind(), ErrorKind::Cancelled);
        first.check().unwrap();
        drop(screen);
        drop(second);
        let mut third = dialogs.enter(name(":1.1"), question("b")).unwrap();
        third.screen().await.unwrap();
    }

    #[tokio::test]
    async fn a_new_owner_ends_the_dialogs_of_the_old_one() {
        let dialogs = Arc::new(Dialogs::default());
        let old = dialogs.enter(name(":1.1"), question("a")).unwrap();
        let new = dialogs.enter(name(":1.2"), question("a")).unwrap();
        dialogs.cancel_all_but(Some(&name(":1.2")));
        assert!(old.check().is_err());
        new.check().unwrap();
    }

    #[tokio::test]
    async fn a_passing_message_makes_room_and_a_standing_one_does_not() {
        let dialogs = Arc::new(Dialogs::default());
        let mut passing = dialogs.enter_passing(name(":1.1")).unwrap();
        let screen = passing.screen().await.unwrap();
        let mut standing = dialogs.enter(name(":1.1"), Name::Standing("a".to_owned())).unwrap();
        let waiting = tokio::spawn(async move { standing.screen().await.map(|screen| (standing, screen)) });
        passing.cancel.cancelled().await;
        drop(screen);
        let (standing, screen) = waiting.await.unwrap().unwrap();
        drop(passing);
        dialogs.wait_until_read().await;
        let mut asking = dialogs.enter(name(":1.1"), question("a")).unwrap();
        let waiting = tokio::spawn(async move { asking.screen().await.map(drop) });
        tokio::task::yield_now().await;
        standing.check().unwrap();
        dialogs.cancel(&name(":1.1"), "a");
        assert!(standing.check().is_err());
        drop(screen);
        assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn names_are_used_once_and_the_list_is_bounded() {
        let dialogs = Arc::new(Dialogs::default());
        let mut tickets: Vec<Ticket> =
            (0..DIALOGS_MAX).map(|n| dialogs.enter(name(":1.1"), question(&n.to_string())).unwrap()).collect();
        let full = dialogs.enter(name(":1.1"), question("x")).map(drop).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::TooManyRequests);
        tickets.pop();
        let twice = dialogs.enter(name(":1.1"), question("0")).map(drop).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::InvalidArgument);
    }
}
