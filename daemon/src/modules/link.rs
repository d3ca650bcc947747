//! The connection to one shim: requests out, replies matched by id, a deadline on each. A missed deadline, a closed
//! socket or a malformed frame ends the link; every waiting request then fails with the reason.

use crate::quiet::{QuietSocket, Taken};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, send, sendmsg};
use std::collections::HashMap;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use ukey_shim_protocol::{Call, Decoder, Failure, FromShim, Reply, Request, encode};

const READ_SIZE: usize = 16 << 10;
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// Why a request has no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    /// The shim answered: no.
    #[error("{0}")]
    Refused(Failure),
    /// This or another request was not answered in time.
    #[error("the module did not answer in time")]
    TimedOut,
    /// There is no process: its library may not be loaded, or it could not be started.
    #[error("{0}")]
    NotStarted(String),
    /// The shim is gone or talks nonsense.
    #[error("{0}")]
    Broken(String),
}

/// What the supervisor hears of a link.
#[derive(Debug)]
pub(super) enum LinkEvent {
    /// Tokens came or went.
    SlotsChanged,
    /// The link has ended; nothing follows.
    Ended(LinkError),
}

enum Outgoing {
    Frame { bytes: Vec<u8>, descriptors: Vec<OwnedFd> },
    Close,
}

struct Waiting {
    deadline: Instant,
    reply: oneshot::Sender<Result<Reply, LinkError>>,
}

/// Requests without a reply yet, or why there can be none any more.
enum Pending {
    Open {
        waiting: HashMap<u64, Waiting>,
        /// When the reader looks at deadlines next; later ones need not wake it.
        look: Option<Instant>,
    },
    Ended(LinkError),
}

/// The daemon's end. Clones share one connection.
#[derive(Clone)]
pub(crate) struct Link {
    stream: Arc<QuietSocket>,
    outbox: mpsc::UnboundedSender<Outgoing>,
    /// Frames that the writer has not sent; what comes meanwhile goes behind them.
    backlog: Arc<AtomicUsize>,
    pending: Arc<Mutex<Pending>>,
    earliest: mpsc::UnboundedSender<Instant>,
    next: Arc<AtomicU64>,
}

impl Link {
    /// Starts talking on a non-blocking socket; events go to `events`.
    pub(super) fn start(
        socket: std::os::unix::net::UnixStream,
        events: mpsc::UnboundedSender<LinkEvent>,
    ) -> std::io::Result<Self> {
        let stream = Arc::new(QuietSocket::new(socket.into())?);
        let (outbox, frames) = mpsc::unbounded_channel();
        let (earliest, deadlines) = mpsc::unbounded_channel();
        let pending = Arc::new(Mutex::new(Pending::Open { waiting: HashMap::new(), look: None }));
        let backlog = Arc::new(AtomicUsize::new(0));
        tokio::spawn(write_frames(Arc::clone(&stream), frames, Arc::clone(&backlog)));
        tokio::spawn(read_frames(Arc::clone(&stream), Arc::clone(&pending), deadlines, events));
        Ok(Self { stream, outbox, backlog, pending, earliest, next: Arc::new(AtomicU64::new(1)) })
    }

    /// Are these two ends of one connection?
    pub(crate) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.pending, &other.pending)
    }

    /// Queues a request at once and returns its reply's future. Requests reach the shim in the order of these calls.
    /// Dropping the future does not take the request back.
    pub(crate) fn submit(
        &self,
        request: Request,
        limit: Duration,
    ) -> impl Future<Output = Result<Reply, LinkError>> + use<> {
        self.submit_all(request, limit, Vec::new())
    }

    /// As [`Self::submit`], with descriptors that travel on the frame's first byte; at most two.
    pub(crate) fn submit_all(
        &self,
        request: Request,
        limit: Duration,
        descriptors: Vec<OwnedFd>,
    ) -> impl Future<Output = Result<Reply, LinkError>> + use<> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(request, limit, descriptors, reply);
        async move { answer.await.unwrap_or_else(|_| Err(LinkError::Broken("the link was closed".to_owned()))) }
    }

    fn enqueue(
        &self,
        request: Request,
        limit: Duration,
        descriptors: Vec<OwnedFd>,
        reply: oneshot::Sender<Result<Reply, LinkError>>,
    ) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let deadline_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
        let bytes = match encode(&Call { id, deadline_ms, request }) {
            Ok(bytes) => bytes,
            Err(error) => return drop(reply.send(Err(LinkError::Broken(error.to_string())))),
        };
        let deadline = Instant::now() + limit;
        let mut pending = lock(&self.pending);
        match &mut *pending {
            Pending::Open { waiting, look } => {
                waiting.insert(id, Waiting { deadline, reply });
                if look.is_none_or(|look| deadline < look) {
                    *look = Some(deadline);
                    // The receiver lives until the link has ended, which fails this request too.
                    let _ = self.earliest.send(deadline);
                }
            }
            Pending::Ended(reason) => return drop(reply.send(Err(reason.clone()))),
        }
        // Still locked: frames leave in the order of their numbers.
        self.send(bytes, descriptors);
    }

    /// Sends at once what the socket takes; the writer sends the rest.
    fn send(&self, mut bytes: Vec<u8>, descriptors: Vec<OwnedFd>) {
        if self.backlog.load(Ordering::Acquire) == 0 && descriptors.is_empty() {
            let sent = send(&*self.stream, &bytes, FLAGS).unwrap_or_default();
            if sent == bytes.len() {
                return;
            }
            bytes.drain(..sent);
        }
        self.backlog.fetch_add(1, Ordering::AcqRel);
        // As above.
        let _ = self.outbox.send(Outgoing::Frame { bytes, descriptors });
    }

    /// Closes our half of the socket once what was submitted is sent: the shim finalizes its module and exits.
    pub(super) fn close(&self) {
        let _ = self.outbox.send(Outgoing::Close);
    }

    /// Fails what waits and all that follows: the process is dead, even if something still holds its socket open.
    pub(super) fn break_off(&self, reason: &LinkError) {
        fail_all(&self.pending, reason);
        self.close();
    }
}

fn lock(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write_frames(
    stream: Arc<QuietSocket>,
    mut frames: mpsc::UnboundedReceiver<Outgoing>,
    backlog: Arc<AtomicUsize>,
) {
    while let Some(Outgoing::Frame { bytes, descriptors }) = frames.recv().await {
        if write_frame(&stream, &bytes, descriptors).await.is_err() {
            // The reader sees the closed socket and says why.
            return;
        }
        backlog.fetch_sub(1, Ordering::AcqRel);
    }
    let _ = rustix::net::shutdown(&*stream, rustix::net::Shutdown::Write);
}

async fn write_frame(stream: &QuietSocket, mut rest: &[u8], mut descriptors: Vec<OwnedFd>) -> std::io::Result<()> {
    while !rest.is_empty() {
        let sent = stream
            .write(|socket| {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                let borrowed: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
                if !borrowed.is_empty() {
                    control.push(SendAncillaryMessage::ScmRights(&borrowed));
                }
                Ok(sendmsg(socket, &[IoSlice::new(rest)], &mut control, FLAGS)?)
            })
            .await?;
        descriptors.clear();
        rest = &rest[sent..];
    }
    Ok(())
}

async fn read_frames(
    stream: Arc<QuietSocket>,
    pending: Arc<Mutex<Pending>>,
    mut deadlines: mpsc::UnboundedReceiver<Instant>,
    events: mpsc::UnboundedSender<LinkEvent>,
) {
    let reason = read_until_end(&stream, &pending, &mut deadlines, &events).await;
    fail_all(&pending, &reason);
    // The supervisor may be gone already.
    let _ = events.send(LinkEvent::Ended(reason));
}

fn fail_all(pending: &Mutex<Pending>, reason: &LinkError) {
    let before = std::mem::replace(&mut *lock(pending), Pending::Ended(reason.clone()));
    match before {
        Pending::Open { waiting, .. } => {
            for (_, waiting) in waiting {
                // Nobody may be waiting any more.
                let _ = waiting.reply.send(Err(reason.clone()));
            }
        }
        first @ Pending::Ended(_) => *lock(pending) = first,
    }
}

async fn read_until_end(
    stream: &QuietSocket,
    pending: &Mutex<Pending>,
    deadlines: &mut mpsc::UnboundedReceiver<Instant>,
    events: &mpsc::UnboundedSender<LinkEvent>,
) -> LinkError {
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; READ_SIZE];
    let mut wake: Option<Instant> = None;
    loop {
        tokio::select! {
            read = stream.read(|socket| {
                let (length, _) = recv(socket, &mut buffer, RecvFlags::DONTWAIT)?;
                Ok((length, Taken::of(length, READ_SIZE)))
            }) => {
                match read {
                    Ok(0) => return LinkError::Broken("the module's process ended".to_owned()),
                    Ok(length) => decoder.push(&buffer[..length]),
                    Err(error) => return LinkError::Broken(error.to_string()),
                }
                if let Err(reason) = deliver(&mut decoder, pending, events) {
                    return reason;
                }
            }
            Some(deadline) = deadlines.recv() => {
                if wake.is_none_or(|wake| deadline < wake) {
                    wake = Some(deadline);
                }
            }
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {
                wake = next_look(pending);
                if wake.is_some_and(|wake| wake <= Instant::now()) {
                    return LinkError::TimedOut;
                }
            }
        }
    }
}

/// The earliest deadline now.
fn next_look(pending: &Mutex<Pending>) -> Option<Instant> {
    match &mut *lock(pending) {
        Pending::Open { waiting, look } => {
            *look = waiting.values().map(|waiting| waiting.deadline).min();
            *look
        }
        Pending::Ended(_) => None,
    }
}

fn deliver(
    decoder: &mut Decoder,
    pending: &Mutex<Pending>,
    events: &mpsc::UnboundedSender<LinkEvent>,
) -> Result<(), LinkError> {
    while let Some(message) = decoder.next_message().map_err(|error| LinkError::Broken(error.to_string()))? {
        match message {
            FromShim::SlotsChanged => drop(events.send(LinkEvent::SlotsChanged)),
            FromShim::Reply { id, result } => {
                let waiting = match &mut *lock(pending) {
                    Pending::Open { waiting, .. } => waiting.remove(&id),
                    Pending::Ended(_) => None,
                };
                let Some(waiting) = waiting else {
                    return Err(LinkError::Broken(format!("a reply to request {id}, which was never made")));
                };
                // Nobody may be waiting any more.
                let _ = waiting.reply.send(result.map_err(LinkError::Refused));
            }
        }
    }
    Ok(())
}
