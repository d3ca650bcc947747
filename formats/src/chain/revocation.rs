//! What the revocation lists of a store say about the certificates of a path (RFC 5280, 6.3).

use super::store::TrustStore;
use super::{PathRole, RevocationCheck};
use crate::Certificate;

/// Most lists of one issuer that are looked at for one certificate.
const MAX_LISTS: usize = 16;

/// Checks each certificate of a path whose signatures are right against the lists of its issuer.
pub(super) fn check(store: &TrustStore, leaf: &Certificate, issuers: &[&Certificate], at: u64) -> RevocationCheck {
    let Some((first, _)) = issuers.split_first() else { return RevocationCheck::Unchecked };
    let of_leaf = check_one(store, leaf, first, PathRole::Leaf, at);
    if matches!(of_leaf, RevocationCheck::Revoked { .. }) {
        return of_leaf;
    }
    let pairs = issuers.iter().zip(&issuers[1..]);
    let mut of_issuers = pairs.map(|(issuer, above)| check_one(store, issuer, above, PathRole::Issuer, at));
    of_issuers.find(|check| matches!(check, RevocationCheck::Revoked { .. })).unwrap_or(of_leaf)
}

fn check_one(
    store: &TrustStore,
    certificate: &Certificate,
    issuer: &Certificate,
    role: PathRole,
    at: u64,
) -> RevocationCheck {
    let mut reason = RevocationCheck::NoCrl;
    let lists = store.crls(&certificate.path.issuer).filter(|known| known.crl.covers(certificate));
    for known in lists.take(MAX_LISTS) {
        let crl = &known.crl;
        let problem = if crl.is_unsupported() {
            RevocationCheck::CrlUnsupported
        } else if !issuer.path.signs_lists || !known.is_signed_by(&issuer.public_key) {
            RevocationCheck::CrlBadSignature
        } else if let Some((since, reason)) = crl.revoked(certificate).filter(|(since, _)| *since <= at) {
            return RevocationCheck::Revoked { since, reason, role };
        } else if crl.next_update.is_some_and(|next| at <= next) {
            // A list of a later day speaks for this time too: it tells since when.
            return RevocationCheck::Good;
        } else {
            RevocationCheck::CrlExpired
        };
        // The newest list that is the issuer's tells the reason.
        if reason != RevocationCheck::CrlExpired {
            reason = problem;
        }
    }
    reason
}
