//! A SoftHSM2 token of its own for each test, and a daemon's end of a shim.
//!
//! PINs and keys here are made for the test and die with its folder.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

use std::fs;
use std::io::{IoSlice, PipeReader, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sockopt,
};
use serde_bytes::ByteBuf;
use tempfile::TempDir;
use ukey_shim_protocol::{
    Call, Decoder, Failure, FailureKind, FromShim, KeyRef, Reply, Request, TokenInfo, TokenRef, VERSION, encode,
};

pub(crate) const USER_PIN: &[u8] = "12% né".as_bytes();
pub(crate) const SO_PIN: &str = "87654321";
pub(crate) const LABEL: &str = "测试 Key";
/// What any answer may take; long, since it only ends tests that fail.
const PATIENCE: Duration = Duration::from_secs(20);

/// First of the paths where distributions put a module.
fn module(candidates: &[&str]) -> PathBuf {
    let found = candidates.iter().map(Path::new).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("none of {candidates:?} is installed")).to_owned()
}

pub(crate) fn softhsm() -> PathBuf {
    module(&["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"])
}

/// OpenSC's module that logs each call and passes it on.
pub(crate) fn spy() -> PathBuf {
    module(&[
        "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so",
        "/usr/lib64/pkcs11-spy.so",
    ])
}

/// Runs a program that must succeed, and gives its output.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A folder with one initialized token.
pub(crate) struct Token {
    folder: TempDir,
}

impl Token {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let token = Self { folder };
        fs::create_dir(token.path("tokens")).unwrap();
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nslots.removable = true\nlog.level = ERROR\n",
            token.path("tokens").display()
        );
        fs::write(token.configuration(), configuration).unwrap();
        let pin = str::from_utf8(USER_PIN).unwrap();
        run(token.tool("softhsm2-util").args([
            "--init-token",
            "--free",
            "--label",
            LABEL,
            "--so-pin",
            SO_PIN,
            "--pin",
            pin,
        ]));
        token
    }

    /// Adds a private key and a self-signed certificate for it, both named `id`.
    pub(crate) fn add_key(&self, id: u8, algorithm: &[&str]) -> KeyRef {
        let [key, certificate] = [self.path(&format!("{id}.pem")), self.path(&format!("{id}.der"))];
        let name = format!("{id:02x}");
        let pin = str::from_utf8(USER_PIN).unwrap();
        run(Command::new("openssl").arg("genpkey").args(algorithm).arg("-out").arg(&key));
        run(Command::new("openssl")
            .args(["req", "-x509", "-new", "-subj", "/CN=test", "-outform", "DER", "-key"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        run(self
            .tool("softhsm2-util")
            .args(["--token", LABEL, "--pin", pin, "--label", "k", "--id", &name, "--import"])
            .arg(&key));
        run(self
            .tool("pkcs11-tool")
            .arg("--module")
            .arg(softhsm())
            .args(["--token-label", LABEL, "--login", "--pin", pin, "--type", "cert", "--label", "证书", "--id", &name])
            .arg("--write-object")
            .arg(&certificate));
        KeyRef(ByteBuf::from([id]))
    }

    pub(crate) fn certificate(&self, id: u8) -> Vec<u8> {
        fs::read(self.path(&format!("{id}.der"))).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.path("softhsm2.conf")
    }

    fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.configuration());
        command
    }

    /// The command that starts a shim for this token, with every call of the module logged.
    pub(crate) fn shim_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("SOFTHSM2_CONF", self.configuration())
            .env("PKCS11SPY", softhsm())
            .env("PKCS11SPY_OUTPUT", self.path("calls"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// How often a function of the module was called so far.
    pub(crate) fn calls(&self, function: &str) -> usize {
        let log = fs::read(self.path("calls")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        log.lines().filter(|line| line.split_once(": ").is_some_and(|(_, name)| name.trim() == function)).count()
    }
}

/// A running shim and the daemon's end of its socket.
pub(crate) struct Shim {
    child: Option<Child>,
    socket: UnixStream,
    decoder: Decoder,
    last_id: u64,
}

impl Shim {
    /// Starts a shim on the logging module.
    pub(crate) fn start(token: &Token) -> Self {
        Self::start_with(token, &spy(), std::process::id())
    }

    pub(crate) fn start_with(token: &Token, library: &Path, parent: u32) -> Self {
        let mut command = token.shim_command(env!("CARGO_BIN_EXE_ukey-pkcs11-shim"));
        command.arg("--library").arg(library).arg("--parent").arg(parent.to_string());
        Self::spawn(command)
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let (socket, theirs) = UnixStream::pair().unwrap();
        let child = command.stdin(OwnedFd::from(theirs)).spawn().unwrap();
        Self { child: Some(child), ..Self::attached(socket) }
    }

    /// Speaks to a shim that somebody else has started.
    pub(crate) fn attached(socket: UnixStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { child: None, socket, decoder: Decoder::default(), last_id: 0 }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub(crate) fn hello(&mut self, sessions: u8) -> Reply {
        self.call(Request::Hello { version: VERSION, sessions }).unwrap()
    }

    /// Says hello and gives the one initialized token.
    pub(crate) fn token(&mut self, sessions: u8) -> TokenRef {
        self.hello(sessions);
        self.tokens().into_iter().find(|token| token.flags.initialized).unwrap().token
    }

    pub(crate) fn tokens(&mut self) -> Vec<TokenInfo> {
        match self.call(Request::Slots) {
            Ok(Reply::Slots(tokens)) => tokens,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn login(&mut self, token: TokenRef, pin: &[u8]) -> Result<Reply, Failure> {
        self.login_from(token, &pin_socket(&[pin]))
    }

    pub(crate) fn login_from(&mut self, token: TokenRef, pin_socket: &OwnedFd) -> Result<Reply, Failure> {
        let request = Request::Login { token, sender_uid: rustix::process::getuid().as_raw() };
        self.call_with(request, &[pin_socket.as_fd()])
    }

    pub(crate) fn call(&mut self, request: Request) -> Result<Reply, Failure> {
        self.call_with(request, &[])
    }

    pub(crate) fn call_with(&mut self, request: Request, descriptors: &[BorrowedFd<'_>]) -> Result<Reply, Failure> {
        let id = self.send(request, descriptors);
        let (answered, result) = self.receive().expect("the shim ended without an answer");
        assert_eq!(answered, id);
        result
    }

    /// Logs in with the right PIN and a deadline that has passed when it arrives.
    pub(crate) fn late_login(&mut self, token: TokenRef, sender_uid: u32) -> Result<Reply, Failure> {
        self.last_id += 1;
        let request = Request::Login { token, sender_uid };
        let call = Call { id: self.last_id, deadline_ms: 0, request };
        self.send_bytes(&encode(&call).unwrap(), &[pin_socket(&[USER_PIN]).as_fd()]);
        self.receive().unwrap().1
    }

    /// Sends a request with descriptors on its first byte, and gives its id.
    pub(crate) fn send(&mut self, request: Request, descriptors: &[BorrowedFd<'_>]) -> u64 {
        self.last_id += 1;
        let call = Call { id: self.last_id, deadline_ms: 20_000, request };
        self.send_bytes(&encode(&call).unwrap(), descriptors);
        self.last_id
    }

    pub(crate) fn send_bytes(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
        let sent = send_record(self.socket.as_fd(), bytes, descriptors);
        assert_eq!(sent, bytes.len());
    }

    /// Waits for an answer; `None` when the shim has closed its end.
    pub(crate) fn receive(&mut self) -> Option<(u64, Result<Reply, Failure>)> {
        loop {
            match self.decoder.next_message().unwrap() {
                Some(FromShim::Reply { id, result }) => return Some((id, result)),
                Some(FromShim::SlotsChanged) => continue,
                None => {}
            }
            let mut bytes = [0; 4096];
            match self.socket.read(&mut bytes) {
                Ok(0) => return None,
                Ok(length) => self.decoder.push(&bytes[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no answer: {error}"),
            }
        }
    }

    /// Closes the daemon's end and waits for the end of the process.
    pub(crate) fn close(self) -> ExitStatus {
        let Self { child, socket, .. } = self;
        drop(socket);
        child.unwrap().wait().unwrap()
    }

    /// Waits for the shim to end by itself.
    pub(crate) fn wait(mut self) -> ExitStatus {
        assert!(self.receive().is_none(), "the shim answered");
        self.child.unwrap().wait().unwrap()
    }
}

/// What the daemon would pass on after an agent has written these records.
pub(crate) fn pin_socket(records: &[&[u8]]) -> OwnedFd {
    let (agent, shim) = pin_socket_pair();
    for record in records {
        send_record(agent.as_fd(), record, &[]);
    }
    shim
}

/// The agent's end and the shim's end.
pub(crate) fn pin_socket_pair() -> (OwnedFd, OwnedFd) {
    let flags = SocketFlags::CLOEXEC;
    let (agent, shim) = rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
    sockopt::set_socket_passcred(&shim, true).unwrap();
    (agent, shim)
}

pub(crate) fn send_record(socket: BorrowedFd<'_>, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> usize {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        assert!(control.push(SendAncillaryMessage::ScmRights(descriptors)));
    }
    rustix::net::sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL).unwrap()
}

/// Whether every writer of a pipe is gone within the time that anything may take.
pub(crate) fn all_writers_gone(reader: &PipeReader) -> bool {
    let mut waiting = [PollFd::new(reader, PollFlags::IN)];
    rustix::event::poll(&mut waiting, Some(&PATIENCE.try_into().unwrap())).unwrap();
    waiting[0].revents().contains(PollFlags::HUP)
}

pub(crate) fn kind(result: Result<Reply, Failure>) -> FailureKind {
    result.expect_err("this must fail").kind
}
