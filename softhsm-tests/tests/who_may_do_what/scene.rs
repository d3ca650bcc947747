//! The people of the table, their sessions, and a request of the clerk's that is under way.

use super::Who;
use super::calls::{Target, call};
use std::collections::HashMap;
use tokio::task::JoinHandle;
use ukey_dbus::names::{BUS_NAME, request_path};
use ukey_dbus::{Error, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{Activity, Fixture, FixtureBuilder, Monitor, Person, Seat, Session, eventually, option};
use zbus::fdo::PropertiesProxy;
use zbus::{Connection, OwnedVariant};

/// The request's name.
const REQUEST: &str = "r1";

pub(super) struct Scene {
    active: Session,
    inactive: Session,
    monitor: Monitor,
    connections: HashMap<Person, Connection>,
    target: Target,
    request: Option<JoinHandle<zbus::Result<()>>>,
    requests: usize,
    pub(super) fixture: Fixture,
}

impl Scene {
    pub(super) async fn start() -> Self {
        // polkit looks for sessions only where it finds their files at its start.
        let active = Session::begin(Person::Clerk, Activity::Active);
        let inactive = Session::begin(Person::Nurse, Activity::Inactive);
        let fixture = Fixture::builder().seat(Seat::Empty).spied();
        let others = [Person::Nurse, Person::Outsider, Person::Technician];
        let fixture = others.into_iter().fold(fixture, FixtureBuilder::agent_for).start().await;
        let monitor = Monitor::start(&fixture.bus).await;
        let mut connections = HashMap::from([(Person::Clerk, fixture.clerk.clone())]);
        for person in others.into_iter().chain([Person::Root]) {
            connections.insert(person, fixture.bus.connect(person).await);
        }
        let path = |path: &zbus::ObjectPath<'_>| path.to_string();
        let token = path(fixture.token().await.inner().path());
        let certificate = path(fixture.certificate(KeyKind::EcP256).await.inner().path());
        let request = request_path(fixture.clerk.unique_name().unwrap().as_str(), REQUEST);
        let target = Target { token, certificate, request };
        Self { active, inactive, monitor, connections, target, request: None, requests: 0, fixture }
    }

    pub(super) fn clerk(&self) -> &Connection {
        &self.fixture.clerk
    }

    /// Has the clerk's program wait at a dialog, unless it does so already.
    pub(super) async fn open_request(&mut self) {
        if self.request.as_ref().is_some_and(|call| !call.is_finished()) {
            return;
        }
        self.active.enter();
        let token = self.fixture.token().await;
        let named = option(options::REQUEST, REQUEST);
        self.request = Some(tokio::spawn(async move { token.login(named).await }));
        self.requests += 1;
        self.fixture.pinentry().dialog(self.requests).await;
    }

    /// Requests so far: each has opened one dialog.
    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// Dialogs so far that the daemon asked anybody's agent for.
    pub(super) fn dialogs(&self) -> usize {
        self.monitor.asked().len()
    }

    pub(super) fn kill_polkit(&mut self) {
        drop(self.fixture.polkit.take());
    }

    /// This process goes where these callers are; the request is under way.
    pub(super) async fn become_one(&mut self, who: Who) {
        self.open_request().await;
        match who {
            Who::Active | Who::ActiveWithoutPolkit => self.active.enter(),
            Who::Inactive => self.inactive.enter(),
            Who::Root | Who::RootWithoutPolkit | Who::Other | Who::Technician => Session::leave(),
        }
    }

    /// Calls a method in a way that does nothing where it is allowed.
    pub(super) async fn call(&mut self, who: Who, interface: &str, method: &str) -> zbus::Result<()> {
        let result = call(self.connection(who), &self.target, interface, method).await;
        if result.is_ok() && method == "Cancel" {
            let cancelled = self.request.take().unwrap().await.unwrap().map_err(Error::from);
            assert_eq!(cancelled.unwrap_err().kind(), ErrorKind::Cancelled);
            let objects = async || self.fixture.objects().await;
            let gone = async || objects().await.keys().all(|path| path.as_str() != self.target.request).then_some(());
            eventually("the end of the request", gone).await;
        }
        result
    }

    pub(super) async fn read(&self, who: Who, path: &str, interface: &str, name: &str) -> zbus::Result<OwnedVariant> {
        Ok(self.properties(who, path).await?.get(interface.try_into()?, name).await?)
    }

    pub(super) async fn write(
        &self,
        who: Who,
        path: &str,
        interface: &str,
        name: &str,
        value: &OwnedVariant,
    ) -> zbus::Result<()> {
        Ok(self.properties(who, path).await?.set(interface.try_into()?, name, value).await?)
    }

    async fn properties(&self, who: Who, path: &str) -> zbus::Result<PropertiesProxy<'static>> {
        let proxy = PropertiesProxy::builder(self.connection(who)).destination(BUS_NAME);
        proxy.path(path.to_owned()).build().await
    }

    fn connection(&self, who: Who) -> &Connection {
        &self.connections[&match who {
            Who::Root | Who::RootWithoutPolkit => Person::Root,
            Who::Active | Who::ActiveWithoutPolkit => Person::Clerk,
            Who::Inactive => Person::Nurse,
            Who::Other => Person::Outsider,
            Who::Technician => Person::Technician,
        }]
    }
}

/// Was this call let in? Panics where neither that nor a refusal by name is to be seen.
pub(super) fn got_past_authorization(result: &zbus::Result<()>) -> bool {
    let Err(zbus::Error::MethodError(name, ..)) = result else {
        assert!(result.is_ok(), "neither an answer nor an error of the contract: {result:?}");
        return true;
    };
    let kind = ErrorKind::from_dbus_name(name).unwrap_or_else(|| panic!("no error of the contract: {result:?}"));
    assert_ne!(kind, ErrorKind::Internal, "{result:?}");
    kind != ErrorKind::NotAuthorized
}
