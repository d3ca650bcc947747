//! What the stand-in shows on the bus.

use super::{Inhibitor, Shared, Shown, session_path, user_path};
use crate::person::Person;
use std::fs;
use zbus::{OwnedFd, OwnedObjectPath, fdo};

/// `org.freedesktop.login1.Manager`.
pub(super) struct Manager(pub(super) Shared);

type Row = (String, u32, String, String, OwnedObjectPath);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn get_session(&self, id: &str) -> fdo::Result<OwnedObjectPath> {
        let known = self.0.0.lock().unwrap().sessions.contains_key(id);
        known.then(|| session_path(id)).ok_or_else(|| nothing("session"))
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, pid: u32) -> fdo::Result<OwnedObjectPath> {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        let scopes = groups.lines().filter_map(|line| line.rsplit_once("/session-")?.1.strip_suffix(".scope"));
        let state = self.0.0.lock().unwrap();
        let mut known = scopes.filter(|id| state.sessions.contains_key(*id));
        known.next().map(session_path).ok_or_else(|| nothing("session of this process"))
    }

    fn get_user(&self, uid: u32) -> fdo::Result<OwnedObjectPath> {
        let state = self.0.0.lock().unwrap();
        let there = state.sessions.values().any(|shown| shown.person.uid() == uid);
        there.then(|| user_path(uid)).ok_or_else(|| nothing("user"))
    }

    fn list_sessions(&self) -> Vec<Row> {
        let state = self.0.0.lock().unwrap();
        let row = |(id, shown): (&String, &Shown)| {
            (id.clone(), shown.person.uid(), shown.person.name().to_owned(), "seat0".to_owned(), session_path(id))
        };
        state.sessions.iter().map(row).collect()
    }

    fn inhibit(&self, what: &str, who: &str, _why: &str, mode: &str) -> fdo::Result<OwnedFd> {
        let (watched, given) = rustix::pipe::pipe().map_err(|error| fdo::Error::IOError(error.to_string()))?;
        let (what, who, mode) = (what.to_owned(), who.to_owned(), mode.to_owned());
        self.0.0.lock().unwrap().inhibitors.push(Inhibitor { what, who, mode, watched });
        Ok(given.into())
    }

    #[zbus(property)]
    fn preparing_for_sleep(&self) -> bool {
        false
    }
}

/// `org.freedesktop.login1.Session`.
pub(super) struct SessionObject {
    pub(super) id: String,
    pub(super) state: Shared,
}

impl SessionObject {
    fn shown(&self) -> Shown {
        self.state.0.lock().unwrap().sessions[&self.id].clone()
    }
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl SessionObject {
    #[zbus(property)]
    fn id(&self) -> String {
        self.id.clone()
    }

    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        let uid = self.shown().person.uid();
        (uid, user_path(uid))
    }

    #[zbus(property)]
    fn class(&self) -> &'static str {
        "user"
    }

    #[zbus(property)]
    fn active(&self) -> bool {
        self.shown().active
    }

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.shown().locked
    }

    #[zbus(property)]
    fn state(&self) -> &'static str {
        match self.shown() {
            Shown { closing: true, .. } => "closing",
            Shown { active: true, .. } => "active",
            Shown { .. } => "online",
        }
    }
}

/// `org.freedesktop.login1.User`.
pub(super) struct UserObject {
    pub(super) person: Person,
    pub(super) state: Shared,
}

#[zbus::interface(name = "org.freedesktop.login1.User")]
impl UserObject {
    /// The session that began first of those that go on.
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        let state = self.state.0.lock().unwrap();
        let mut own = state.sessions.iter().filter(|(_, shown)| shown.person == self.person && !shown.closing);
        let nothing = || (String::new(), OwnedObjectPath::try_from("/").unwrap());
        own.next().map_or_else(nothing, |(id, _)| (id.clone(), session_path(id)))
    }
}

fn nothing(what: &str) -> fdo::Error {
    fdo::Error::Failed(format!("no such {what}"))
}
