//! The notification server of the session, as it is now.

use super::notice::{Abilities, Notice, Urgency};
use crate::desktop::icons::{self, Picture};
use futures_util::stream::{BoxStream, StreamExt, select};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use zbus::fdo::DBusProxy;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Variant, proxy};

const NAME: &str = "org.freedesktop.Notifications";
/// A server that takes longer is as good as none; starting one is part of it.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// One that did not answer is not asked for so long: every notice would wait for it.
const SILENCE: Duration = Duration::from_secs(60);
/// Shown by servers beside the texts.
const PROGRAM: &str = "UKey";
/// The program's desktop file, without its extension.
const DESKTOP_ENTRY: &str = "ukey-agent";

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
    #[allow(clippy::too_many_arguments, reason = "so says the specification")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Variant<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;
    fn close_notification(&self, id: u32) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;
}

/// What a server tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The notice is not on the screen any more.
    Closed(u32),
    /// A button was pressed: the number of the action.
    Pressed(u32, usize),
    /// The server left, and with it all its notices.
    Left,
    /// A server came.
    Came,
}

/// The way to the server.
pub(super) struct Server {
    proxy: NotificationsProxy<'static>,
    /// Of the server that is there; `None` until it was asked.
    abilities: Option<Abilities>,
    /// Until then it counts as none, for it does not answer.
    silent: Option<Instant>,
}

impl Server {
    /// On this session bus.
    pub(super) async fn on(connection: &Connection) -> zbus::Result<(Self, BoxStream<'static, Event>)> {
        let proxy = NotificationsProxy::builder(connection).cache_properties(CacheProperties::No).build().await?;
        let closed = proxy
            .receive_notification_closed()
            .await?
            .filter_map(|signal| std::future::ready(signal.args().ok().map(|args| Event::Closed(args.id))));
        let pressed = proxy.receive_action_invoked().await?.filter_map(|signal| {
            let event = signal.args().ok().and_then(|args| Some(Event::Pressed(args.id, number_of(args.action_key)?)));
            std::future::ready(event)
        });
        let owners = DBusProxy::new(connection).await?.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let owners = owners.filter_map(|change| {
            let event = change.args().ok().map(|args| if args.old_owner.is_some() { Event::Left } else { Event::Came });
            std::future::ready(event)
        });
        let events = select(select(closed, pressed), owners);
        Ok((Self { proxy, abilities: None, silent: None }, events.boxed()))
    }

    /// The server left: the next may have other abilities.
    pub(super) fn forget(&mut self) {
        self.abilities = None;
        self.silent = None;
    }

    /// What the server can do; starts one where the bus knows how. `None` without one.
    pub(super) async fn abilities(&mut self) -> Option<Abilities> {
        if self.silent.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        if self.abilities.is_none() {
            match timeout(ANSWER_TIME, self.proxy.get_capabilities()).await {
                Ok(Ok(words)) => self.abilities = Some(Abilities::of(&words)),
                Ok(Err(error)) => tracing::debug!(%error, "no notification server"),
                Err(_) => self.note_silence(),
            }
        }
        self.abilities
    }

    fn note_silence(&mut self) {
        tracing::debug!("the notification server does not answer");
        self.silent = Instant::now().checked_add(SILENCE);
    }

    /// Shows a notice, in the place of `replaces` when that is not 0, and gives its id; `None` when it can't.
    pub(super) async fn show(&mut self, notice: &Notice, replaces: u32) -> Option<u32> {
        let abilities = self.abilities().await?;
        let keys: Vec<String> = (0..notice.actions.len()).map(key_of).collect();
        let mut actions: Vec<&str> = Vec::new();
        if abilities.actions {
            // A click on the notice itself does what the first button does.
            if let Some(first) = notice.actions.first() {
                actions.extend(["default", &first.label]);
            }
            for (key, action) in keys.iter().zip(&notice.actions) {
                actions.extend([key.as_str(), &action.label]);
            }
        }
        let (urgency, expire) = match notice.urgency {
            Urgency::Normal => (1_u8, -1),
            Urgency::Critical | Urgency::Standing => (2, 0),
        };
        let mut hints =
            HashMap::from([("urgency", Variant::from(urgency)), ("desktop-entry", Variant::from(DESKTOP_ENTRY))]);
        if let Some(picture) = icons::of_notice(notice.picture) {
            hints.insert("image-data", image(&picture));
        }
        let body = notice.body(abilities);
        let shown = self.proxy.notify(PROGRAM, replaces, "", &notice.title, &body, &actions, hints, expire);
        match timeout(ANSWER_TIME, shown).await {
            Ok(Ok(id)) => Some(id),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a notice was not shown");
                None
            }
            Err(_) => {
                self.note_silence();
                None
            }
        }
    }

    /// Takes a notice off the screen; one that is not there any more is no error.
    pub(super) async fn close(&self, id: u32) {
        drop(timeout(ANSWER_TIME, self.proxy.close_notification(id)).await);
    }
}

/// The key of the action with this number.
fn key_of(number: usize) -> String {
    format!("a{number}")
}

/// The number of the action with this key; the notice itself stands for the first.
fn number_of(key: &str) -> Option<usize> {
    if key == "default" { Some(0) } else { key.strip_prefix('a')?.parse().ok() }
}

/// A picture as the hint `image-data` has it: (iiibiiay).
fn image(picture: &Picture) -> Variant<'static> {
    let side = i32::from(picture.side);
    Variant::from((side, side, side * 4, true, 8_i32, 4_i32, picture.rgba.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_actions_are_read_back() {
        assert_eq!(number_of("default"), Some(0));
        assert_eq!(number_of(&key_of(3)), Some(3));
        assert_eq!(["", "a", "b1", "a-1"].map(number_of), [None; 4]);
    }
}
