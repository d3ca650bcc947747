//! Questions to logind. Where it says no, nothing is known; where it does not answer, that is an error.

use crate::token::{Departure, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::time::Duration;
use zbus::{Connection, DBusError, OwnedObjectPath, OwnedVariant, Type};

/// Its bus name.
pub(super) const LOGIND: &str = "org.freedesktop.login1";
/// Its root, below which all of its objects are.
pub(super) const ROOT: &str = "/org/freedesktop/login1";
pub(super) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(super) const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// It answers within milliseconds.
const LIMIT: Duration = Duration::from_secs(2);

/// Errors that are not logind's own: it could not be asked.
const NOT_ASKED: [&str; 8] = [
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.Timeout",
    "org.freedesktop.DBus.Error.TimedOut",
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Disconnected",
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.LimitsExceeded",
];

/// logind does not answer.
#[derive(Debug, thiserror::Error)]
#[error("logind does not answer: {0}")]
pub(super) struct Silent(String);

type Properties = HashMap<String, OwnedVariant>;

/// A session as logind shows it.
pub(super) struct Facts {
    pub uid: u32,
    class: String,
    pub departure: Option<Departure>,
}

impl Facts {
    /// Does a person use it, or did one?
    pub(super) fn is_of_a_person(&self) -> bool {
        // Others are login screens, and services that a user has whether or not anybody is there.
        self.class.is_empty() || self.class.starts_with("user")
    }
}

/// Who asks.
pub(super) struct Client {
    connection: Connection,
}

impl Client {
    pub(super) fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// The session that this process belongs to.
    pub(super) async fn session_of_process(&self, pid: u32) -> Result<Option<SessionId>, Silent> {
        if pid == 0 {
            // To logind that is who asks.
            return Ok(None);
        }
        Ok(self.ask(ROOT, MANAGER, "GetSessionByPID", &pid).await?.as_ref().map(session))
    }

    /// The session with this name; it may be one that is not there.
    pub(super) async fn session_named(&self, name: &str) -> Result<Option<SessionId>, Silent> {
        Ok(self.ask(ROOT, MANAGER, "GetSession", &name).await?.as_ref().map(session))
    }

    /// What a session is like now, if it is there.
    pub(super) async fn facts(&self, session: &SessionId) -> Result<Option<Facts>, Silent> {
        let Some(all) = self.ask::<Properties, _>(&session.0, PROPERTIES, "GetAll", &SESSION).await? else {
            return Ok(None);
        };
        let Some((uid, _)) = value::<(u32, OwnedObjectPath)>(&all, "User") else { return Ok(None) };
        let gone = (value::<bool>(&all, "Active") != Some(true)).then_some(Departure::SessionSwitched);
        let class = value(&all, "Class").unwrap_or_default();
        Ok(Some(Facts { uid, class, departure: departure(&all).or(gone) }))
    }

    /// The session that logind takes for a user's screen.
    pub(super) async fn display_of(&self, uid: u32) -> Result<Option<SessionId>, Silent> {
        let Some(user) = self.ask::<OwnedObjectPath, _>(ROOT, MANAGER, "GetUser", &uid).await? else { return Ok(None) };
        let display = self.ask::<OwnedVariant, _>(user.as_str(), PROPERTIES, "Get", &(USER, "Display")).await?;
        let display = display.and_then(|display| <(String, OwnedObjectPath)>::try_from(display).ok());
        Ok(display.filter(|(id, _)| !id.is_empty()).map(|(_, path)| session(&path)))
    }

    /// All sessions of a user.
    pub(super) async fn sessions_of(&self, uid: u32) -> Result<Vec<SessionId>, Silent> {
        type Row = (String, u32, String, String, OwnedObjectPath);
        let all = self.ask::<Vec<Row>, _>(ROOT, MANAGER, "ListSessions", &()).await?.unwrap_or_default();
        Ok(all.into_iter().filter(|(_, of, ..)| *of == uid).map(|(.., path)| session(&path)).collect())
    }

    /// Has the computer begun to go to sleep?
    pub(super) async fn is_falling_asleep(&self) -> bool {
        let now = self.ask::<OwnedVariant, _>(ROOT, PROPERTIES, "Get", &(MANAGER, "PreparingForSleep")).await;
        now.is_ok_and(|now| now.is_some_and(|now| bool::try_from(now).unwrap_or_default()))
    }

    /// Makes sleep wait until the descriptor is closed, or for as long as logind lets anybody wait.
    pub(super) async fn inhibit_sleep(&self) -> Result<OwnedFd, Silent> {
        let wanted = ("sleep", "ukeyd", "Logging out of Keys", "delay");
        match self.ask::<zbus::OwnedFd, _>(ROOT, MANAGER, "Inhibit", &wanted).await? {
            Some(inhibitor) => Ok(inhibitor.into()),
            None => Err(Silent("sleep may not be delayed".to_owned())),
        }
    }

    async fn ask<T, A>(&self, path: &str, interface: &str, method: &str, argument: &A) -> Result<Option<T>, Silent>
    where
        T: DeserializeOwned + Type,
        A: Serialize + Type,
    {
        let question = self.connection.call_method(Some(LOGIND), path, Some(interface), method, argument);
        match tokio::time::timeout(LIMIT, question).await {
            Ok(Ok(answer)) => answer.body().deserialize().map(Some).map_err(|error| Silent(error.to_string())),
            Ok(Err(error)) if is_an_answer(&error) => {
                tracing::debug!(method, %error, "logind says no");
                Ok(None)
            }
            Ok(Err(error)) => Err(Silent(error.to_string())),
            Err(_) => Err(Silent("time is over".to_owned())),
        }
    }
}

/// Does this error come from logind, or could it not be asked?
fn is_an_answer(error: &zbus::Error) -> bool {
    let name = match error {
        zbus::Error::MethodError(name, ..) => name.as_str(),
        zbus::Error::FDO(error) if matches!(**error, zbus::fdo::Error::ZBus(_)) => return false,
        zbus::Error::FDO(error) => return !NOT_ASKED.contains(&error.name().as_str()),
        _ => return false,
    };
    !NOT_ASKED.contains(&name)
}

/// What a session's properties, or those that have changed, say of the end of a stay there.
pub(super) fn departure(properties: &Properties) -> Option<Departure> {
    let is = |name, wanted| value::<bool>(properties, name) == Some(wanted);
    if value::<String>(properties, "State").is_some_and(|state| state == "closing") {
        Some(Departure::SessionEnded)
    } else if is("LockedHint", true) {
        Some(Departure::ScreenLocked)
    } else if is("Active", false) {
        Some(Departure::SessionSwitched)
    } else {
        None
    }
}

fn value<T: TryFrom<OwnedVariant>>(properties: &Properties, name: &str) -> Option<T> {
    T::try_from(properties.get(name)?.clone()).ok()
}

fn session(path: &OwnedObjectPath) -> SessionId {
    SessionId(path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    fn properties(all: &[(&str, Variant<'_>)]) -> Properties {
        all.iter().map(|(name, value)| ((*name).to_owned(), value.try_to_owned().unwrap())).collect()
    }

    #[test]
    fn a_stay_ends_where_the_person_is_gone_or_can_not_be_seen() {
        let here = [("Active", true.into()), ("LockedHint", false.into()), ("State", "active".into())];
        assert_eq!(departure(&properties(&here)), None);
        assert_eq!(departure(&properties(&[("Active", false.into())])), Some(Departure::SessionSwitched));
        assert_eq!(departure(&properties(&[("LockedHint", true.into())])), Some(Departure::ScreenLocked));
        assert_eq!(departure(&properties(&[("State", "closing".into())])), Some(Departure::SessionEnded));
    }

    #[test]
    fn an_error_of_the_bus_is_no_answer() {
        let error = |name: &str| {
            let call = zbus::message::Message::method_call(ROOT, "GetSession").build(&()).unwrap();
            zbus::Error::from(zbus::message::Message::error(&call.header(), name).build(&"said no").unwrap())
        };
        for name in NOT_ASKED {
            assert!(!is_an_answer(&error(name)), "{name}");
        }
        let own = ["NoSessionForPID", "NoSuchSession"].map(|name| format!("{LOGIND}.{name}"));
        let of_objects =
            ["UnknownObject", "UnknownMethod", "Failed"].map(|name| format!("org.freedesktop.DBus.Error.{name}"));
        for name in own.iter().chain(&of_objects) {
            assert!(is_an_answer(&error(name)), "{name}");
        }
    }

    #[test]
    fn what_else_changes_ends_nothing() {
        for other in [("IdleHint", true.into()), ("Active", true.into()), ("State", "online".into())] {
            assert_eq!(departure(&properties(&[other])), None);
        }
        assert_eq!(departure(&properties(&[("Active", "no".into())])), None, "another type");
    }
}
