//! What is told outside the database: each record with its place in the chain, and the end of the chain from time to time.
//! With these in the system's journal a database that was written anew, hashes and all, is found out. The fields are
//! part of the contract: `ukeyctl audit verify --journal` reads them.

use super::chain::{Chained, Place};
use super::row::Phase;

/// Rows between two publications of the chain's end.
const HEAD_EVERY: u64 = 100;

/// The chain's end, by number and hash.
pub(super) fn head(chain: &str, head: Place) {
    let hash = head.hash.hex();
    tracing::info!(target: "ukeyd::audit", audit_chain = chain, audit_seq = head.seq, audit_hash = hash, "audit head");
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

/// Rows that are in the database now, and the chain's end with each hundredth.
pub(super) fn rows(chain: &str, rows: &[Chained]) {
    for chained in rows {
        one(chain, chained);
        if chained.row.seq.is_multiple_of(HEAD_EVERY) {
            head(chain, chained.place());
        }
    }
}

fn one(chain: &str, chained: &Chained) {
    let Chained { row, hash } = chained;
    let hash = hash.hex();
    match row.phase {
        Phase::Intent => tracing::info!(
            target: "ukeyd::audit::record",
            audit_chain = chain,
            audit_seq = row.seq,
            audit_hash = hash,
            audit_operation = row.operation,
            audit_kind = row.kind,
            audit_uid = row.uid,
            audit_pid = row.pid,
            audit_caller = row.caller,
            audit_program = row.program,
            audit_key = row.token,
            audit_certificate = row.certificate,
            audit_algorithm = row.algorithm,
            audit_digest = crate::hex::hex(&row.digest),
            audit_reason = row.reason,
            "asked for"
        ),
        Phase::Result => tracing::info!(
            target: "ukeyd::audit::record",
            audit_chain = chain,
            audit_seq = row.seq,
            audit_hash = hash,
            audit_operation = row.operation,
            audit_result = row.result,
            audit_tries = u8::try_from(row.tries).ok(),
            "ended"
        ),
        Phase::Note => tracing::warn!(
            target: "ukeyd::audit::record",
            audit_chain = chain,
            audit_seq = row.seq,
            audit_hash = hash,
            audit_operation = row.operation,
            audit_kind = row.kind,
            audit_text = row.reason,
            "note"
        ),
    }
}
