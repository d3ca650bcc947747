//! A full capture of the bus, as root can make one.

use crate::bus::Bus;
use crate::memory::contains;
use crate::person::Person;
use crate::wait::eventually;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;
use ukey_dbus::DialogKind;
use ukey_dbus::names::AGENT;
use zbus::fdo::MonitoringProxy;
use zbus::message::{Message, Type};
use zbus::{MessageStream, OwnedFd, OwnedObjectPath, OwnedVariant, names::MemberName};

/// The context dictionary of an agent's call.
type Context = HashMap<String, OwnedVariant>;

/// Collects every message of the bus, with its descriptors, from its start on.
#[derive(Debug)]
pub struct Monitor {
    messages: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Monitor {
    /// Starts the capture.
    pub async fn start(bus: &Bus) -> Self {
        let connection = bus.connect(Person::Root).await;
        let mut stream = MessageStream::from(&connection);
        MonitoringProxy::new(&connection).await.unwrap().become_monitor(&[], 0).await.unwrap();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            let _open = connection;
            while let Some(Ok(message)) = stream.next().await {
                sink.lock().unwrap().push(message);
            }
        });
        Self { messages, task }
    }

    /// What was captured so far.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Calls of this member so far.
    pub fn calls(&self, member: &str) -> Vec<Message> {
        let member = MemberName::try_from(member).unwrap();
        let is_call = |message: &Message| {
            message.message_type() == Type::MethodCall && message.header().member() == Some(&member)
        };
        self.messages().into_iter().filter(is_call).collect()
    }

    /// What the daemon has asked agents so far: `kind` of each `RequestPin` and `Confirm`, in order.
    pub fn asked(&self) -> Vec<String> {
        let kind = |message: &Message| {
            let header = message.header();
            if message.message_type() != Type::MethodCall || header.interface()?.as_str() != AGENT {
                return None;
            }
            let body = message.body();
            match header.member()?.as_str() {
                "RequestPin" => body.deserialize::<(OwnedObjectPath, String, Context, OwnedFd)>().ok().map(|all| all.1),
                "Confirm" => body.deserialize::<(OwnedObjectPath, String, Context)>().ok().map(|all| all.1),
                _ => None,
            }
        };
        self.messages().iter().filter_map(kind).collect()
    }

    /// Waits until it has asked for exactly these.
    pub async fn will_have_asked(&self, kinds: &[DialogKind]) {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        eventually(&format!("the dialogs {kinds:?}"), async || (self.asked() == kinds).then_some(())).await;
    }

    /// The reply or error to this call, if it has come.
    pub fn reply_to(&self, call: &Message) -> Option<Message> {
        let serial = call.primary_header().serial_num();
        let caller = call.header().sender().map(ToString::to_string);
        self.messages().into_iter().find(|message| {
            let header = message.header();
            header.reply_serial() == Some(serial) && header.destination().map(ToString::to_string) == caller
        })
    }

    /// Do these bytes occur in any message?
    pub fn contains(&self, needle: &[u8]) -> bool {
        self.messages().iter().any(|message| contains(message.data().bytes(), needle))
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}
