//! What is told outside the database: each record with its place in the chain, and the end of the chain from time to time.
//! With these in the system's journal a database that was written anew, hashes and all, is found out. The fields are
//! part of the contract: `ukeyctl audit verify --journal` reads them.

use super::append::Append;
use super::chain::Place;

/// Rows between two publications of the chain's end.
const HEAD_EVERY: u64 = 100;

/// The chain's end, by number and hash.
pub(super) fn head(chain: &str, head: Place) {
    let hash = head.hash.hex();
    tracing::info!(target: "ukeyd::audit", audit_chain = chain, audit_seq = head.seq, audit_hash = hash, "audit head");
}

/// The same when a hundred was passed.
pub(super) fn head_if_due(chain: &str, before: u64, now: Place) {
    if now.seq / HEAD_EVERY != before / HEAD_EVERY {
        head(chain, now);
    }
}

/// A chain that takes the place of one that was moved aside; the name of that one is empty where it could not be read.
pub(super) fn recovered(chain: &str, before: &str, aside: &str) {
    tracing::warn!(
        target: "ukeyd::audit",
        audit_chain = chain,
        audit_chain_before = before,
        audit_moved_to = aside,
        "audit chain begun anew"
    );
}

/// Records that are on disk, each at its place.
pub(super) fn records(chain: &str, appends: &[Append], places: &[Option<Place>]) {
    for (append, place) in appends.iter().zip(places) {
        let Some(place) = place else { continue };
        let (seq, hash) = (place.seq, place.hash.hex());
        match append {
            Append::Intent { operation, intent, digest } => tracing::info!(
                target: "ukeyd::audit::record",
                audit_chain = chain,
                audit_seq = seq,
                audit_hash = hash,
                audit_operation = operation,
                audit_kind = intent.operation.as_str(),
                audit_uid = intent.uid,
                audit_pid = intent.pid,
                audit_caller = intent.caller,
                audit_program = intent.program,
                audit_key = intent.token,
                audit_certificate = intent.certificate,
                audit_algorithm = intent.algorithm,
                audit_digest = base16ct::lower::encode_string(digest),
                audit_reason = intent.reason,
                "asked for"
            ),
            Append::Result { operation, result, tries, .. } => tracing::info!(
                target: "ukeyd::audit::record",
                audit_chain = chain,
                audit_seq = seq,
                audit_hash = hash,
                audit_operation = operation,
                audit_result = result,
                audit_tries = tries,
                "ended"
            ),
            Append::Note { operation, kind, text, .. } => tracing::warn!(
                target: "ukeyd::audit::record",
                audit_chain = chain,
                audit_seq = seq,
                audit_hash = hash,
                audit_operation = operation,
                audit_kind = kind,
                audit_text = text,
                "note"
            ),
        }
    }
}
