//! A session bus.

use crate::bus::connect_to;
use crate::person::Person;
use crate::process::Program;
use crate::tool::Tool;
use crate::wait::eventually;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use zbus::Connection;
use zbus::fdo::DBusProxy;

/// A person's session bus.
#[derive(Debug)]
pub struct SessionBus {
    program: Program,
    person: Person,
}

impl SessionBus {
    /// Starts it; it takes connections when this returns.
    pub fn start(person: Person) -> Self {
        let mut command = Program::command_as(person, &Tool::DbusDaemon.path());
        let address = format!("--address=unix:path={}", path(person).display());
        command
            .args(["--session", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut program = Program::spawn("session-bus", Tool::Setpriv, &mut command);
        let mut line = String::new();
        BufReader::new(program.take_stdout()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the session bus did not start: {}", program.log());
        Self { program, person }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("unix:path={}", path(self.person).display())
    }

    /// A connection of its person.
    pub async fn connect(&self) -> Connection {
        connect_to(self.person, &path(self.person)).build().await.unwrap()
    }

    /// Ends it.
    pub async fn kill(&mut self) {
        self.program.signal(rustix::process::Signal::KILL);
        self.program.ended().await;
    }

    /// Waits until somebody owns this name.
    pub async fn wait_for_owner(&self, name: &str) {
        self.wait(name, true).await;
    }

    /// Waits until nobody owns it.
    pub async fn wait_until_free(&self, name: &str) {
        self.wait(name, false).await;
    }

    async fn wait(&self, name: &str, wanted: bool) {
        let connection = self.connect().await;
        let bus = DBusProxy::new(&connection).await.unwrap();
        eventually(&format!("{name} on the session bus: {wanted}"), async || {
            (bus.name_has_owner(name.try_into().unwrap()).await.unwrap() == wanted).then_some(())
        })
        .await;
    }
}

fn path(person: Person) -> PathBuf {
    PathBuf::from(format!("/run/user/{}/bus", person.uid()))
}
