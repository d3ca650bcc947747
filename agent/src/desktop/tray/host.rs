//! The objects on the session bus and their registration with whatever panel there is, now and later.

use super::ids::{Ids, Line};
use super::item::{Item, status};
use super::menu::Menu;
use super::model::Model;
use crate::desktop::actions::Actions;
use crate::desktop::keys::Snapshot;
use crate::desktop::texts::{Texts, now};
use futures_util::StreamExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, proxy};

/// Where panels look for an item.
const ITEM_PATH: &str = "/StatusNotifierItem";
/// Where its menu is.
pub(super) const MENU_PATH: &str = "/StatusNotifierItem/Menu";
/// Who knows of the items and the panels.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A panel that takes longer is asked again.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Pauses between attempts: a panel owns its name before it can answer.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

#[proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher"
)]
trait Watcher {
    #[zbus(no_autostart)]
    fn register_status_notifier_item(&self, service: &str) -> zbus::Result<()>;
}

/// The tray of one agent; taken off the panel on drop.
pub(crate) struct Tray {
    tasks: [JoinHandle<()>; 2],
}

impl Tray {
    /// Shows what is `shown` on the panel of this session, as soon as there is one, and looks at it anew with each `day`.
    ///
    /// # Errors
    /// When the session bus takes neither the objects nor the name.
    pub(crate) async fn start(
        session: &Connection,
        (shown, day): (watch::Receiver<Arc<Snapshot>>, watch::Receiver<()>),
        actions: Actions,
        texts: Arc<Texts>,
    ) -> zbus::Result<Self> {
        let shared = Shared::new(session, shown.clone(), actions, texts);
        session.object_server().at(ITEM_PATH, Item(Arc::clone(&shared))).await?;
        session.object_server().at(MENU_PATH, Menu(Arc::clone(&shared))).await?;
        let name = format!("org.kde.StatusNotifierItem-{}-1", std::process::id());
        session.request_name(name.as_str()).await?;
        let panels = DBusProxy::new(session).await?.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
        let registering = tokio::spawn(keep_registered(session.clone(), name, panels));
        Ok(Self { tasks: [registering, tokio::spawn(follow(shared, shown, day))] })
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Registers with the panel that is there, and with each that comes.
async fn keep_registered(session: Connection, name: String, mut panels: NameOwnerChangedStream) {
    register(&session, &name).await;
    while let Some(change) = panels.next().await {
        if change.args().is_ok_and(|args| args.new_owner.is_some()) {
            register(&session, &name).await;
        }
    }
}

async fn register(session: &Connection, name: &str) {
    for pause in PAUSES.map(Some).into_iter().chain([None]) {
        let asked = async { WatcherProxy::new(session).await?.register_status_notifier_item(name).await };
        match timeout(ANSWER_TIME, asked).await {
            Ok(Ok(())) => {
                tracing::info!("the tray is on a panel");
                return;
            }
            Ok(Err(zbus::Error::MethodError(error, ..))) if error.as_str() == NOBODY => {
                tracing::debug!("no panel has a tray");
                return;
            }
            Ok(Err(error)) => tracing::debug!(%error, "the panel does not take the tray"),
            Err(_) => tracing::debug!("the panel does not answer"),
        }
        if let Some(pause) = pause {
            sleep(pause).await;
        }
    }
}

/// The bus's error where nobody owns a name.
const NOBODY: &str = "org.freedesktop.DBus.Error.NameHasNoOwner";

/// Shows each snapshot, and each day how many days are left.
async fn follow(shared: Arc<Shared>, mut shown: watch::Receiver<Arc<Snapshot>>, mut day: watch::Receiver<()>) {
    loop {
        // Both end with the desktop only.
        let changed = tokio::select! {
            changed = shown.changed() => changed,
            changed = day.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        shared.look().await;
    }
}

/// The menu with its numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct NumberedMenu {
    pub(super) revision: u32,
    pub(super) lines: Arc<Vec<Line>>,
}

/// What item and menu show, and the way to tell of changes.
pub(super) struct Shared {
    session: Connection,
    shown: watch::Receiver<Arc<Snapshot>>,
    pub(super) actions: Actions,
    texts: Arc<Texts>,
    now_shown: Mutex<(Arc<Model>, NumberedMenu, Ids)>,
}

impl Shared {
    fn new(
        session: &Connection,
        shown: watch::Receiver<Arc<Snapshot>>,
        actions: Actions,
        texts: Arc<Texts>,
    ) -> Arc<Self> {
        let model = Arc::new(Model::of(&texts, &shown.borrow(), now()));
        let mut ids = Ids::default();
        let menu = NumberedMenu { revision: 1, lines: Arc::new(ids.number(&model.menu)) };
        Arc::new(Self { session: session.clone(), shown, actions, texts, now_shown: Mutex::new((model, menu, ids)) })
    }

    /// What is shown.
    pub(super) fn model(&self) -> Arc<Model> {
        Arc::clone(&self.lock().0)
    }

    /// The menu.
    pub(super) fn menu(&self) -> NumberedMenu {
        self.lock().1.clone()
    }

    /// Shows what is true by the clock now. Says whether the menu changed.
    pub(super) async fn look_at_the_clock(&self) -> bool {
        self.look().await
    }

    /// Makes what is shown true again, and tells the panel what changed.
    async fn look(&self) -> bool {
        let (old, new, revision) = {
            let model = Arc::new(Model::of(&self.texts, &self.shown.borrow(), now()));
            let mut shown = self.lock();
            let (before, menu, ids) = &mut *shown;
            let old = std::mem::replace(before, Arc::clone(&model));
            if old.menu != model.menu {
                *menu =
                    NumberedMenu { revision: menu.revision.wrapping_add(1), lines: Arc::new(ids.number(&model.menu)) };
            }
            (old, model, menu.revision)
        };
        if let Err(error) = self.tell(&old, &new, revision).await {
            tracing::debug!(%error, "telling the panel");
        }
        old.menu != new.menu
    }

    async fn tell(&self, old: &Model, new: &Model, revision: u32) -> zbus::Result<()> {
        let item = SignalEmitter::new(&self.session, ITEM_PATH)?;
        if old.state != new.state {
            Item::new_icon(&item).await?;
            Item::new_attention_icon(&item).await?;
            Item::new_status(&item, status(new.state)).await?;
        }
        if old.title != new.title {
            Item::new_title(&item).await?;
        }
        if (old.state, &old.title, &old.tooltip) != (new.state, &new.title, &new.tooltip) {
            Item::new_tool_tip(&item).await?;
        }
        if old.menu != new.menu {
            Menu::layout_updated(&SignalEmitter::new(&self.session, MENU_PATH)?, revision, 0).await?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, (Arc<Model>, NumberedMenu, Ids)> {
        // Nothing panics while it is held, and a half-done change can't be.
        self.now_shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
