//! One `Sign` request, whose digests may be worked on side by side.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_bytes::ByteBuf;
use ukey_shim_protocol::{BATCH_MAX, Digest, Failure, FailureKind, KeyRef, Reply, SignScheme};

use crate::channel::Outbox;
use crate::failure;
use crate::signing;

/// What one digest came to.
pub(crate) type Outcome = Result<ByteBuf, Failure>;

/// A request and its results so far; the last result answers the request.
pub(crate) struct Batch {
    /// Which key.
    pub(crate) key: KeyRef,
    /// How to sign.
    pub(crate) scheme: SignScheme,
    /// What to sign, never empty.
    pub(crate) digests: Vec<Digest>,
    /// When the daemon stops waiting.
    pub(crate) deadline: Instant,
    id: u64,
    outbox: Outbox,
    outcomes: Mutex<Outcomes>,
}

struct Outcomes {
    missing: usize,
    of_digest: Vec<Outcome>,
}

impl Batch {
    /// Accepts a request, unless a digest can't be what it is said to be; then nothing of it is signed.
    pub(crate) fn new(
        (id, deadline): (u64, Instant),
        key: KeyRef,
        scheme: SignScheme,
        digests: Vec<Digest>,
        outbox: &Outbox,
    ) -> Result<Self, Failure> {
        let countable = (1..=BATCH_MAX).contains(&digests.len());
        if !countable || !digests.iter().all(|digest| signing::fits(scheme, digest)) {
            return Err(failure::without_module(FailureKind::BadRequest));
        }
        let unanswered = Err(failure::without_module(FailureKind::Module));
        let outcomes = Outcomes { missing: digests.len(), of_digest: vec![unanswered; digests.len()] };
        Ok(Self { key, scheme, digests, deadline, id, outbox: outbox.clone(), outcomes: Mutex::new(outcomes) })
    }

    /// Notes what digest number `index` came to, once for each, and answers when it was the last.
    pub(crate) fn finish(&self, index: usize, outcome: Outcome) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.of_digest[index] = outcome;
        outcomes.missing -= 1;
        if outcomes.missing == 0 {
            let all = std::mem::take(&mut outcomes.of_digest);
            drop(outcomes);
            self.outbox.reply(self.id, Ok(Reply::Signatures(all)));
        }
    }
}
