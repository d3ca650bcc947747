//! The clerk's desktop: what it shows of the Keys, and what it tells about them.
//!
//! `keys` mirrors what ukeyd shows. Of each of its snapshots the `tray` makes a picture, a tooltip and a menu, and
//! `news` what has to be told, by `notifications` where the session has a server for them, else in `windows`. What
//! menu and buttons do are `actions`. `expiry` tells of certificates that end.

mod actions;
mod advice;
mod clipboard;
mod details;
mod expiry;
mod form;
mod icons;
mod keys;
mod messages;
mod news;
mod notifications;
mod presence;
mod state;
mod teller;
mod texts;
mod tray;
mod windows;

use crate::bus::{Bus, connect};
use crate::{Error, Registration};
use actions::Actions;
use expiry::{Expiry, Words};
use keys::Mirror;
use messages::Messages;
use notifications::Notifier;
use std::sync::Arc;
use teller::Teller;
use texts::Texts;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tray::Tray;
use ukey_guidance::{Directory, default_folders};
use windows::Windows;
use zbus::Connection;

/// The desktop of one agent; taken off the screen on drop.
pub struct Desktop {
    // In this order: the tray goes first.
    _tray: Option<Tray>,
    telling: JoinHandle<()>,
    notifier: Notifier,
    _expiry: Expiry,
    _mirror: Mirror,
}

impl Desktop {
    /// Shows tray and notices on the session bus of this process. Without a session bus there are only the
    /// dialogs that ukeyd asks for.
    ///
    /// # Errors
    /// [`Error::Bus`] when ukeyd's bus does not work.
    pub async fn start(connection: &Connection, registration: &Registration) -> Result<Self, Error> {
        let parts = registration.parts();
        let texts = Arc::new(Texts::with_directory(parts.asker.language(), directory()));
        let mirror = Mirror::start(connection, parts.trusted.clone()).await?;
        let session = match connect(&Bus::Session).await {
            Ok(session) => Some(session),
            Err(error) => {
                tracing::warn!(%error, "no session bus: no tray and no notices");
                None
            }
        };
        let name = connection.unique_name().ok_or(Error::BusClosed)?.clone();
        let windows = Arc::new(Windows {
            asker: Arc::clone(&parts.asker),
            dialogs: Arc::clone(&parts.dialogs),
            name,
            texts: Arc::clone(&texts),
        });
        let notifier = Notifier::start(session.clone(), Arc::clone(&windows) as Arc<dyn notifications::Windows>);
        let shown = mirror.snapshots();
        let words = Arc::new(Words::new(texts.language(), texts.directory().clone()));
        let actions = Actions::new(
            connection.clone(),
            shown.clone(),
            notifier.clone(),
            Arc::clone(&windows),
            (Arc::clone(&texts), Arc::clone(&words)),
        );
        registration.announce_by(Arc::new(Messages { asker: Arc::clone(&parts.asker), notifier: notifier.clone() }));
        let (days, day) = watch::channel(());
        let tray = match &session {
            Some(session) => Tray::start(session, (shown.clone(), day), actions.clone(), Arc::clone(&texts))
                .await
                .inspect_err(|error| tracing::warn!(%error, "no tray"))
                .ok(),
            None => None,
        };
        let expiry = Expiry::start(
            (connection.clone(), parts.trusted.clone()),
            shown.clone(),
            (notifier.clone(), actions.clone(), words),
            days,
        );
        let teller = Teller { connection: connection.clone(), notifier: notifier.clone(), actions, texts };
        let telling = tokio::spawn(teller.follow(shown));
        tracing::debug!("the desktop is told what happens to the Keys from now on");
        Ok(Self { _tray: tray, telling, notifier, _expiry: expiry, _mirror: mirror })
    }
}

/// What the CAs say; a file that can't be used is told of in the log.
fn directory() -> Directory {
    let loaded = Directory::load(&default_folders());
    for problem in &loaded.problems {
        tracing::warn!(%problem, "a CA's texts are left out");
    }
    loaded.directory
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.telling.abort();
        self.notifier.end();
    }
}
