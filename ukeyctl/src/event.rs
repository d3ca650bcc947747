//! Signals of the service as events for people and scripts.

use crate::snapshot::{Certificate, Key, Module, Properties, Snapshot};
use crate::time::Time;
use crate::variant::{json, object, plain};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use ukey_agent::texts::{Catalogue, FluentValue};
use ukey_dbus::names;
use zbus::names::{InterfaceName, MemberName};
use zbus::{Message, OwnedObjectPath, OwnedVariant};

/// What came, went or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    /// It is there now.
    Added,
    /// It is gone.
    Removed,
    /// Some of its properties have other values.
    Changed,
    /// A certificate comes to its end.
    ExpiryWarning,
    /// The service runs now.
    Started,
    /// The service has ended.
    Stopped,
}

/// Which sort of object it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A Key.
    Key,
    /// A certificate.
    Certificate,
    /// A vendor module.
    Module,
    /// The service itself.
    Service,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Event {
    time: Time,
    event: What,
    kind: Kind,
    id: String,
    name: String,
    properties: Map<String, Value>,
    /// The name as people read it.
    #[serde(skip)]
    shown: String,
}

impl Event {
    /// The service has started.
    pub(crate) fn started() -> Self {
        Self::about(What::Started, &Subject::service())
    }

    /// The service has ended, and its objects with it.
    pub(crate) fn stopped() -> Self {
        Self::about(What::Stopped, &Subject::service())
    }

    fn about(event: What, subject: &Subject) -> Self {
        Self {
            time: Time::now(),
            event,
            kind: subject.kind,
            id: subject.id.clone(),
            name: subject.name.clone(),
            properties: Map::new(),
            shown: subject.shown.clone(),
        }
    }

    fn with(mut self, properties: Map<String, Value>) -> Self {
        self.properties = properties;
        self
    }

    /// When it was seen.
    pub(crate) fn time(&self) -> Time {
        self.time
    }

    /// One line for people.
    pub(crate) fn text(&self, texts: &Catalogue) -> String {
        let kind = texts.text(match self.kind {
            Kind::Key => "kind-key",
            Kind::Certificate => "kind-certificate",
            Kind::Module => "kind-module",
            Kind::Service => "kind-service",
        });
        let days = self.properties.get("days").and_then(Value::as_i64).unwrap_or_default();
        let key = match self.event {
            What::Added => "event-added",
            What::Removed => "event-removed",
            What::Changed => "event-changed",
            What::ExpiryWarning if days < 1 => "event-expired",
            What::ExpiryWarning => "event-expiry-warning",
            What::Started => "event-started",
            What::Stopped => "event-stopped",
        };
        let changes: Vec<String> =
            self.properties.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
        let values = [
            ("kind", FluentValue::from(kind)),
            ("name", self.shown.as_str().into()),
            ("changes", changes.join(", ").into()),
            ("days", days.into()),
        ];
        texts.text_with(key, &values)
    }
}

/// What is known of an object, since a signal names only its path.
#[derive(Clone, Debug)]
struct Subject {
    kind: Kind,
    id: String,
    name: String,
    shown: String,
}

impl Subject {
    fn new(kind: Kind, id: &str, name: &str) -> Self {
        Self { kind, id: id.to_owned(), name: name.to_owned(), shown: name.to_owned() }
    }

    fn service() -> Self {
        Self::new(Kind::Service, names::BUS_NAME, "")
    }

    fn key(key: &Key) -> Self {
        Self::new(Kind::Key, &key.id, key.name())
    }

    fn certificate(certificate: &Certificate) -> Self {
        let shown = format!("{} ({})", certificate.name(), certificate.key_type);
        Self { shown, ..Self::new(Kind::Certificate, &certificate.id, certificate.name()) }
    }

    fn module(module: &Module) -> Self {
        Self::new(Kind::Module, &module.name, &module.name)
    }

    /// Reads a new object of this interface; `None` for one that nobody watches.
    fn read(interface: &str, path: &OwnedObjectPath, properties: Properties<'_>) -> Option<Self> {
        match interface {
            names::TOKEN => Some(Self::key(&Key::new(path, properties))),
            names::CERTIFICATE => Some(Self::certificate(&Certificate::new(path, properties, Time::now()))),
            names::MODULE => Some(Self::module(&Module::new(path, properties))),
            _ => None,
        }
    }
}

/// The objects that are there, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<OwnedObjectPath, Subject>);

impl Names {
    /// Takes a whole snapshot over; the events say that each of its objects has come.
    pub(crate) fn learn(&mut self, snapshot: &Snapshot) -> Vec<Event> {
        let modules = snapshot.modules.iter().map(|module| (&module.path, Subject::module(module)));
        let keys = snapshot.keys.iter().map(|key| (&key.path, Subject::key(key)));
        let certificates = snapshot.certificates();
        let certificates = certificates.map(|(_, certificate)| (&certificate.path, Subject::certificate(certificate)));
        modules.chain(keys).chain(certificates).map(|(path, subject)| self.add(path, subject)).collect()
    }

    /// Reads one signal of the service. What is malformed or about something else gives no event.
    pub(crate) fn read(&mut self, signal: &Message) -> Vec<Event> {
        let header = signal.header();
        let interface = header.interface().map(InterfaceName::as_str).unwrap_or_default();
        let member = header.member().map(MemberName::as_str).unwrap_or_default();
        match (interface, member) {
            ("org.freedesktop.DBus.ObjectManager", "InterfacesAdded") => self.added(signal),
            ("org.freedesktop.DBus.ObjectManager", "InterfacesRemoved") => self.removed(signal),
            ("org.freedesktop.DBus.Properties", "PropertiesChanged") => self.changed(signal).into_iter().collect(),
            (names::CERTIFICATE, "ExpiryWarning") => self.expiry_warning(signal).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn add(&mut self, path: &OwnedObjectPath, subject: Subject) -> Event {
        let event = Event::about(What::Added, &subject);
        self.0.insert(path.clone(), subject);
        event
    }

    fn added(&mut self, signal: &Message) -> Vec<Event> {
        type Interfaces = HashMap<String, HashMap<String, OwnedVariant>>;
        let body = signal.body();
        let Ok((path, interfaces)) = body.deserialize::<(OwnedObjectPath, Interfaces)>() else { return Vec::new() };
        let mut events = Vec::new();
        for (interface, properties) in &interfaces {
            if let Some(subject) = Subject::read(interface, &path, Properties::new(properties)) {
                events.push(self.add(&path, subject).with(object(properties)));
            }
        }
        events
    }

    fn removed(&mut self, signal: &Message) -> Vec<Event> {
        let body = signal.body();
        let Ok((path, interfaces)) = body.deserialize::<(OwnedObjectPath, Vec<String>)>() else { return Vec::new() };
        let watched = [names::TOKEN, names::CERTIFICATE, names::MODULE];
        if !interfaces.iter().any(|interface| watched.contains(&interface.as_str())) {
            return Vec::new();
        }
        self.0.remove(&path).map(|subject| Event::about(What::Removed, &subject)).into_iter().collect()
    }

    fn changed(&mut self, signal: &Message) -> Option<Event> {
        let header = signal.header();
        let subject = self.subject(header.path()?.as_str())?;
        let body = signal.body();
        type Changes = (String, HashMap<String, OwnedVariant>, Vec<String>);
        let (_, changes, _) = body.deserialize::<Changes>().ok()?;
        (!changes.is_empty()).then(|| Event::about(What::Changed, subject).with(object(&changes)))
    }

    fn expiry_warning(&self, signal: &Message) -> Option<Event> {
        let header = signal.header();
        let subject = self.subject(header.path()?.as_str())?;
        let body = signal.body();
        let (days, threshold) = body.deserialize::<(i32, i32)>().ok()?;
        let properties = [("days", days), ("threshold", threshold)];
        let properties = properties.map(|(name, value)| (name.to_owned(), json(&value.into())));
        Some(Event::about(What::ExpiryWarning, subject).with(properties.into_iter().collect()))
    }

    fn subject(&self, path: &str) -> Option<&Subject> {
        self.0.get(&OwnedObjectPath::try_from(path).ok()?)
    }
}

#[cfg(test)]
mod tests;
