//! A daemon's end of a shim, and what a test needs beside it.
//!
//! PINs and keys here are made for the test and die with its folder.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

mod pins;
mod token;

use std::ffi::OsStr;
use std::io::{PipeReader, Read};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use ukey_shim_protocol::{
    Call, Decoder, Failure, FailureKind, FromShim, Reply, Request, TokenInfo, TokenRef, VERSION, encode,
};

#[allow(unused_imports, reason = "each test uses its part")]
pub(crate) use pins::{from, logged_in, my_uid, pin_socket, pin_socket_pair, send_record, strangers_pin_socket};
#[allow(unused_imports, reason = "each test uses its part")]
pub(crate) use token::{LABEL, SO_PIN, Token, USER_PIN, run, softhsm, spy};

/// What any answer may take; long, since it only ends tests that fail.
const PATIENCE: Duration = Duration::from_secs(20);

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
        command.args(token.permissions()).arg("--library").arg(library).arg("--parent").arg(parent.to_string());
        Self::spawn(command)
    }

    /// Starts a shim on the logging module in front of the scripted one, which reads these variables.
    pub(crate) fn start_scripted(token: &Token, variables: &[(&str, &OsStr)]) -> Self {
        let shim = Path::new(env!("CARGO_BIN_EXE_ukey-pkcs11-shim"));
        let module = shim.with_file_name("examples").join("libscripted_module.so");
        let mut command = token.shim_command(shim);
        command
            .args(token.permissions())
            .arg("--read")
            .arg(&module)
            .env("PKCS11SPY", module)
            .env("SCRIPTED_REAL", softhsm())
            .envs(variables.iter().copied())
            .arg("--library")
            .arg(spy())
            .arg("--parent")
            .arg(std::process::id().to_string());
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
        let request = Request::Login { token, pin: from(my_uid()) };
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
    pub(crate) fn late_login(&mut self, token: TokenRef) -> Result<Reply, Failure> {
        self.last_id += 1;
        let request = Request::Login { token, pin: from(my_uid()) };
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
            if let FromShim::Reply { id, result } = self.receive_any()? {
                return Some((id, result));
            }
        }
    }

    /// Waits for an answer or an event; `None` when the shim has closed its end.
    pub(crate) fn receive_any(&mut self) -> Option<FromShim> {
        loop {
            if let Some(message) = self.decoder.next_message().unwrap() {
                return Some(message);
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

    /// Ends the daemon's side.
    pub(crate) fn end(&self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    /// Ends the daemon's side, and gives every event until the shim has ended too.
    pub(crate) fn last_events(&mut self) -> usize {
        self.end();
        std::iter::from_fn(|| self.receive_any()).filter(|message| *message == FromShim::SlotsChanged).count()
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

/// Whether it comes true within the time that anything may take.
pub(crate) fn eventually(is_true: impl Fn() -> bool) -> bool {
    let give_up = Instant::now() + PATIENCE;
    while !is_true() && Instant::now() < give_up {
        std::thread::yield_now();
    }
    is_true()
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
