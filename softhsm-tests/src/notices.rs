//! A notification server that keeps what it is told: what a person would have read, and can press.

use crate::session_bus::SessionBus;
use crate::wait::eventually;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, OwnedVariant};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notice as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNotice {
    /// The server's number for it.
    pub id: u32,
    /// The notice that it takes the place of; 0 for none.
    pub replaces: u32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Key and label of each button.
    pub actions: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct State {
    shown: Vec<ShownNotice>,
    closed: Vec<u32>,
}

struct Server(Arc<Mutex<State>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<&'static str> {
        vec!["actions", "body", "persistence"]
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("stage", "stage", "1", "1.2")
    }

    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value, reason = "so says the specification")]
    fn notify(
        &self,
        _program: &str,
        replaces: u32,
        _icon: &str,
        title: String,
        text: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expires: i32,
    ) -> u32 {
        let mut state = self.0.lock().unwrap();
        let id = if replaces == 0 { u32::try_from(state.shown.len()).unwrap() + 1 } else { replaces };
        let actions = actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        state.shown.push(ShownNotice { id, replaces, title, text, actions });
        id
    }

    fn close_notification(&self, id: u32) {
        self.0.lock().unwrap().closed.push(id);
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The running server.
#[derive(Debug)]
pub struct NotificationServer {
    state: Arc<Mutex<State>>,
    connection: Connection,
}

impl NotificationServer {
    /// Starts it on this bus.
    pub async fn start(bus: &SessionBus) -> Self {
        let state = Arc::default();
        let connection = bus.serve(NAME, PATH, Server(Arc::clone(&state))).await;
        Self { state, connection }
    }

    /// Everything that was shown so far.
    pub fn shown(&self) -> Vec<ShownNotice> {
        self.state.lock().unwrap().shown.clone()
    }

    /// Numbers of the notices that were taken off the screen.
    pub fn closed(&self) -> Vec<u32> {
        self.state.lock().unwrap().closed.clone()
    }

    /// Waits until this many were shown.
    pub async fn has_shown(&self, count: usize) {
        eventually(&format!("{count} notices"), async || (self.shown().len() >= count).then_some(())).await;
    }

    /// Presses the button with this label on a notice, which closes it.
    pub async fn press(&self, notice: &ShownNotice, label: &str) {
        let is_meant = |(key, text): &&(String, String)| key != "default" && text == label;
        let (key, _) = notice.actions.iter().find(is_meant).unwrap_or_else(|| panic!("{label}: {notice:?}"));
        let emitter = SignalEmitter::new(&self.connection, PATH).unwrap();
        Server::action_invoked(&emitter, notice.id, key).await.unwrap();
        Server::notification_closed(&emitter, notice.id, 2).await.unwrap();
    }
}
