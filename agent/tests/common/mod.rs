//! A private bus, a stand-in for ukeyd on it, and what its users sit at.
#![allow(dead_code, reason = "each test program uses a part")]
#![allow(unreachable_pub, reason = "a module of several test programs")]

pub mod desktop;
mod pinentry;
pub mod terminal;

pub use pinentry::Pinentry;

use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, recv, socketpair};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::mpsc;
use ukey_agent::texts::Language;
use ukey_agent::{AgentKind, Bus, Grab, Registration, Settings};
use ukey_dbus::names::{AGENT_PATH, BUS_NAME, ROOT_PATH, token_path};
use ukey_dbus::{AgentProxy, ErrorKind};
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, ObjectPath, OwnedVariant, Variant};

/// Longest wait for anything that has to happen.
pub const BOUND: Duration = Duration::from_secs(20);

/// Waits for what has to happen, with a bound.
pub async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, what).await.expect("did not happen in time")
}

/// Looks again and again until there is something to return, with a bound.
pub async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    within(async {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        loop {
            ticks.tick().await;
            if let Some(found) = look() {
                return found;
            }
        }
    })
    .await
}

/// A dbus-daemon of its own.
pub struct PrivateBus {
    process: Child,
    pub address: String,
}

impl PrivateBus {
    pub fn start() -> Self {
        let mut process = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim_end().to_owned() }
    }

    pub fn bus(&self) -> Bus {
        self.address.parse().unwrap()
    }

    pub async fn connect(&self) -> Connection {
        ukey_agent::connect(&self.bus()).await.unwrap()
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A program that ends with the test.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Where a person sits at an agent.
pub trait Place: Send + 'static {
    /// Makes an agent's command run here.
    fn seat(&self, agent: &mut Command);
}

/// What the stand-in for ukeyd was told.
#[derive(Debug)]
pub enum Told {
    Registered { agent: OwnedUniqueName, kind: String },
    Unregistered,
}

struct Manager {
    told: mpsc::UnboundedSender<Told>,
    refuse: Option<ErrorKind>,
}

#[zbus::interface(name = "org.ukeyd.UKey1.Manager")]
impl Manager {
    async fn register_agent(
        &self,
        #[zbus(header)] header: Header<'_>,
        path: ObjectPath<'_>,
        options: HashMap<String, OwnedVariant>,
    ) -> ukey_dbus::Result<()> {
        if let Some(kind) = self.refuse {
            return Err(ukey_dbus::Error::new(kind, "another agent serves this session"));
        }
        assert_eq!(path.as_str(), AGENT_PATH);
        let agent = header.sender().unwrap().to_owned().into();
        let kind = options["kind"].downcast_ref::<&str>().unwrap().to_owned();
        self.told.send(Told::Registered { agent, kind }).unwrap();
        Ok(())
    }

    async fn unregister_agent(&self, _path: ObjectPath<'_>) -> ukey_dbus::Result<()> {
        self.told.send(Told::Unregistered).unwrap();
        Ok(())
    }
}

/// A stand-in for ukeyd.
pub struct Service {
    pub connection: Connection,
    pub told: mpsc::UnboundedReceiver<Told>,
}

impl Service {
    pub async fn start(bus: &PrivateBus) -> Self {
        Self::start_with(bus, None).await
    }

    pub async fn start_with(bus: &PrivateBus, refuse: Option<ErrorKind>) -> Self {
        let connection = bus.connect().await;
        let (sender, told) = mpsc::unbounded_channel();
        connection.object_server().at(ROOT_PATH, Manager { told: sender, refuse }).await.unwrap();
        connection.request_name(BUS_NAME).await.unwrap();
        Self { connection, told }
    }

    /// Waits for an agent to register; returns the way to call it and its kind.
    pub async fn agent(&mut self) -> (AgentProxy<'static>, String) {
        match within(self.told.recv()).await.unwrap() {
            Told::Registered { agent, kind } => (proxy(&self.connection, agent).await, kind),
            Told::Unregistered => panic!("unregistered"),
        }
    }
}

/// The agent called `name`, as seen over `connection`.
pub async fn proxy(connection: &Connection, name: OwnedUniqueName) -> AgentProxy<'static> {
    AgentProxy::builder(connection)
        .destination(name)
        .path(AGENT_PATH)
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await
        .unwrap()
}

/// An agent of this process, with a scripted pinentry.
pub struct Stage {
    pub service: Service,
    pub agent: AgentProxy<'static>,
    pub registration: Registration,
    pub pinentry: Pinentry,
    pub bus: PrivateBus,
}

impl Stage {
    /// `answer` is what the pinentry does at `GETPIN`, `CONFIRM` and `MESSAGE`, in shell.
    pub async fn set(answer: &str) -> Self {
        let bus = PrivateBus::start();
        let pinentry = Pinentry::that(answer);
        let mut service = Service::start(&bus).await;
        let connection = bus.connect().await;
        let settings = Settings {
            bus: bus.bus(),
            pinentry: Some(pinentry.program.clone()),
            language: Language::English,
            grab: Grab::Nothing,
        };
        let registration = within(ukey_agent::serve(&connection, settings, AgentKind::Desktop)).await.unwrap();
        let (agent, _) = service.agent().await;
        Self { service, agent, registration, pinentry, bus }
    }

    /// The context of a request by the stand-in itself.
    pub fn context<'a>(&self, request: &'a str) -> HashMap<&'a str, Variant<'a>> {
        let caller = self.service.connection.unique_name().unwrap().to_string();
        HashMap::from([
            ("request", request.into()),
            ("caller", caller.into()),
            ("caller-uid", own_uid().into()),
            ("reason", "Order 2026-11, 100 %".into()),
            ("label", "昆明 <b>Key</b>".into()),
            ("tries", (-1).into()),
            ("pin-state", "ok".into()),
        ])
    }

    /// Asks for the user PIN; the answer, and what then lies in the socket.
    pub async fn ask(&self, request: &str) -> (zbus::Result<()>, Option<Vec<u8>>) {
        self.ask_for("user-pin", self.context(request)).await
    }

    /// Asks for a PIN of this kind.
    pub async fn ask_for(
        &self,
        kind: &str,
        context: HashMap<&str, Variant<'_>>,
    ) -> (zbus::Result<()>, Option<Vec<u8>>) {
        let (near, far) = records();
        let answer = within(self.agent.request_pin(&TOKEN, kind, context, near.into())).await;
        (answer, record(&far))
    }

    /// Tells the person something about a request.
    pub async fn tell(&self, kind: &str, request: &str) -> zbus::Result<()> {
        within(self.agent.notify(&TOKEN, kind, self.context(request))).await
    }
}

pub fn own_uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// A Key.
pub static TOKEN: LazyLock<ObjectPath<'static>> =
    LazyLock::new(|| ObjectPath::try_from(token_path("0123456789abcdef")).unwrap());

/// A pair as ukeyd makes it.
pub fn records() -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
}

/// The record that lies in the socket, if one does; there must not be a second.
pub fn record(far: &OwnedFd) -> Option<Vec<u8>> {
    let mut buffer = [0_u8; 512];
    let count = recv(far, &mut buffer[..], RecvFlags::DONTWAIT).map(|(_, count)| count).unwrap_or(0);
    let second = recv(far, &mut [0_u8; 8][..], RecvFlags::DONTWAIT).map(|(_, count)| count).unwrap_or(0);
    assert_eq!(second, 0, "a second record");
    (count > 0).then(|| buffer[..count].to_vec())
}

/// The kind of an error of the contract.
pub fn kind<T: std::fmt::Debug>(answer: zbus::Result<T>) -> ErrorKind {
    ukey_dbus::Error::from(answer.unwrap_err()).kind()
}
