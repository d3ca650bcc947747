//! The socket that a PIN goes into.

use crate::pin::Pin;
use rustix::fs::{FileType, fstat};
use rustix::net::{AddressFamily, SendFlags, SocketType, send, sockopt};
use std::os::fd::{AsFd, OwnedFd};
use ukey_dbus::{Error, ErrorKind, Result};

/// The agent's end of the pair that ukeyd made.
#[derive(Debug)]
pub(crate) struct PinSocket(OwnedFd);

impl PinSocket {
    /// Takes the descriptor that came with the call.
    ///
    /// # Errors
    /// `InvalidArgument` when it is anything else than a local `SOCK_SEQPACKET` socket, or when the user who made the
    /// pair is not the `service` user: another kind of socket could be read by somebody else, or split the record.
    pub(crate) fn check(descriptor: OwnedFd, service: u32) -> Result<Self> {
        let is_socket = fstat(&descriptor).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Socket);
        let fits = is_socket
            && sockopt::socket_type(&descriptor).is_ok_and(|kind| kind == SocketType::SEQPACKET)
            && sockopt::socket_domain(&descriptor).is_ok_and(|family| family == AddressFamily::UNIX)
            && made_by(&descriptor, service);
        if fits {
            Ok(Self(descriptor))
        } else {
            Err(Error::new(ErrorKind::InvalidArgument, "pin: not a SOCK_SEQPACKET socket of the service"))
        }
    }

    /// Writes the PIN as one record, without waiting, and closes the socket.
    ///
    /// # Errors
    /// `PinInvalid` for an empty PIN, of which nothing is written; `Internal` when the other end is gone.
    pub(crate) fn deliver(self, pin: &Pin) -> Result<()> {
        let bytes = pin.as_bytes();
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::PinInvalid, "the PIN is empty"));
        }
        match send(&self.0, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Ok(count) if count == bytes.len() => Ok(()),
            Ok(_) => Err(Error::new(ErrorKind::Internal, "the PIN was cut")),
            Err(error) => Err(Error::new(ErrorKind::Internal, format!("the PIN could not be handed over: {error}"))),
        }
    }
}

/// For a pair, the kernel's peer credentials are those of the process that made it.
fn made_by(descriptor: impl AsFd, service: u32) -> bool {
    sockopt::socket_peercred(descriptor).is_ok_and(|maker| maker.uid.as_raw() == service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{RecvFlags, SocketFlags, recv, socketpair};
    use rustix::pipe::pipe;

    fn pair(kind: SocketType) -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap()
    }

    fn me() -> u32 {
        rustix::process::getuid().as_raw()
    }

    fn pin(text: &[u8]) -> Pin {
        let mut pin = Pin::empty().unwrap();
        pin.append(text).unwrap();
        pin
    }

    #[test]
    fn the_pin_is_one_record() {
        let (near, far) = pair(SocketType::SEQPACKET);
        let text = [b'7'; 255];
        PinSocket::check(near, me()).unwrap().deliver(&pin(&text)).unwrap();
        let mut buffer = [0_u8; 300];
        let (_, count) = recv(&far, &mut buffer[..], RecvFlags::empty()).unwrap();
        assert_eq!(&buffer[..count], &text);
        // Then the end of the stream, no second record.
        assert_eq!(recv(&far, &mut buffer[..], RecvFlags::DONTWAIT).unwrap().1, 0);
    }

    #[test]
    fn nothing_is_written_for_an_empty_pin() {
        let (near, far) = pair(SocketType::SEQPACKET);
        let error = PinSocket::check(near, me()).unwrap().deliver(&pin(b"")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PinInvalid);
        assert_eq!(recv(&far, &mut [0_u8; 8][..], RecvFlags::DONTWAIT).unwrap().1, 0);
    }

    #[test]
    fn anything_but_a_local_record_socket_of_the_service_is_refused() {
        let wrong: Vec<OwnedFd> = vec![
            pair(SocketType::STREAM).0,
            pair(SocketType::DGRAM).0,
            pipe().unwrap().1,
            tempfile::tempfile().unwrap().into(),
            std::net::UdpSocket::bind("127.0.0.1:0").unwrap().into(),
        ];
        for descriptor in wrong {
            let error = PinSocket::check(descriptor, me()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        let (near, _far) = pair(SocketType::SEQPACKET);
        assert!(PinSocket::check(near, me() + 1).is_err());
    }

    #[test]
    fn a_closed_far_end_is_an_error() {
        let (near, far) = pair(SocketType::SEQPACKET);
        drop(far);
        assert_eq!(PinSocket::check(near, me()).unwrap().deliver(&pin(b"1")).unwrap_err().kind(), ErrorKind::Internal);
    }
}
