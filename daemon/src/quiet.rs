//! A socket that wakes its reader for what comes, and for nothing else. A descriptor that is registered for both ways is woken
//! whenever the peer takes what it was sent, which is once for each message.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The socket. Calls on it must not wait by themselves: non-blocking, or with `MSG_DONTWAIT`.
#[derive(Debug)]
pub(crate) struct QuietSocket(AsyncFd<OwnedFd>);

impl QuietSocket {
    /// Registers it with the runtime.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self(register(socket, Interest::READABLE)?))
    }

    /// Reads when there is something to read. `read` gets the descriptor and says what came of it, and whether it has taken
    /// all that was there.
    pub(crate) async fn read<T>(
        &self,
        mut read: impl FnMut(BorrowedFd<'_>) -> io::Result<(T, Taken)>,
    ) -> io::Result<T> {
        loop {
            let mut ready = self.0.readable().await?;
            match ready.try_io(|socket| read(socket.as_fd())) {
                Ok(Ok((value, taken))) => {
                    if taken == Taken::All {
                        // What comes from now on is an event of its own.
                        ready.clear_ready();
                    }
                    return Ok(value);
                }
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
    }

    /// Writes now, or once there is room.
    pub(crate) async fn write<T>(&self, mut write: impl FnMut(BorrowedFd<'_>) -> io::Result<T>) -> io::Result<T> {
        match write(self.as_fd()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return done,
        }
        // Of its own, for as long as it waits.
        let waiting = register(self.as_fd().try_clone_to_owned()?, Interest::WRITABLE)?;
        waiting.async_io(Interest::WRITABLE, |socket| write(socket.as_fd())).await
    }
}

fn register(socket: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    #[allow(deprecated, reason = "its successor is unsafe; an owned descriptor stays open until it is dropped")]
    AsyncFd::with_interest(socket, interest)
}

impl AsFd for QuietSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}

/// How much of what was there a read has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A stream had less than there was room for.
    All,
    /// There may be more.
    Some,
}

impl Taken {
    /// After a read of so many bytes from a stream into room for so many. The end of the stream stays to be read.
    pub(crate) fn of(length: usize, room: usize) -> Self {
        if (1..room).contains(&length) { Self::All } else { Self::Some }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::epoll::EventFlags;
    use rustix::net::{RecvFlags, SendFlags, recv, send};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    fn pair() -> (QuietSocket, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (QuietSocket::new(ours.into()).unwrap(), theirs)
    }

    async fn read(socket: &QuietSocket) -> usize {
        let mut buffer = [0; 8];
        let room = buffer.len();
        socket
            .read(|socket| {
                let (length, _) = recv(socket, &mut buffer, RecvFlags::DONTWAIT)?;
                Ok((length, Taken::of(length, room)))
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn everything_is_read_and_the_end_too() {
        use std::io::Write;
        let (socket, mut peer) = pair();
        for _ in 0..100 {
            peer.write_all(&[7; 19]).unwrap();
            assert_eq!([read(&socket).await, read(&socket).await, read(&socket).await], [8, 8, 3]);
        }
        let later = async {
            tokio::task::yield_now().await;
            peer.write_all(&[7; 8]).unwrap();
            drop(peer);
        };
        assert_eq!(tokio::join!(read(&socket), later).0, 8);
        assert_eq!([read(&socket).await, read(&socket).await], [0, 0]);
    }

    #[tokio::test]
    async fn a_write_waits_for_room() {
        use std::io::Read;
        let (socket, mut peer) = pair();
        let all = vec![7; 4 << 20];
        let mut rest = all.as_slice();
        let reader = std::thread::spawn(move || {
            let mut got = Vec::new();
            peer.read_to_end(&mut got).unwrap();
            got
        });
        while !rest.is_empty() {
            let sent = socket.write(|socket| Ok(send(socket, rest, SendFlags::DONTWAIT)?)).await.unwrap();
            rest = &rest[sent..];
        }
        drop(socket);
        assert_eq!(reader.join().unwrap(), all);
    }

    /// What the kernel's table of awaited events says of a descriptor.
    fn awaited(socket: &QuietSocket) -> u32 {
        let target = socket.as_fd().as_raw_fd().to_string();
        let tables = std::fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
        let events = tables.filter_map(|table| std::fs::read_to_string(table.path()).ok()).find_map(|table| {
            table.lines().find_map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
                ["tfd:", descriptor, "events:", events, ..] if descriptor == target => Some(events.to_owned()),
                _ => None,
            })
        });
        u32::from_str_radix(&events.unwrap(), 16).unwrap()
    }

    #[tokio::test]
    async fn a_peer_that_takes_what_it_was_sent_wakes_nobody() {
        let (socket, _peer) = pair();
        let (input, output) = (EventFlags::IN.bits(), EventFlags::OUT.bits());
        assert_eq!(awaited(&socket) & (input | output), input);
    }
}
