//! A stand-in for logind on the stage's bus: sessions, their signals, delay inhibitors and the computer's sleep, as far
//! as programs see them. As the real one it finds a process's session by its control group, so [`Session::enter`]
//! counts. Nothing really sleeps, and nobody's screen is locked.

mod objects;

use crate::bus::Bus;
use crate::person::Person;
use crate::session::{Activity, Session};
use crate::wait::eventually;
use objects::{Manager, SessionObject, UserObject};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zbus::fdo::Properties;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, OwnedObjectPath, Variant};

const NAME: &str = "org.freedesktop.login1";
const ROOT: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

/// One session, as it is shown.
#[derive(Clone, Debug)]
struct Shown {
    person: Person,
    active: bool,
    locked: bool,
    closing: bool,
}

/// A delay inhibitor that somebody has taken.
#[derive(Debug)]
struct Inhibitor {
    what: String,
    who: String,
    mode: String,
    /// Ends when the taker closes the other end.
    watched: OwnedFd,
}

impl Inhibitor {
    fn is_held(&self) -> bool {
        let mut ends = [PollFd::new(&self.watched, PollFlags::IN)];
        poll(&mut ends, Some(&Timespec::default())).unwrap();
        !ends[0].revents().contains(PollFlags::HUP)
    }
}

#[derive(Debug, Default)]
struct State {
    sessions: BTreeMap<String, Shown>,
    inhibitors: Vec<Inhibitor>,
}

/// What is the same for a logind that was started again.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<State>>);

/// The stand-in while it runs; dropped, it has left the bus.
#[derive(Debug)]
pub struct Logind {
    connection: Connection,
    state: Shared,
}

impl Logind {
    /// Starts it with these sessions.
    pub async fn start(bus: &Bus, sessions: &[&Session]) -> Self {
        let state = Shared::default();
        for session in sessions {
            state.0.lock().unwrap().sessions.insert(session.id().to_owned(), shown(session));
        }
        Self::start_with(bus, state).await
    }

    async fn start_with(bus: &Bus, state: Shared) -> Self {
        let connection = bus.serve(Person::Root, ROOT, Manager(state.clone())).await;
        let logind = Self { connection, state };
        let sessions: Vec<String> = logind.state.0.lock().unwrap().sessions.keys().cloned().collect();
        for id in sessions {
            logind.export(&id).await;
        }
        for person in Person::added().into_iter().chain([Person::Root]) {
            let user = UserObject { person, state: logind.state.clone() };
            logind.connection.object_server().at(user_path(person.uid()), user).await.unwrap();
        }
        logind.connection.request_name(NAME).await.unwrap();
        logind
    }

    /// Ends, and comes back with the sessions that there were. Inhibitors are those of the old one.
    pub async fn restart(&mut self, bus: &Bus) {
        let state = self.state.clone();
        state.0.lock().unwrap().inhibitors.clear();
        self.connection.clone().close().await.unwrap();
        *self = Self::start_with(bus, state).await;
    }

    /// Leaves the bus.
    pub async fn leave(self) {
        self.connection.close().await.unwrap();
    }

    /// Shows one session more.
    pub async fn add(&self, session: &Session) {
        self.state.0.lock().unwrap().sessions.insert(session.id().to_owned(), shown(session));
        self.export(session.id()).await;
        self.tell(ROOT, MANAGER, "SessionNew", &(session.id(), session_path(session.id()))).await;
    }

    /// Sends `Lock`, as `loginctl lock-session` has it do.
    pub async fn lock(&self, session: &Session) {
        self.tell(session_path(session.id()).as_str(), SESSION, "Lock", &()).await;
    }

    /// The desktop says that its screen is locked, or is not any more.
    pub async fn hint_locked(&self, session: &Session, locked: bool) {
        self.change(session, "LockedHint", locked.into(), |shown| shown.locked = locked).await;
    }

    /// Its seat shows it, or another one.
    pub async fn turn(&self, session: &Session, activity: Activity) {
        session.turn(activity);
        let active = activity == Activity::Active;
        self.change(session, "Active", active.into(), |shown| shown.active = active).await;
    }

    /// Its user has logged out; what still runs in it keeps it. The real one tells nobody.
    pub fn begin_to_close(&self, session: &Session) {
        self.state.0.lock().unwrap().sessions.get_mut(session.id()).unwrap().closing = true;
    }

    /// It has ended.
    pub async fn remove(&self, session: &Session) {
        let path = session_path(session.id());
        self.forget(session).await;
        self.tell(ROOT, MANAGER, "SessionRemoved", &(session.id(), path)).await;
    }

    /// It has ended, and nobody is told.
    pub async fn forget(&self, session: &Session) {
        self.state.0.lock().unwrap().sessions.remove(session.id());
        let path = session_path(session.id());
        self.connection.object_server().remove::<SessionObject, _>(path).await.unwrap();
    }

    /// The computer begins to sleep, or has woken up.
    pub async fn prepare_for_sleep(&self, begins: bool) {
        self.tell(ROOT, MANAGER, "PrepareForSleep", &begins).await;
    }

    /// The computer begins to shut down, or does not after all.
    pub async fn prepare_for_shutdown(&self, begins: bool) {
        self.tell(ROOT, MANAGER, "PrepareForShutdown", &begins).await;
    }

    /// What each inhibitor that is held delays, who holds it, and its mode.
    pub fn inhibitors(&self) -> Vec<(String, String, String)> {
        let state = self.state.0.lock().unwrap();
        let held = state.inhibitors.iter().filter(|inhibitor| inhibitor.is_held());
        held.map(|one| (one.what.clone(), one.who.clone(), one.mode.clone())).collect()
    }

    /// Waits until nobody delays sleep any more, as the real one does before the computer sleeps, and looks every
    /// millisecond.
    pub async fn sleeps(&self) {
        while !self.inhibitors().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until somebody delays sleep.
    pub async fn is_delayed(&self) {
        eventually("a delay inhibitor", async || (!self.inhibitors().is_empty()).then_some(())).await;
    }

    async fn export(&self, id: &str) {
        let object = SessionObject { id: id.to_owned(), state: self.state.clone() };
        self.connection.object_server().at(session_path(id), object).await.unwrap();
    }

    async fn change(&self, session: &Session, name: &str, value: Variant<'_>, change: impl FnOnce(&mut Shown)) {
        change(self.state.0.lock().unwrap().sessions.get_mut(session.id()).unwrap());
        let emitter = SignalEmitter::new(&self.connection, session_path(session.id())).unwrap();
        let changed = [(name, value)].into();
        Properties::properties_changed(&emitter, SESSION.try_into().unwrap(), changed, [].as_slice().into())
            .await
            .unwrap();
    }

    async fn tell<B>(&self, path: &str, interface: &str, signal: &str, body: &B)
    where
        B: serde::Serialize + zbus::Type,
    {
        self.connection.emit_signal(None::<&str>, path, interface, signal, body).await.unwrap();
    }
}

fn shown(session: &Session) -> Shown {
    let active = session.activity() == Activity::Active;
    Shown { person: session.person(), active, locked: false, closing: false }
}

fn session_path(id: &str) -> OwnedObjectPath {
    // The real one escapes what a path may not hold; these ids are letters and digits.
    OwnedObjectPath::try_from(format!("{ROOT}/session/{id}")).unwrap()
}

fn user_path(uid: u32) -> OwnedObjectPath {
    OwnedObjectPath::try_from(format!("{ROOT}/user/_{uid}")).unwrap()
}
