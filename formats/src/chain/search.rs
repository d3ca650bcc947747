//! The search for a path from a certificate to an anchor (RFC 5280, 6.1), bounded whatever the candidates are.

use super::{ChainCheck, TrustStore};
use crate::certificate::{Authority, Obstacle};
use crate::{Certificate, VerifyError};
use std::collections::HashMap;

/// Most certificates in a path, the leaf and the anchor counted.
const MAX_DEPTH: usize = 8;
/// Most candidates that are looked at beside those of the store.
const MAX_CANDIDATES: usize = 256;
/// Most signatures that are checked.
const MAX_SIGNATURES: usize = 64;
/// Most steps from a certificate to an issuer, checked anew or not.
const MAX_STEPS: usize = 1024;

/// The issuers of the leaf, the nearest first, and whether they lead to an anchor.
pub(super) struct Path<'a> {
    pub(super) issuers: Vec<&'a Certificate>,
    pub(super) reason: ChainCheck,
}

/// Which paths are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dates {
    /// Those whose issuers are all valid at the time.
    Valid,
    /// Any.
    Any,
}

/// A search in a store and further candidates.
pub(super) struct Search<'a> {
    store: &'a TrustStore,
    candidates: &'a [Certificate],
    at: u64,
    dates: Dates,
    signatures: usize,
    steps: usize,
    gave_up: bool,
    /// Results by the addresses of certificate and issuer, for the second run and for paths that share a part.
    known: HashMap<(*const Certificate, *const Certificate), Result<(), VerifyError>>,
    /// The attempt that came furthest.
    best: Path<'a>,
}

/// An issuer to try.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    certificate: &'a Certificate,
    anchor: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(store: &'a TrustStore, candidates: &'a [Certificate], at: u64) -> Self {
        let best = Path { issuers: Vec::new(), reason: ChainCheck::IssuerUnknown };
        Self {
            store,
            candidates: &candidates[..candidates.len().min(MAX_CANDIDATES)],
            at,
            dates: Dates::Valid,
            signatures: MAX_SIGNATURES,
            steps: MAX_STEPS,
            gave_up: candidates.len() > MAX_CANDIDATES,
            known: HashMap::new(),
            best,
        }
    }

    /// Finds a path, or tells why there is none.
    pub(super) fn run(mut self, leaf: &'a Certificate) -> Path<'a> {
        let own = leaf.path.obstacle.map(obstacle_reason);
        if self.store.anchors(&leaf.path.subject).any(|anchor| anchor.der == leaf.der) {
            return Path { issuers: Vec::new(), reason: own.unwrap_or(ChainCheck::Ok) };
        }
        for dates in [Dates::Valid, Dates::Any] {
            self.dates = dates;
            self.best = Path { issuers: Vec::new(), reason: ChainCheck::IssuerUnknown };
            if self.climb(leaf, &mut Vec::new()) {
                return Path { issuers: self.best.issuers, reason: own.unwrap_or(ChainCheck::Ok) };
            }
        }
        if self.gave_up {
            self.best.reason = ChainCheck::TooManyCandidates;
        }
        self.best
    }

    /// Goes on from the last of `issuers`, or from the leaf. `true`, with the path in `best`, when an anchor is reached.
    fn climb(&mut self, leaf: &'a Certificate, issuers: &mut Vec<&'a Certificate>) -> bool {
        let child = issuers.last().copied().unwrap_or(leaf);
        let mut reason = ChainCheck::IssuerUnknown;
        for candidate in self.issuers_of(child) {
            let issuer = candidate.certificate;
            if issuers.iter().chain([&leaf]).any(|known| same_ca(known, issuer)) {
                // A root that isn't an anchor is its own issuer: unknown, no loop.
                if !same_ca(child, issuer) {
                    reason = worse(reason, ChainCheck::Loop);
                }
                continue;
            }
            let Some(steps) = self.steps.checked_sub(1) else {
                self.gave_up = true;
                break;
            };
            self.steps = steps;
            if let Err(problem) = self.check_step(child, candidate, issuers) {
                reason = worse(reason, problem);
                continue;
            }
            issuers.push(issuer);
            if candidate.anchor {
                self.best.issuers.clone_from(issuers);
                return true;
            }
            if issuers.len() + 1 >= MAX_DEPTH {
                self.note(issuers, ChainCheck::PathTooLong);
            } else if self.climb(leaf, issuers) {
                return true;
            }
            issuers.pop();
        }
        self.note(issuers, reason);
        false
    }

    /// Certificates with the name of the issuer: those valid at the time first, then those that have the key identifier,
    /// then anchors.
    fn issuers_of(&self, child: &Certificate) -> Vec<Candidate<'a>> {
        let name = &child.path.issuer;
        let anchors = self.store.anchors(name).map(|certificate| Candidate { certificate, anchor: true });
        let given = self.candidates.iter().filter(|candidate| candidate.path.subject == *name);
        let others = self.store.intermediates(name).chain(given);
        let others = others.map(|certificate| Candidate { certificate, anchor: false });
        let mut all: Vec<Candidate<'a>> = anchors
            .chain(others)
            .filter(|issuer| key_ids(child, issuer.certificate) != KeyIds::Differ)
            .filter(|issuer| self.dates == Dates::Any || self.is_valid(issuer.certificate))
            .collect();
        all.sort_by_key(|issuer| {
            let same_id = key_ids(child, issuer.certificate) == KeyIds::Same;
            (!self.is_valid(issuer.certificate), !same_id, !issuer.anchor)
        });
        all
    }

    fn is_valid(&self, certificate: &Certificate) -> bool {
        (certificate.not_before..=certificate.not_after).contains(&self.at)
    }

    /// May the candidate have issued `child`, with these other issuers below it?
    fn check_step(
        &mut self,
        child: &Certificate,
        candidate: Candidate<'_>,
        below: &[&Certificate],
    ) -> Result<(), ChainCheck> {
        let issuer = candidate.certificate;
        self.check_signature(child, issuer)?;
        let limit = match issuer.path.authority {
            Authority::Ca(limit) => limit,
            // Roots of version 1 have no extensions; only the administrator can make them CAs.
            Authority::Unsaid if candidate.anchor => None,
            Authority::Unsaid | Authority::No => return Err(ChainCheck::NotACa),
        };
        if !issuer.path.signs_certificates {
            return Err(ChainCheck::NotACa);
        }
        // CAs that issued to themselves, as at a change of key, don't count (RFC 5280, 4.2.1.9).
        let counted = below.iter().filter(|ca| ca.path.subject != ca.path.issuer).count();
        if limit.is_some_and(|limit| counted > usize::from(limit)) {
            return Err(ChainCheck::PathTooLong);
        }
        issuer.path.obstacle.map_or(Ok(()), |obstacle| Err(obstacle_reason(obstacle)))
    }

    fn check_signature(&mut self, child: &Certificate, issuer: &Certificate) -> Result<(), ChainCheck> {
        let step = (std::ptr::from_ref(child), std::ptr::from_ref(issuer));
        let result = match self.known.get(&step) {
            Some(known) => *known,
            None => {
                let Some(signatures) = self.signatures.checked_sub(1) else {
                    self.gave_up = true;
                    return Err(ChainCheck::TooManyCandidates);
                };
                self.signatures = signatures;
                let result = child.verify_signed_by(&issuer.public_key);
                self.known.insert(step, result);
                result
            }
        };
        result.map_err(|error| match error {
            VerifyError::Unsupported => ChainCheck::AlgorithmUnsupported,
            _ => ChainCheck::BadSignature,
        })
    }

    /// Keeps the attempt that came furthest; of two as far, the one with the stronger reason.
    fn note(&mut self, issuers: &[&'a Certificate], reason: ChainCheck) {
        let (so_far, now) = (self.best.issuers.len(), issuers.len());
        if now > so_far || (now == so_far && worse(self.best.reason, reason) == reason) {
            self.best = Path { issuers: issuers.to_vec(), reason };
        }
    }
}

/// The same name and key make the same CA, whoever certified it.
fn same_ca(one: &Certificate, other: &Certificate) -> bool {
    one.path.subject == other.path.subject && one.public_key == other.public_key
}

/// How the key identifiers of a certificate and a possible issuer compare.
#[derive(PartialEq, Eq)]
enum KeyIds {
    Same,
    /// One of them has none.
    Unsaid,
    Differ,
}

fn key_ids(child: &Certificate, issuer: &Certificate) -> KeyIds {
    match (&child.authority_key_id, &issuer.subject_key_id) {
        (Some(wanted), Some(found)) if wanted == found => KeyIds::Same,
        (Some(_), Some(_)) => KeyIds::Differ,
        _ => KeyIds::Unsaid,
    }
}

/// Of two reasons at one place, the one that says more: what was found beats what was not.
fn worse(one: ChainCheck, other: ChainCheck) -> ChainCheck {
    let rank = |reason| match reason {
        ChainCheck::IssuerUnknown => 0,
        ChainCheck::Loop => 1,
        ChainCheck::AlgorithmUnsupported => 2,
        ChainCheck::BadSignature => 3,
        _ => 4,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn obstacle_reason(obstacle: Obstacle) -> ChainCheck {
    match obstacle {
        Obstacle::NameConstraints => ChainCheck::NameConstraints,
        Obstacle::UnknownCritical => ChainCheck::UnknownCriticalExtension,
        Obstacle::Malformed => ChainCheck::MalformedExtension,
    }
}
