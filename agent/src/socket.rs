//! The socket to the bus, receiving descriptors close-on-exec. zbus' own receives them inheritable and keeps them
//! until the reply has left: a pinentry started meanwhile would hold the daemon's socket for the PIN.

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::Interest;
use tokio::net::UnixStream;
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};

/// Most descriptors in one message (`SCM_MAX_FD` of Linux).
const DESCRIPTORS_MAX: usize = 253;

/// Bytes received, and the descriptors that came with them.
type Received = io::Result<(usize, Vec<OwnedFd>)>;

/// What a method of zbus' socket traits returns.
type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A stream socket to a bus.
pub(crate) struct CloexecSocket(Arc<UnixStream>);

impl CloexecSocket {
    /// Takes over a connected stream; has to be called inside the tokio runtime.
    pub(crate) fn new(stream: StdStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self(Arc::new(UnixStream::from_std(stream)?)))
    }
}

impl Socket for CloexecSocket {
    type ReadHalf = Receiver;
    type WriteHalf = Sender;

    fn split(self) -> Split<Receiver, Sender> {
        Split::new(Receiver(Arc::clone(&self.0)), Sender(self.0))
    }
}

/// The receiving half.
#[derive(Debug)]
pub(crate) struct Receiver(Arc<UnixStream>);

impl ReadHalf for Receiver {
    fn recvmsg<'a, 'b, 'f>(&'a mut self, buffer: &'b mut [u8]) -> Answer<'f, Received>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.0.async_io(Interest::READABLE, || receive(&self.0, buffer)).await })
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }
}

fn receive(stream: &UnixStream, buffer: &mut [u8]) -> Received {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(stream, &mut [IoSliceMut::new(buffer)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    Ok((received.bytes, descriptors))
}

/// The sending half.
#[derive(Debug)]
pub(crate) struct Sender(Arc<UnixStream>);

impl WriteHalf for Sender {
    fn sendmsg<'a, 'b, 'c, 'd, 'f>(
        &'a mut self,
        buffer: &'b [u8],
        descriptors: &'c [BorrowedFd<'d>],
    ) -> Answer<'f, io::Result<usize>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        'd: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.0.async_io(Interest::WRITABLE, || send(&self.0, buffer, descriptors)).await })
    }

    fn close<'a, 'f>(&'a mut self) -> Answer<'f, io::Result<()>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move { Ok(rustix::net::shutdown(&*self.0, rustix::net::Shutdown::Both)?) })
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }
}

fn send(stream: &UnixStream, buffer: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many descriptors in one message"));
    }
    Ok(sendmsg(stream, &[IoSlice::new(buffer)], &mut ancillary, SendFlags::NOSIGNAL)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::{FdFlags, fcntl_getfd};
    use std::os::fd::AsFd;

    #[tokio::test]
    async fn a_received_descriptor_is_close_on_exec() {
        let (near, far) = StdStream::pair().unwrap();
        let mut sender = CloexecSocket::new(near).unwrap().split().take().1;
        let mut receiver = CloexecSocket::new(far).unwrap().split().take().0;
        let file = tempfile::tempfile().unwrap();
        let sent = WriteHalf::sendmsg(&mut sender, b"x", &[file.as_fd()]).await.unwrap();
        assert_eq!(sent, 1);
        let mut buffer = [0; 8];
        let (length, descriptors): (usize, Vec<OwnedFd>) = receiver.recvmsg(&mut buffer).await.unwrap();
        assert_eq!((length, descriptors.len()), (1, 1));
        assert!(fcntl_getfd(&descriptors[0]).unwrap().contains(FdFlags::CLOEXEC));
    }
}
