//! A person's session bus.

use crate::bus::builder_at;
use crate::person::Person;
use crate::process::{Program, for_all_programs};
use crate::tool::Tool;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use zbus::Connection;
use zbus::object_server::Interface;

/// A running session bus, of every program that is started after it.
#[derive(Debug)]
pub struct SessionBus {
    person: Person,
    socket: PathBuf,
    _program: Program,
}

impl SessionBus {
    /// Starts it; it takes connections when this returns.
    pub fn start(person: Person) -> Self {
        let socket = Path::new("/run/user").join(person.uid().to_string()).join("bus");
        let address = format!("unix:path={}", socket.display());
        let mut command = Program::command_as(person, Path::new(Tool::DbusDaemon.program()));
        command.args(["--session", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1"]);
        command.arg(format!("--address={address}")).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut program = Program::spawn("session-bus", Tool::Setpriv, &mut command);
        let mut line = String::new();
        BufReader::new(program.take_stdout()).read_line(&mut line).unwrap();
        assert!(line.contains("unix:path="), "the session bus did not start: {}", program.log());
        for_all_programs("DBUS_SESSION_BUS_ADDRESS", &address);
        Self { person, socket, _program: program }
    }

    /// A connection of its person, who owns this name with this object.
    pub async fn serve<I: Interface>(&self, name: &str, path: &str, object: I) -> Connection {
        let builder = builder_at(&self.socket, self.person).serve_at(path, object);
        builder.name(name).build().await.unwrap()
    }
}
