//! A running ukeyd with a Key and somebody logged in, and the workers that sign with the same Key.

use crate::contender::{Contender, Kind, Level};
use crate::worker::Order;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use ukey_dbus::{CertificateProxy, KeyKind};
use ukey_softhsm_tests::{Call, Fault, Fixture, Lab, Person, Program, STAGE, Tool, When, eventually, program, run};
use zbus::{Connection, Variant};

const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";
const P11_KIT_CLIENT: &str = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";

/// Where the record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Memory,
    Disk(&'a Path),
}

/// How fast the Key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Software,
    /// 100 ms for each signature, one at a time.
    Slow,
}

/// Everything that runs.
pub(crate) struct Scene {
    pub(crate) fixture: Fixture,
    key: Key,
    others: Vec<Program>,
}

/// A process with the callers of one contender.
pub(crate) struct Worker {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    program: Program,
}

impl Scene {
    pub(crate) async fn start(key: Key, record: Record<'_>) -> Self {
        if let Record::Disk(folder) = record {
            let (disk, place) = (folder.join("ukey-bench"), Path::new(STAGE).join("ukeyd"));
            std::fs::create_dir_all(&disk).unwrap();
            std::fs::create_dir_all(&place).unwrap();
            run(Tool::Mount, ["--bind".as_ref(), disk.as_os_str(), place.as_os_str()]);
        }
        // Five hundred callers of one user; the default is 256.
        let limits = "<busconfig><limit name=\"max_connections_per_user\">1000</limit>
            <policy user=\"root\"><allow send_interface=\"org.ukeyd.UKey1.Certificate\"/></policy></busconfig>";
        std::fs::write(Path::new(STAGE).join("dbus/bench.conf"), limits).unwrap();
        let builder = Fixture::builder().log("info,zbus=warn");
        let fixture = match key {
            Key::Software => builder.module("sessions = 2").start().await,
            Key::Slow => builder.lab(slow).module("sessions = 1").start().await,
        };
        Self { fixture, key, others: Vec::new() }
    }

    fn module(&self, contender: Contender) -> PathBuf {
        match (contender, self.key) {
            (Contender::P11Kit, _) => P11_KIT_CLIENT.into(),
            (_, Key::Software) => SOFTHSM.into(),
            (_, Key::Slow) => Lab::library(),
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let config = self.fixture.store.config().to_str().unwrap().to_owned();
        let lab = self.fixture.lab.iter().flat_map(Lab::environment);
        lab.chain([("SOFTHSM2_CONF".to_owned(), config)]).collect()
    }

    /// A worker that has signed once.
    pub(crate) async fn worker(&mut self, contender: Contender, kind: Kind) -> Worker {
        let mut command = self.command(contender, kind).await;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if matches!(contender, Contender::Bus | Contender::Line) && self.fixture.pinentry().dialogs().is_empty() {
            self.fixture.pinentry().will_type(self.fixture.key().pin());
        }
        let mut program = Program::spawn("worker", Tool::Setpriv, &mut command);
        let answers = BufReader::new(program.take_stdout());
        let mut worker = Worker { orders: program.take_stdin(), answers, program };
        worker.answer();
        worker
    }

    /// The command of a worker; what it needs beside it runs when this returns.
    pub(crate) async fn command(&mut self, contender: Contender, kind: Kind) -> Command {
        let of_clerk = matches!(contender, Contender::Bus | Contender::Line);
        let mut command = Tool::Setpriv.command();
        let id = if of_clerk { Person::Clerk } else { Person::Root }.uid().to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(program("ukey-bench"));
        command.args(["work", &contender.name(), &kind.name()]);
        command.arg("--module").arg(self.module(contender));
        if of_clerk {
            command.arg("--certificate").arg(self.certificate(kind).await.inner().path().as_str());
        } else {
            let key = self.fixture.key();
            command.args(["--label", key.label(), "--pin", key.pin()]).envs(self.environment());
        }
        match contender {
            Contender::P11Kit => drop(command.env("P11_KIT_SERVER_ADDRESS", self.p11_kit().await)),
            Contender::SshAgent => drop(command.env("SSH_AUTH_SOCK", self.ssh_agent().await)),
            _ => {}
        }
        if let Some(level) = contender.level() {
            command.arg("--prototype").arg(self.prototype(level, kind).await);
        }
        command
    }

    /// How long polkit takes to decide whether the clerk's connection may sign, with nothing remembered.
    pub(crate) async fn policy(&self) -> Duration {
        let system = Connection::system().await.unwrap();
        let name = Variant::from(self.fixture.clerk.unique_name().unwrap().as_str().to_owned());
        let question = (
            ("system-bus-name", HashMap::from([("name", name)])),
            "org.ukeyd.sign",
            HashMap::<&str, &str>::new(),
            0_u32,
            "",
        );
        let (path, authority) = ("/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority");
        let start = Instant::now();
        let answer = system
            .call_method(Some("org.freedesktop.PolicyKit1"), path, Some(authority), "CheckAuthorization", &question)
            .await
            .unwrap();
        let took = start.elapsed();
        let (is_authorized, ..): (bool, bool, HashMap<String, String>) = answer.body().deserialize().unwrap();
        assert!(is_authorized);
        took
    }

    async fn certificate(&self, kind: Kind) -> CertificateProxy<'static> {
        let kind = match kind {
            Kind::Rsa => KeyKind::Rsa2048,
            Kind::Ec => KeyKind::EcP256,
        };
        self.fixture.certificate(kind).await
    }

    async fn prototype(&mut self, level: Level, kind: Kind) -> String {
        let socket = format!("{STAGE}/prototype-{}", self.others.len());
        let mut command = Command::new(program("ukey-bench"));
        command.args(["prototype", &socket, &Contender::Relay.name(), &kind.name(), "--level", &level.name()]);
        let (der, _) = self.certificate(kind).await.get_certificate().await.unwrap();
        let path = format!("{socket}.der");
        std::fs::write(&path, der).unwrap();
        command.args(["--verify-with", &path, "--module"]);
        command.arg(self.module(Contender::Prototype));
        let key = self.fixture.key();
        command.args(["--label", key.label(), "--pin", key.pin()]).envs(self.environment());
        self.others.push(Program::spawn("prototype", Tool::Setpriv, &mut command));
        let name = Path::new(&socket).with_extension("name");
        eventually("the prototype's name", async || name.exists().then_some(())).await;
        socket
    }

    /// Ends what was started beside ukeyd.
    pub(crate) fn end_others(&mut self) {
        self.others.clear();
    }

    async fn p11_kit(&mut self) -> String {
        let socket = format!("{STAGE}/p11-kit-{}", self.others.len());
        let mut command = Command::new("p11-kit");
        command.args(["server", "-f", "-n", &socket, "--provider", SOFTHSM, "pkcs11:"]).envs(self.environment());
        self.others.push(Program::spawn("p11-kit", Tool::Setpriv, command.stdout(Stdio::null())));
        eventually("p11-kit's socket", async || Path::new(&socket).exists().then_some(())).await;
        format!("unix:path={socket}")
    }

    async fn ssh_agent(&mut self) -> String {
        let socket = format!("{STAGE}/ssh-agent-{}", self.others.len());
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a", &socket, "-P", "*"]).envs(self.environment());
        self.others.push(Program::spawn("ssh-agent", Tool::Setpriv, command.stdout(Stdio::null())));
        eventually("ssh-agent's socket", async || Path::new(&socket).exists().then_some(())).await;
        let ask = format!("{STAGE}/askpass");
        std::fs::write(&ask, format!("#!/bin/sh\necho '{}'\n", self.fixture.key().pin())).unwrap();
        std::fs::set_permissions(&ask, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut add = Command::new("ssh-add");
        add.args(["-s", SOFTHSM]).env("SSH_AUTH_SOCK", &socket).env("SSH_ASKPASS", ask);
        let added = add.env("SSH_ASKPASS_REQUIRE", "force").stdin(Stdio::null()).output().unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        socket
    }
}

fn slow(lab: &Lab, _keys: &[ukey_softhsm_tests::Key]) {
    lab.fault(When::calling(Call::Sign), Fault::Delay(100));
}

impl Worker {
    /// Has it do something, and waits.
    pub(crate) fn ask(&mut self, order: &Order) -> Vec<u64> {
        writeln!(self.orders, "{}", order.line()).unwrap();
        self.answer()
    }

    fn answer(&mut self) -> Vec<u64> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "a worker failed: {}", self.program.log());
        line.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }
}
