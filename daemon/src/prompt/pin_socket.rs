//! The socket that carries a PIN from the agent to the shim, past the daemon.

use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::os::fd::OwnedFd;
use ukey_dbus::{Error, ErrorKind};

/// Two ends of a `SOCK_SEQPACKET` pair. Records keep their bounds, and the kernel attests who wrote them.
pub(super) struct PinSocket {
    /// For the shim. The daemon never reads it.
    pub receiver: OwnedFd,
    /// For the agent.
    pub sender: OwnedFd,
}

impl PinSocket {
    pub(super) fn new() -> Result<Self, Error> {
        let make = || {
            let (receiver, sender) =
                socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
            // Before anything is written: the credentials are attached at that moment.
            set_socket_passcred(&receiver, true)?;
            Ok(Self { receiver, sender })
        };
        make().map_err(|error: rustix::io::Errno| Error::new(ErrorKind::Internal, format!("PIN socket: {error}")))
    }
}
