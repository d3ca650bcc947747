//! Programs of people, as processes and executables of their own: an agent can tell which they are, which it can't of a
//! connection that the test makes itself under a borrowed user id.

use crate::bus::{SOCKET, connection_over};
use crate::person::Person;
use crate::process::Program;
use crate::stage::{STAGE, bind, program};
use crate::tool::Tool;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::fs;
use std::io::{IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use zbus::Connection;

/// A running program, through which its person calls.
#[derive(Debug)]
pub struct CallingProgram {
    person: Person,
    channel: UnixStream,
    program: Program,
}

impl CallingProgram {
    /// Makes an executable of this name, where everybody may start it; one that is there is replaced, by another file.
    pub fn install(name: &str) -> PathBuf {
        let folder = Path::new(STAGE).join("programs");
        fs::create_dir_all(&folder).unwrap();
        let (path, draft) = (folder.join(name), folder.join(format!("{name}.new")));
        fs::copy(program("bus-caller"), &draft).unwrap();
        fs::rename(draft, &path).unwrap();
        path
    }

    /// Starts one that is installed.
    pub fn start(person: Person, executable: &Path) -> Self {
        let (channel, end) = UnixStream::pair().unwrap();
        let mut command = Program::command_as(person, executable);
        command.arg(SOCKET).stdin(OwnedFd::from(end));
        let program = Program::spawn("bus-caller", Tool::Setpriv, &mut command);
        Self { person, channel, program }
    }

    /// Installs and starts one of this name.
    pub fn named(person: Person, name: &str) -> Self {
        Self::start(person, &Self::install(name))
    }

    /// Starts one of this name as those of the computer's administrator are: `/opt/<name>/bin/<name>`.
    pub fn named_in_opt(person: Person, name: &str) -> Self {
        let opt = Path::new(STAGE).join("opt");
        if !opt.exists() {
            fs::create_dir(&opt).unwrap();
            bind(&opt, "/opt");
        }
        let folder = Path::new("/opt").join(name).join("bin");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(program("bus-caller"), folder.join(name)).unwrap();
        Self::start(person, &folder.join(name))
    }

    /// A connection of it.
    pub async fn connect(&self) -> Connection {
        connection_over(self.socket(), self.person).build().await.unwrap()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }

    fn socket(&self) -> UnixStream {
        (&self.channel).write_all(&[0]).unwrap();
        let (mut byte, mut space) = ([0], [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))]);
        let mut control = RecvAncillaryBuffer::new(&mut space);
        recvmsg(&self.channel, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC).unwrap();
        let descriptor = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        UnixStream::from(descriptor.unwrap_or_else(|| panic!("no connection: {}", self.program.log())))
    }
}
