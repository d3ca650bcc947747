//! The daemon's socket: frames and descriptors in, frames out.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendFlags};
use ukey_shim_protocol::{
    Call, CodecError, Decoder, Failure, FailureKind, FromShim, PinSource, Reply, Request, encode,
};

use crate::failure;

const READ_SIZE: usize = 4 << 10;
/// Most descriptors that may wait for their frames; the daemon sends at most two with a frame.
const DESCRIPTORS_MAX: usize = 8;

/// Why nothing more can be read. Each ends the process.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelError {
    /// A frame that is none.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The socket ended within a frame.
    #[error("the socket ended within a frame")]
    Truncated,
    /// More descriptors than any frame has.
    #[error("too many descriptors")]
    Descriptors,
    /// The socket broke.
    #[error("can't read the socket: {0}")]
    Io(#[from] Errno),
}

/// A call as it came.
pub(crate) struct Received {
    pub(crate) call: Call,
    /// When the daemon stops waiting; work that has not begun by then is not begun.
    pub(crate) deadline: Instant,
    /// The descriptors of a request that wants some, when exactly so many came; else none.
    pub(crate) pin_sockets: Vec<OwnedFd>,
}

/// Both ends of the daemon's socket.
pub(crate) fn open(socket: OwnedFd) -> (Inbox, Outbox) {
    let socket = Arc::new(socket);
    let outbox = Outbox { socket: Arc::new(Mutex::new(Arc::clone(&socket))) };
    let bytes = vec![0; READ_SIZE].into_boxed_slice();
    (Inbox { socket, bytes, decoder: Decoder::default(), descriptors: Vec::new() }, outbox)
}

/// The reading end.
pub(crate) struct Inbox {
    socket: Arc<OwnedFd>,
    bytes: Box<[u8]>,
    decoder: Decoder,
    descriptors: Vec<OwnedFd>,
}

impl Inbox {
    /// Waits for the next call; `None` when the daemon has closed the socket.
    pub(crate) fn next(&mut self) -> Result<Option<Received>, ChannelError> {
        loop {
            if let Some(call) = self.decoder.next_message::<Call>()? {
                let deadline = Instant::now() + Duration::from_millis(u64::from(call.deadline_ms));
                let pin_sockets = match descriptors_wanted(&call.request) {
                    0 => Vec::new(),
                    wanted => self.exactly(wanted),
                };
                return Ok(Some(Received { call, deadline, pin_sockets }));
            }
            if self.decoder.is_empty() {
                // Whole frames have been read and none of them wanted these: close them.
                self.descriptors.clear();
            }
            if !self.read()? {
                return if self.decoder.is_empty() { Ok(None) } else { Err(ChannelError::Truncated) };
            }
        }
    }

    /// The descriptors that came with a frame. The kernel ends a read after the bytes that descriptors came with, so all
    /// that are here belong to it; when they are too many or too few it isn't clear which is which, and all are closed.
    fn exactly(&mut self, wanted: usize) -> Vec<OwnedFd> {
        let all = std::mem::take(&mut self.descriptors);
        if all.len() == wanted { all } else { Vec::new() }
    }

    /// Reads what is there, or waits for it; false at the end.
    fn read(&mut self) -> Result<bool, ChannelError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            // Who waits in a read is woken for room to write too, which there is each time the daemon reads an answer.
            match rustix::event::poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], None) {
                Err(Errno::INTR) => continue,
                result => result?,
            };
            let parts = &mut [IoSliceMut::new(&mut self.bytes)];
            match rustix::net::recvmsg(&self.socket, parts, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => {}
                // The daemon left without reading its answers.
                Err(Errno::CONNRESET) => return Ok(false),
                result => break result?,
            }
        };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptors.extend(descriptors);
            }
        }
        if received.flags.contains(ReturnFlags::CTRUNC) || self.descriptors.len() > DESCRIPTORS_MAX {
            return Err(ChannelError::Descriptors);
        }
        self.decoder.push(&self.bytes[..received.bytes]);
        Ok(received.bytes > 0)
    }
}

/// How many PINs a request brings by socket.
fn descriptors_wanted(request: &Request) -> usize {
    match request {
        Request::Login { pin: PinSource::Socket { .. }, .. }
        | Request::SignAuthenticated { pin: PinSource::Socket { .. }, .. } => 1,
        Request::ChangePin { pin: PinSource::Socket { .. }, .. }
        | Request::UnblockPin { pin: PinSource::Socket { .. }, .. } => 2,
        _ => 0,
    }
}

/// The writing end, shared by every thread that answers.
#[derive(Clone)]
pub(crate) struct Outbox {
    socket: Arc<Mutex<Arc<OwnedFd>>>,
}

impl Outbox {
    /// Answers a call. A daemon that has gone is noticed by the reading end.
    pub(crate) fn reply(&self, id: u64, result: Result<Reply, Failure>) {
        let frame = encode(&FromShim::Reply { id, result }).or_else(|_| {
            let failure = failure::without_module(FailureKind::Module);
            encode(&FromShim::Reply { id, result: Err(failure) })
        });
        if let Ok(frame) = frame {
            self.write(&frame);
        }
    }

    /// Says that tokens came or went.
    pub(crate) fn slots_changed(&self) {
        if let Ok(frame) = encode(&FromShim::SlotsChanged) {
            self.write(&frame);
        }
    }

    fn write(&self, frame: &[u8]) {
        // A poisoned lock can't happen: a panic aborts.
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = frame;
        while !rest.is_empty() {
            match rustix::net::send(&**socket, rest, SendFlags::NOSIGNAL) {
                Ok(sent) => rest = &rest[sent..],
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }
}
