//! What logind's signals mean.

use super::client::{MANAGER, ROOT, SESSION, departure};
use crate::token::{Departure, SessionId};
use std::collections::HashMap;
use zbus::message::Message;
use zbus::{OwnedObjectPath, OwnedVariant};

/// Something has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    FallingAsleep,
    Awake,
    ShuttingDown,
    /// The shutdown was called off.
    GoingOn,
    /// Those who stay in this session leave.
    Left(SessionId, Departure),
    /// Something about this session has changed.
    Changed(SessionId),
}

impl Event {
    /// The meaning of a signal; the caller knows that it is logind's.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let header = message.header();
        let (path, interface, member) = (header.path()?.as_str(), header.interface()?.as_str(), header.member()?);
        let body = message.body();
        match (interface, member.as_str()) {
            (MANAGER, "PrepareForSleep") if path == ROOT => {
                Some(if body.deserialize::<bool>().ok()? { Self::FallingAsleep } else { Self::Awake })
            }
            (MANAGER, "PrepareForShutdown") if path == ROOT => {
                Some(if body.deserialize::<bool>().ok()? { Self::ShuttingDown } else { Self::GoingOn })
            }
            (MANAGER, "SessionRemoved") if path == ROOT => {
                let (_, path) = body.deserialize::<(String, OwnedObjectPath)>().ok()?;
                Some(Self::Left(SessionId(path.to_string()), Departure::SessionEnded))
            }
            (SESSION, "Lock") => Some(Self::Left(SessionId(path.to_owned()), Departure::ScreenLocked)),
            ("org.freedesktop.DBus.Properties", "PropertiesChanged") => {
                let changes = body.deserialize::<(String, HashMap<String, OwnedVariant>, Vec<String>)>();
                let (_, changed, _) = changes.ok().filter(|(of, ..)| of == SESSION)?;
                let session = SessionId(path.to_owned());
                Some(match departure(&changed) {
                    Some(why) => Self::Left(session, why),
                    None => Self::Changed(session),
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    const PATH: &str = "/org/freedesktop/login1/session/c1";

    fn signal<B: serde::Serialize + zbus::Type>(path: &str, interface: &str, member: &str, body: &B) -> Message {
        Message::signal(path, interface, member).build(body).unwrap()
    }

    fn changed(interface: &str, name: &str, value: Variant<'_>) -> Option<Event> {
        let body = (interface, HashMap::from([(name, value)]), Vec::<String>::new());
        Event::of(&signal(PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged", &body))
    }

    #[test]
    fn signals_of_the_manager_and_of_sessions_are_understood() {
        let session = || SessionId(PATH.to_owned());
        assert_eq!(Event::of(&signal(ROOT, MANAGER, "PrepareForSleep", &true)), Some(Event::FallingAsleep));
        assert_eq!(Event::of(&signal(ROOT, MANAGER, "PrepareForSleep", &false)), Some(Event::Awake));
        assert_eq!(Event::of(&signal(ROOT, MANAGER, "PrepareForShutdown", &true)), Some(Event::ShuttingDown));
        let removed = signal(ROOT, MANAGER, "SessionRemoved", &("c1", zbus::ObjectPath::try_from(PATH).unwrap()));
        assert_eq!(Event::of(&removed), Some(Event::Left(session(), Departure::SessionEnded)));
        let locked = signal(PATH, SESSION, "Lock", &());
        assert_eq!(Event::of(&locked), Some(Event::Left(session(), Departure::ScreenLocked)));
        assert_eq!(changed(SESSION, "Active", false.into()), Some(Event::Left(session(), Departure::SessionSwitched)));
        assert_eq!(changed(SESSION, "IdleHint", true.into()), Some(Event::Changed(session())));
    }

    #[test]
    fn others_mean_nothing() {
        assert_eq!(Event::of(&signal(PATH, SESSION, "Unlock", &())), None);
        assert_eq!(Event::of(&signal(PATH, MANAGER, "PrepareForSleep", &true)), None, "not the manager's path");
        assert_eq!(Event::of(&signal(ROOT, MANAGER, "PrepareForSleep", &"yes")), None, "another type");
        assert_eq!(changed("org.freedesktop.login1.User", "Active", false.into()), None);
    }
}
