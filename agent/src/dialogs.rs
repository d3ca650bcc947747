//! Which dialogs are open or wait: one at a time on the screen, each can be withdrawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedMutexGuard, watch};
use ukey_dbus::{Error, ErrorKind, Result};
use zbus::names::OwnedUniqueName;

/// Most dialogs that may be open or wait.
const DIALOGS_MAX: usize = 16;

/// Whose request, and its name. The sender is part of it, so that nobody touches another's dialogs.
type Key = (OwnedUniqueName, String);

/// The dialogs of one agent.
#[derive(Default)]
pub(crate) struct Dialogs {
    open: Mutex<HashMap<Key, watch::Sender<bool>>>,
    screen: Arc<tokio::sync::Mutex<()>>,
}

impl Dialogs {
    /// Lists a dialog, so that from now on it can be cancelled.
    ///
    /// # Errors
    /// `InvalidArgument` when the sender has one of that name, `TooManyRequests` when too many wait.
    pub(crate) fn enter(self: &Arc<Self>, sender: OwnedUniqueName, request: String) -> Result<Ticket> {
        let mut open = self.open();
        if open.len() >= DIALOGS_MAX {
            return Err(Error::new(ErrorKind::TooManyRequests, "too many dialogs wait"));
        }
        let key = (sender, request);
        match open.entry(key.clone()) {
            Entry::Occupied(_) => Err(Error::new(ErrorKind::InvalidArgument, "a dialog for this request is open")),
            Entry::Vacant(entry) => {
                let (sender, receiver) = watch::channel(false);
                entry.insert(sender);
                Ok(Ticket { dialogs: Arc::clone(self), key, cancel: Cancel(receiver) })
            }
        }
    }

    /// Ends the dialog that `sender` asked for under this name; nothing happens when it has ended already.
    pub(crate) fn cancel(&self, sender: &OwnedUniqueName, request: &str) {
        if let Some(cancel) = self.open().get(&(sender.clone(), request.to_owned())) {
            cancel.send_replace(true);
        }
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
    /// Waits for the screen, first come, first served.
    ///
    /// # Errors
    /// `Cancelled` when the dialog is withdrawn while it waits.
    pub(crate) async fn screen(&mut self) -> Result<OwnedMutexGuard<()>> {
        let screen = Arc::clone(&self.dialogs.screen);
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

    #[tokio::test]
    async fn one_dialog_at_a_time_and_each_can_be_withdrawn_by_its_sender_only() {
        let dialogs = Arc::new(Dialogs::default());
        let mut first = dialogs.enter(name(":1.1"), "a".to_owned()).unwrap();
        let mut second = dialogs.enter(name(":1.1"), "b".to_owned()).unwrap();
        let screen = first.screen().await.unwrap();
        dialogs.cancel(&name(":1.2"), "b");
        second.check().unwrap();
        dialogs.cancel(&name(":1.1"), "b");
        assert_eq!(second.screen().await.unwrap_err().kind(), ErrorKind::Cancelled);
        first.check().unwrap();
        drop(screen);
        drop(second);
        let mut third = dialogs.enter(name(":1.1"), "b".to_owned()).unwrap();
        third.screen().await.unwrap();
    }

    #[tokio::test]
    async fn a_new_owner_ends_the_dialogs_of_the_old_one() {
        let dialogs = Arc::new(Dialogs::default());
        let old = dialogs.enter(name(":1.1"), "a".to_owned()).unwrap();
        let new = dialogs.enter(name(":1.2"), "a".to_owned()).unwrap();
        dialogs.cancel_all_but(Some(&name(":1.2")));
        assert!(old.check().is_err());
        new.check().unwrap();
    }

    #[test]
    fn names_are_used_once_and_the_list_is_bounded() {
        let dialogs = Arc::new(Dialogs::default());
        let mut tickets: Vec<Ticket> =
            (0..DIALOGS_MAX).map(|n| dialogs.enter(name(":1.1"), n.to_string()).unwrap()).collect();
        let full = dialogs.enter(name(":1.1"), "x".to_owned()).map(drop).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::TooManyRequests);
        tickets.pop();
        let twice = dialogs.enter(name(":1.1"), "0".to_owned()).map(drop).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::InvalidArgument);
    }
}
