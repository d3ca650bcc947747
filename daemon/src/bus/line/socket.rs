//! The socket that a caller passes, looked at before anything is read from it.

use crate::bus::options::invalid;
use rustix::net::{AddressFamily, RecvFlags, SocketType, sockopt};
use std::os::fd::OwnedFd;
use ukey_dbus::{Error, ErrorKind};

/// Makes sure that it is one end of a connection between unix stream sockets, and that this user made the other one.
pub(super) fn check(socket: &OwnedFd, uid: u32) -> Result<(), Error> {
    let no_socket = |_| invalid("not a unix stream socket");
    let domain = sockopt::socket_domain(socket).map_err(no_socket)?;
    let kind = sockopt::socket_type(socket).map_err(no_socket)?;
    if domain != AddressFamily::UNIX || kind != SocketType::STREAM {
        return Err(invalid("not a unix stream socket"));
    }
    if sockopt::socket_acceptconn(socket).map_err(no_socket)? {
        return Err(invalid("the socket listens; pass one end of a socketpair"));
    }
    // Of one that is not connected the kernel tells no peer, and the credentials below would be nobody's.
    if rustix::net::getpeername(socket).is_err() {
        return Err(invalid("the socket is not connected"));
    }
    let mut nothing = [0; 1];
    let look = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    if matches!(rustix::net::recv(socket, &mut nothing, look), Ok((0, _))) {
        return Err(invalid("the socket's other end is closed"));
    }
    let peer = sockopt::socket_peercred(socket).map_err(no_socket)?;
    if peer.uid.as_raw() == uid {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::NotAuthorized, "the socket's other end is another user's"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::SocketFlags;
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

    fn kind(socket: impl Into<OwnedFd>) -> ErrorKind {
        check(&socket.into(), rustix::process::getuid().as_raw()).unwrap_err().kind()
    }

    #[test]
    fn one_end_of_a_pair_is_right_and_its_user_counts() {
        let (one, _other) = UnixStream::pair().unwrap();
        let (one, uid) = (OwnedFd::from(one), rustix::process::getuid().as_raw());
        assert!(check(&one, uid).is_ok());
        assert_eq!(check(&one, uid + 1).unwrap_err().kind(), ErrorKind::NotAuthorized);
    }

    #[test]
    fn everything_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (lonely, other) = UnixStream::pair().unwrap();
        drop(other);
        assert_eq!(kind(lonely), ErrorKind::InvalidArgument, "nobody has the other end");
        let unconnected = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        assert_eq!(kind(unconnected), ErrorKind::InvalidArgument);
        assert_eq!(kind(UnixListener::bind(folder.path().join("s")).unwrap()), ErrorKind::InvalidArgument);
        assert_eq!(kind(UnixDatagram::pair().unwrap().0), ErrorKind::InvalidArgument);
        assert_eq!(kind(std::net::TcpListener::bind("127.0.0.1:0").unwrap()), ErrorKind::InvalidArgument);
        assert_eq!(kind(std::fs::File::open("/dev/null").unwrap()), ErrorKind::InvalidArgument);
        let packets = rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None);
        assert_eq!(kind(packets.unwrap().0), ErrorKind::InvalidArgument);
    }
}
