//! PINs as an agent writes them and the daemon passes them on.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, UCred, sockopt,
};
use rustix::process::{Gid, Uid};
use ukey_shim_protocol::{Failure, PinSource, Reply};

/// A PIN that waits in a socket, written by a user.
pub(crate) fn from(sender_uid: u32) -> PinSource {
    PinSource::Socket { sender_uid }
}

pub(crate) fn my_uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// The answer to a login on a token without keys that want the PIN each time.
pub(crate) fn logged_in() -> Result<Reply, Failure> {
    Ok(Reply::LoggedIn { always_authenticate: Vec::new() })
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

/// A socket into which another user has written a PIN. Only root can pretend that.
pub(crate) fn strangers_pin_socket(record: &[u8]) -> Option<OwnedFd> {
    assert!(rustix::process::getuid().is_root(), "only root can pretend that: run it by sudo script/test");
    let (agent, shim) = pin_socket_pair();
    let stranger = UCred { pid: rustix::process::getpid(), uid: Uid::from_raw(65_534), gid: Gid::from_raw(65_534) };
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmCredentials(stranger)));
    rustix::net::sendmsg(&agent, &[IoSlice::new(record)], &mut control, SendFlags::NOSIGNAL).unwrap();
    Some(shim)
}
