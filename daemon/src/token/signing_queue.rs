//! Signatures that wait for a Key's lanes, and those under way.

use super::signatures::SignJob;
use crate::modules::{Link, LinkError};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_bytes::ByteBuf;
use std::collections::VecDeque;
use std::time::Duration;
use ukey_dbus::{Error, ErrorKind};
use ukey_shim_protocol::{Digest, Failure, FailureKind, Reply, Request, TokenRef};

/// Requests in flight per lane: one that the Key works on, one that waits at its door.
const PER_LANE: usize = 2;

/// The queue of one Key.
pub(super) struct SigningQueue {
    waiting: VecDeque<SignJob>,
    running: FuturesUnordered<BoxFuture<'static, Option<(FailureKind, u64)>>>,
    width: usize,
    limit: Duration,
}

impl SigningQueue {
    /// For a Key with this many lanes and this limit for one signature.
    pub(super) fn new(lanes: u8, limit: Duration) -> Self {
        let (waiting, running) = (VecDeque::new(), FuturesUnordered::new());
        Self { waiting, running, width: usize::from(lanes) * PER_LANE, limit }
    }

    /// Puts a job at the end.
    pub(super) fn push(&mut self, job: SignJob) {
        self.waiting.push_back(job);
    }

    /// Starts what the lanes take, under this user's login of this number. Jobs of anyone else, and those that were agreed
    /// to under another login, fail here, not earlier: the login may have changed while they waited.
    pub(super) fn start(&mut self, link: &Link, token: TokenRef, logged_in: Option<(u32, u64)>) {
        while self.running.len() < self.width {
            let Some(job) = self.waiting.pop_front() else { return };
            if job.reply.is_closed() {
                continue;
            }
            let Some((_, login)) = logged_in.filter(|(uid, login)| *uid == job.uid && job.pass.is_for(*login)) else {
                job.fail(Error::new(ErrorKind::LoginRequired, "the login has ended"));
                continue;
            };
            let count = job.digests.len();
            let digests = job.digests.into_iter().map(|digest| Digest(digest.into())).collect();
            let request = Request::Sign { token, key: job.key, scheme: job.scheme, digests };
            let limit = self.limit.saturating_mul(u32::try_from(PER_LANE).unwrap_or(u32::MAX));
            let answer = link.submit(request, limit);
            let reply = job.reply;
            self.running.push(Box::pin(async move {
                let result = signatures(answer.await, count);
                let failure = match &result {
                    Ok(all) => {
                        // What ends the login, if anything does: others may have failed for want of time before.
                        let mut kinds =
                            all.iter().filter_map(|signed| signed.as_ref().err()).map(|failure| failure.kind);
                        kinds.find(|kind| matches!(kind, FailureKind::NotLoggedIn | FailureKind::TokenRemoved))
                    }
                    Err(LinkError::Refused(failure)) => Some(failure.kind),
                    Err(LinkError::TimedOut | LinkError::Broken(_) | LinkError::NotStarted(_)) => None,
                };
                let each = |signed: Result<Vec<u8>, Failure>| {
                    signed.map_err(|failure| sign_error(&LinkError::Refused(failure)))
                };
                // The caller may have gone.
                let _ = reply.send(match result {
                    Ok(all) => Ok(all.into_iter().map(each).collect()),
                    Err(error) => Err(sign_error(&error)),
                });
                failure.map(|failure| (failure, login))
            }));
        }
    }

    /// Fails everything that waits.
    pub(super) fn fail_waiting(&mut self, error: &Error) {
        for job in self.waiting.drain(..) {
            job.fail(error.clone());
        }
    }

    /// Waits until nothing is under way.
    pub(super) async fn finish(&mut self) {
        while self.running.next().await.is_some() {}
    }

    /// Waits for the next signature to end; for ever when none is under way. Where it failed: why, and under which login.
    pub(super) async fn next_ended(&mut self) -> Option<(FailureKind, u64)> {
        match self.running.next().await {
            Some(ended) => ended,
            None => std::future::pending().await,
        }
    }
}

/// A result for each of so many digests.
fn signatures(answer: Result<Reply, LinkError>, count: usize) -> Result<Vec<Result<Vec<u8>, Failure>>, LinkError> {
    match answer? {
        Reply::Signatures(all) if all.len() == count => {
            Ok(all.into_iter().map(|signed| signed.map(ByteBuf::into_vec)).collect())
        }
        Reply::Signatures(all) => Err(LinkError::Broken(format!("{} signatures for {count} digests", all.len()))),
        _ => Err(LinkError::Broken("a reply of another kind".to_owned())),
    }
}

/// What a caller hears of a failed signature.
fn sign_error(error: &LinkError) -> Error {
    let kind = match error {
        LinkError::TimedOut => ErrorKind::ModuleTimeout,
        LinkError::Broken(_) | LinkError::NotStarted(_) => ErrorKind::ModuleFailed,
        LinkError::Refused(Failure { kind, .. }) => match kind {
            FailureKind::TokenRemoved => ErrorKind::TokenRemoved,
            FailureKind::NotLoggedIn => ErrorKind::LoginRequired,
            FailureKind::Busy => ErrorKind::TokenBusy,
            FailureKind::KeyNotFound => ErrorKind::WrongKeyUse,
            FailureKind::Unsupported => ErrorKind::AlgorithmUnsupported,
            _ => ErrorKind::ModuleFailed,
        },
    };
    let message = match kind {
        ErrorKind::WrongKeyUse => "the Key holds no private signing key for this certificate".to_owned(),
        _ => error.to_string(),
    };
    Error::new(kind, message)
}
