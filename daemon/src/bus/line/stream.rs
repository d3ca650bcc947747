//! The transport of a line. Its caller may hold the same socket and make it blocking at any time, so no call here depends
//! on that flag; and what it sends is bounded before room is made for it.

use super::limits::{Kept, Room};
use crate::quiet::{QuietSocket, Taken};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use ukey_dbus::options::DATA_MAX;
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};
use zbus::export::async_trait::async_trait;
use zbus::fdo::ConnectionCredentials;

/// Largest message: the largest document that one takes, and what is around it.
const MESSAGE_MAX: usize = DATA_MAX + (64 << 10);
/// Most descriptors of a message that the contract knows.
const DESCRIPTORS_MAX: usize = 2;
/// Longest line of the handshake.
const HANDSHAKE_LINE_MAX: usize = 1024;
/// The part of a message's header that says how long it is.
const START: usize = 16;

/// What each message takes, in the order of the messages; the place of one is taken when it is handed on.
pub(super) type Takings = Arc<Mutex<VecDeque<Kept>>>;

/// The socket, on its way to a connection.
#[derive(Debug)]
pub(super) struct Stream {
    socket: Arc<QuietSocket>,
    uid: u32,
    room: Room,
    takings: Takings,
    listening: CancellationToken,
}

impl Stream {
    /// For a socket that was checked, of this user. No message is read before somebody listens.
    pub(super) fn new(
        socket: OwnedFd,
        uid: u32,
        room: Room,
        takings: Takings,
        listening: CancellationToken,
    ) -> io::Result<Self> {
        let socket = Arc::new(QuietSocket::new(socket)?);
        Ok(Self { socket, uid, room, takings, listening })
    }
}

impl Socket for Stream {
    type ReadHalf = Reader;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reader, Writer> {
        let writer = Writer { socket: Arc::clone(&self.socket), uid: self.uid };
        let reader = Reader { stream: self, phase: Phase::Handshake(Vec::new()), begun: Kept::default() };
        Split::new(reader, writer)
    }
}

/// Where in the stream its next byte is.
#[derive(Debug)]
enum Phase {
    /// In this line.
    Handshake(Vec<u8>),
    /// In a message, of which so much of the start has come, or so much is left after it.
    Start([u8; START], usize),
    Rest(usize),
}

/// The half that a connection receives through.
#[derive(Debug)]
pub(super) struct Reader {
    stream: Stream,
    phase: Phase,
    /// What a message has taken whose start has not come as a whole.
    begun: Kept,
}

fn wrong(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl Phase {
    /// How much may be read at once, so that a read ends where a part of the stream does.
    fn most(&self) -> usize {
        match self {
            // A message may follow its last line at once.
            Self::Handshake(_) => 1,
            Self::Start(_, come) => START - come,
            Self::Rest(left) => *left,
        }
    }

    /// Follows what was read; the length of a message whose start is there now.
    fn read(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        match self {
            Self::Handshake(line) => {
                line.extend_from_slice(bytes);
                if line.len() > HANDSHAKE_LINE_MAX {
                    return Err(wrong("a line of the handshake is too long"));
                }
                if line.ends_with(b"\n") {
                    // The first line has a zero byte in front.
                    let last = line.strip_prefix(b"\0").unwrap_or(line).trim_ascii_end() == b"BEGIN";
                    *self = if last { Self::Start([0; START], 0) } else { Self::Handshake(Vec::new()) };
                }
            }
            Self::Start(start, come) => {
                start[*come..*come + bytes.len()].copy_from_slice(bytes);
                *come += bytes.len();
                if *come == START {
                    let length = length_of(start).filter(|length| *length <= MESSAGE_MAX);
                    let length = length.ok_or_else(|| wrong("a message is too long"))?;
                    *self = Self::Rest(length - START).or_next();
                    return Ok(Some(length));
                }
            }
            Self::Rest(left) => {
                let left = *left - bytes.len();
                *self = Self::Rest(left).or_next();
            }
        }
        Ok(None)
    }

    fn or_next(self) -> Self {
        if matches!(self, Self::Rest(0)) { Self::Start([0; START], 0) } else { self }
    }
}

/// Length of the message that starts like this (D-Bus specification, "Message Format").
fn length_of(start: &[u8; START]) -> Option<usize> {
    let number = |at: usize| {
        let bytes: [u8; 4] = start[at..at + 4].try_into().ok()?;
        let number = if start[0] == b'B' { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        usize::try_from(number).ok()
    };
    let (body, fields) = (number(4)?, number(12)?);
    START.checked_add(fields)?.checked_next_multiple_of(8)?.checked_add(body)
}

#[async_trait]
impl ReadHalf for Reader {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        if !matches!(self.phase, Phase::Handshake(_)) {
            self.stream.listening.cancelled().await;
        }
        let most = self.phase.most().min(buffer.len());
        let (socket, buffer) = (&self.stream.socket, &mut buffer[..most]);
        let (length, descriptors) = socket.read(|socket| receive(socket, buffer)).await?;
        let started = self.phase.read(&buffer[..length])?;
        if started.is_none() && descriptors.is_empty() {
            return Ok((length, descriptors));
        }
        if matches!(self.phase, Phase::Handshake(_)) {
            return Err(wrong("descriptors before any message"));
        }
        let mut kept = std::mem::take(&mut self.begun);
        kept.add_bytes(started.unwrap_or_default(), &self.stream.room).await?;
        kept.add_descriptors(descriptors.len(), &self.stream.room).await?;
        let mut takings = self.stream.takings.lock().unwrap_or_else(PoisonError::into_inner);
        match (started, &self.phase) {
            (Some(_), _) => takings.push_back(kept),
            (None, Phase::Start(_, 1..)) => self.begun = kept,
            // One that is not whole has not been handed on.
            (None, _) => drop(takings.back_mut().map(|last| last.join(kept))),
        }
        drop(takings);
        Ok((length, descriptors))
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> io::Result<ConnectionCredentials> {
        Ok(ConnectionCredentials::default().set_unix_user_id(self.stream.uid))
    }
}

fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<((usize, Vec<OwnedFd>), Taken)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(buffer)], &mut control, flags)?;
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(all) = message {
            descriptors.extend(all);
        }
    }
    if received.flags.contains(ReturnFlags::CTRUNC) {
        return Err(wrong("more descriptors than a message has"));
    }
    // A read ends where a part of the stream does, or before descriptors.
    Ok(((received.bytes, descriptors), Taken::Some))
}

/// The half that a connection sends through.
#[derive(Debug)]
pub(super) struct Writer {
    socket: Arc<QuietSocket>,
    uid: u32,
}

#[async_trait]
impl WriteHalf for Writer {
    async fn sendmsg(&mut self, buffer: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.socket
            .write(|socket| {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
                    return Err(wrong("too many descriptors"));
                }
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                Ok(rustix::net::sendmsg(socket, &[IoSlice::new(buffer)], &mut control, flags)?)
            })
            .await
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&*self.socket, rustix::net::Shutdown::Both)?)
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> io::Result<ConnectionCredentials> {
        Ok(ConnectionCredentials::default().set_unix_user_id(self.uid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader would be given, cut as it asks.
    fn follow(mut bytes: &[u8]) -> io::Result<Vec<usize>> {
        let (mut phase, mut lengths) = (Phase::Handshake(Vec::new()), Vec::new());
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(phase.most().min(bytes.len()).min(5));
            lengths.extend(phase.read(now)?);
            bytes = later;
        }
        Ok(lengths)
    }

    fn start(order: u8, fields: u32, body: u32) -> Vec<u8> {
        let bytes = |number: u32| if order == b'B' { number.to_be_bytes() } else { number.to_le_bytes() };
        [&[order, 1, 0, 1], &bytes(body)[..], &bytes(1), &bytes(fields)].concat()
    }

    fn message(order: u8, fields: u32, body: u32) -> Vec<u8> {
        let mut message = start(order, fields, body);
        message.resize(message.len() + (fields as usize).next_multiple_of(8) + body as usize, 0);
        message
    }

    #[test]
    fn messages_begin_where_the_handshake_ends() {
        let handshake = b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
        let messages = [message(b'l', 13, 7), message(b'B', 8, 0), message(b'l', 0, 100)].concat();
        assert_eq!(follow(&[handshake, &messages[..]].concat()).unwrap(), [39, 24, 116]);
    }

    #[test]
    fn what_is_too_long_is_refused_by_its_start() {
        for start in [start(b'l', u32::MAX, 1), start(b'l', 8, u32::MAX), start(b'l', 8, MESSAGE_MAX as u32)] {
            assert!(follow(&[b"\0BEGIN\r\n", &start[..]].concat()).is_err());
        }
        assert!(follow(&[b'A'; HANDSHAKE_LINE_MAX + 1]).is_err());
        assert!(follow(&[b"\0BEGIN\r\n", &start(b'l', 8, DATA_MAX as u32)[..]].concat()).is_ok());
    }
}
