//! What is told outside the database: each record, and the end of the chain from time to time. With these in the system's
//! journal a database that was written anew, hashes and all, is found out.

use super::chain::Place;
use super::store::Append;

/// Rows between two publications of the chain's end.
const HEAD_EVERY: u64 = 100;

/// The chain's end, by number and hash.
pub(super) fn head(head: Place) {
    tracing::info!(target: "ukeyd::audit", audit_seq = head.seq, audit_hash = head.hash.hex(), "audit head");
}

/// The same when a hundred was passed.
pub(super) fn head_if_due(before: u64, now: Place) {
    if now.seq / HEAD_EVERY != before / HEAD_EVERY {
        head(now);
    }
}

/// Records that are on disk.
pub(super) fn records(appends: &[Append]) {
    for append in appends {
        match append {
            Append::Intent { operation, intent } => tracing::info!(
                target: "ukeyd::audit::record",
                operation,
                kind = intent.operation.as_str(),
                uid = intent.uid,
                program = intent.program,
                key = intent.token,
                certificate = intent.certificate,
                algorithm = intent.algorithm,
                digest = crate::hex::hex(&intent.digest),
                reason = intent.reason,
                "asked for"
            ),
            Append::Result { operation, result, tries } => {
                tracing::info!(target: "ukeyd::audit::record", operation, result, tries, "ended");
            }
            Append::Note { operation, kind, text } => {
                tracing::warn!(target: "ukeyd::audit::record", operation, kind, text, "note");
            }
        }
    }
}
