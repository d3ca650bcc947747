//! The floor: as many processes as between a caller and a Key's module behind ukeyd, which only pass bytes on.

use super::module::Program;
use super::{Arguments, Signs};
use crate::contender::Contender;
use clap::Args;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::sync::mpsc;

/// Bus and daemon.
const HOPS: u32 = 2;

/// What a hop needs to know: how many come after it, and what the last one does.
#[derive(Clone, Debug, Args)]
pub(crate) struct HopArguments {
    left: u32,
    /// The last one reads on while the module signs
    #[arg(long)]
    reads_on: bool,
    #[command(flatten)]
    last: Arguments,
}

/// The caller's end.
pub(super) struct Relay {
    socket: UnixStream,
    signature: Vec<u8>,
    child: Child,
}

impl Relay {
    pub(super) fn start(arguments: &Arguments) -> Self {
        let (socket, child) = next(HOPS, false, arguments);
        Self { socket, signature: vec![0; arguments.kind.signature_length()], child }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let _ = self.child.wait();
    }
}

pub(super) fn next(left: u32, reads_on: bool, arguments: &Arguments) -> (UnixStream, Child) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut command = Command::new("/proc/self/exe");
    command.args(["hop", &left.to_string(), &Contender::Relay.name(), &arguments.kind.name()]);
    if reads_on {
        command.arg("--reads-on");
    }
    command.arg("--module").arg(arguments.module.as_ref().unwrap());
    command.args(["--label", &arguments.label, "--pin", &arguments.pin]).stdin(OwnedFd::from(theirs));
    (ours, command.spawn().unwrap())
}

/// One of the processes; its standard input is the socket to the one before.
pub(crate) fn hop(arguments: &HopArguments) {
    std::fs::write("/proc/self/comm", if arguments.left == 0 { "module" } else { "hop" }).unwrap();
    let mut before = UnixStream::from(std::io::stdin().as_fd_owned());
    if arguments.left == 0 {
        let caller = Program::start(&arguments.last).caller();
        let digests: Box<dyn Iterator<Item = [u8; 32]>> = if arguments.reads_on {
            let (hand_over, digests) = mpsc::channel();
            let reader = before.try_clone().unwrap();
            std::thread::spawn(move || read_digests(reader).try_for_each(|digest| hand_over.send(digest)));
            Box::new(digests.into_iter())
        } else {
            Box::new(read_digests(before.try_clone().unwrap()))
        };
        for digest in digests {
            before.write_all(&caller.signature(&digest)).unwrap();
        }
        // Without the exit handlers of the module.
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
    }
    let (mut after, mut child) = next(arguments.left - 1, false, &arguments.last);
    let mut signature = vec![0; arguments.last.kind.signature_length()];
    for digest in read_digests(before.try_clone().unwrap()) {
        after.write_all(&digest).unwrap();
        after.read_exact(&mut signature).unwrap();
        before.write_all(&signature).unwrap();
    }
    drop(after);
    let _ = child.wait();
}

fn read_digests(mut from: UnixStream) -> impl Iterator<Item = [u8; 32]> {
    std::iter::from_fn(move || {
        let mut digest = [0; 32];
        from.read_exact(&mut digest).ok().map(|()| digest)
    })
}

trait AsOwned {
    fn as_fd_owned(&self) -> OwnedFd;
}

impl AsOwned for std::io::Stdin {
    fn as_fd_owned(&self) -> OwnedFd {
        std::os::fd::AsFd::as_fd(self).try_clone_to_owned().unwrap()
    }
}

impl Signs for Relay {
    fn sign(&mut self, digest: &[u8; 32]) {
        self.socket.write_all(digest).unwrap();
        self.socket.read_exact(&mut self.signature).unwrap();
    }
}
