//! A notification server that remembers what it was told, for tests without a screen.

use super::SessionBus;
use crate::wait::eventually;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zbus::{Connection, OwnedVariant};

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// The server.
#[derive(Debug)]
pub struct NoticeServer {
    connection: Connection,
    told: Arc<Mutex<Told>>,
}

/// A notice that was shown.
#[derive(Clone, Debug)]
pub struct ShownNotice {
    /// The server's number.
    pub id: u32,
    /// The number of the one whose place it took; 0: none.
    pub replaced: u32,
    /// One line.
    pub title: String,
    /// Lines, as they came: markup.
    pub text: String,
    /// What stands on its buttons, with their keys.
    pub buttons: Vec<(String, String)>,
    /// 0 to 2.
    pub urgency: u8,
    /// Was it taken off the screen by the agent?
    pub closed: bool,
}

#[derive(Debug, Default)]
struct Told {
    notices: Vec<ShownNotice>,
    last: u32,
}

struct Server {
    told: Arc<Mutex<Told>>,
    abilities: Vec<&'static str>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<&str> {
        self.abilities.clone()
    }

    #[allow(clippy::too_many_arguments, reason = "so says the specification")]
    fn notify(
        &self,
        _program: &str,
        replaces: u32,
        _icon: &str,
        title: String,
        text: String,
        actions: Vec<String>,
        mut hints: HashMap<String, OwnedVariant>,
        _time: i32,
    ) -> u32 {
        let mut told = self.told.lock().unwrap();
        let id = if replaces == 0 { told.last + 1 } else { replaces };
        told.last = told.last.max(id);
        let mut words = actions.into_iter();
        let buttons = std::iter::from_fn(|| Some((words.next()?, words.next()?))).collect();
        let urgency = u8::try_from(hints.remove("urgency").unwrap()).unwrap();
        told.notices.push(ShownNotice { id, replaced: replaces, title, text, buttons, urgency, closed: false });
        id
    }

    fn close_notification(&self, id: u32) {
        for notice in self.told.lock().unwrap().notices.iter_mut().filter(|notice| notice.id == id) {
            notice.closed = true;
        }
    }
}

impl NoticeServer {
    /// One that shows buttons and reads markup.
    pub async fn start(bus: &SessionBus) -> Self {
        Self::with(bus, &["actions", "body", "body-markup"]).await
    }

    /// One that can do this.
    pub async fn with(bus: &SessionBus, abilities: &[&'static str]) -> Self {
        let connection = bus.connect().await;
        let told = Arc::default();
        let server = Server { told: Arc::clone(&told), abilities: abilities.to_vec() };
        connection.object_server().at(PATH, server).await.unwrap();
        connection.request_name(NAME).await.unwrap();
        Self { connection, told }
    }

    /// It leaves the bus.
    pub async fn leave(self) {
        self.connection.release_name(NAME).await.unwrap();
        self.connection.close().await.unwrap();
    }

    /// Everything that it was told to show, in order.
    pub fn notices(&self) -> Vec<ShownNotice> {
        self.told.lock().unwrap().notices.clone()
    }

    /// Waits for a notice whose title begins so, and gives the last of them.
    pub async fn notice(&self, title: &str) -> ShownNotice {
        eventually(&format!("a notice {title}; there are {:?}", self.notices()), async || {
            self.notices().into_iter().rfind(|notice| notice.title.starts_with(title))
        })
        .await
    }

    /// Waits until the agent has taken this one off the screen.
    pub async fn wait_until_closed(&self, id: u32) {
        eventually("the notice's end", async || {
            self.notices().iter().any(|notice| notice.id == id && notice.closed).then_some(())
        })
        .await;
    }

    /// A person presses the button with this text.
    pub async fn press(&self, notice: &ShownNotice, button: &str) {
        let (key, _) = notice.buttons.iter().rfind(|(_, text)| text == button).unwrap();
        let body = (notice.id, key.as_str());
        self.connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &body).await.unwrap();
    }
}
