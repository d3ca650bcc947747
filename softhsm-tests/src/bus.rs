//! A real system bus: Debian's own `system.conf`, in the stage's private `/run`.

use crate::person::Person;
use crate::process::Program;
use crate::stage::{STAGE, sources};
use crate::tool::Tool;
use crate::wait::eventually;
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::object_server::Interface;

const CONFIG: &str = "/usr/share/dbus-1/system.conf";
/// Longer than any call of a test should take.
const CALL_TIME: Duration = Duration::from_secs(40);
pub(crate) const SOCKET: &str = "/run/dbus/system_bus_socket";

/// What the bus allows beside Debian's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusPolicy {
    /// Those of `packaging/dbus`.
    Shipped,
    /// Everything, to everybody: for what the programs must refuse by themselves.
    Open,
}

/// A running bus.
#[derive(Debug)]
pub struct Bus {
    _program: Program,
}

impl Bus {
    /// Starts the bus; it takes connections when this returns.
    pub fn start(policy: BusPolicy) -> Self {
        let policies = Path::new(STAGE).join("dbus");
        match policy {
            BusPolicy::Shipped => {
                for name in ["org.ukeyd.UKey1.conf", "ukey-exporter.conf"] {
                    fs::copy(sources().join("packaging/dbus").join(name), policies.join(name)).unwrap();
                }
            }
            BusPolicy::Open => fs::write(policies.join("org.ukeyd.UKey1.conf"), OPEN).unwrap(),
        }
        let mut command = Tool::DbusDaemon.command();
        command
            .arg(format!("--config-file={CONFIG}"))
            .args(["--nofork", "--nopidfile", "--nosyslog", "--print-address=1"])
            .stdout(Stdio::piped());
        let mut program = Program::spawn("dbus-daemon", Tool::DbusDaemon, &mut command);
        let mut address = String::new();
        BufReader::new(program.take_stdout()).read_line(&mut address).unwrap();
        assert!(address.contains(SOCKET), "dbus-daemon did not start: {}", program.log());
        Self { _program: program }
    }

    /// The bus's address.
    pub fn address(&self) -> String {
        format!("unix:path={SOCKET}")
    }

    /// A connection that the bus takes for this person's.
    pub async fn connect(&self, person: Person) -> Connection {
        self.try_connect(person).await.unwrap()
    }

    /// As [`Bus::connect`], for a bus that may refuse.
    pub async fn try_connect(&self, person: Person) -> zbus::Result<Connection> {
        connect(person).await
    }

    /// As [`Bus::connect`], with an object that answers from the very first call on; one that is exported later may miss
    /// what comes at once.
    pub async fn serve<I: Interface>(&self, person: Person, path: &str, object: I) -> Connection {
        builder(person).serve_at(path, object).build().await.unwrap()
    }

    /// Waits until somebody owns this name.
    pub async fn wait_for_owner(&self, name: &str) {
        let connection = self.connect(Person::Root).await;
        let bus = DBusProxy::new(&connection).await.unwrap();
        eventually(&format!("an owner of {name}"), async || {
            bus.name_has_owner(name.try_into().unwrap()).await.unwrap().then_some(())
        })
        .await;
    }
}

/// A connection to the stage's bus, whoever started it.
pub(crate) async fn connect(person: Person) -> zbus::Result<Connection> {
    builder(person).build().await
}

fn builder(person: Person) -> Builder<'static> {
    connect_to(person, Path::new(SOCKET))
}

/// A connection of this person to the bus with this socket.
pub(crate) fn connect_to(person: Person, socket: &Path) -> Builder<'static> {
    let socket = socket.to_owned();
    connection_over(as_thread_of(person, move || UnixStream::connect(socket).unwrap()), person)
}

/// A connection of this person's over a socket that is connected.
pub(crate) fn connection_over(stream: UnixStream, person: Person) -> Builder<'static> {
    Builder::unix_stream(stream).user_id(person.uid()).method_timeout(CALL_TIME)
}

/// Credentials belong to a thread, and a socket keeps those of its `connect()`: so this thread is given up afterwards.
pub(crate) fn as_thread_of<T: Send + 'static>(person: Person, work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::spawn(move || {
        let uid = rustix::process::Uid::from_raw(person.uid());
        let gid = rustix::process::Gid::from_raw(person.uid());
        set_thread_groups(&[]).unwrap();
        set_thread_res_gid(gid, gid, gid).unwrap();
        set_thread_res_uid(uid, uid, uid).unwrap();
        work()
    });
    thread.join().unwrap()
}

const OPEN: &str = r#"<busconfig>
  <policy context="default">
    <allow own="*"/>
    <allow send_type="method_call"/>
  </policy>
</busconfig>
"#;
