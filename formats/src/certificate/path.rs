//! What path validation needs of a certificate and nobody else shows.

use super::extension::{self, Authority};
use super::tbs::TbsCertificate;
use super::{holder, name};
use crate::signed::{Seal, Signed};
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;

/// Bits of the key usage extension (RFC 5280, 4.2.1.3).
const KEY_CERT_SIGN: usize = 5;
const CRL_SIGN: usize = 6;

/// Why a certificate's extensions keep it out of every path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Name constraints, which are not checked here and so refused.
    NameConstraints,
    /// A critical extension that isn't understood.
    UnknownCritical,
    /// An extension twice, extensions in a certificate of version 1, or basic constraints that can't be read.
    Malformed,
}

/// The parts of a certificate for path validation (RFC 5280, 6.1).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PathFacts {
    pub(crate) seal: Seal,
    /// Issuer and subject in a form to compare (see [`name::comparable`]).
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) authority: Authority,
    pub(crate) signs_certificates: bool,
    pub(crate) signs_lists: bool,
    pub(crate) obstacle: Option<Obstacle>,
    /// GeneralNames in DER.
    pub(crate) distribution_points: Vec<Vec<u8>>,
}

impl PathFacts {
    pub(super) fn new(tbs: &TbsCertificate<'_>, signed: &Signed<'_>) -> Self {
        let extensions = &tbs.extensions;
        let authority = Authority::from_extensions(extensions);
        let malformed = authority.is_err()
            || extension::any_twice(extensions)
            || (tbs.version != Version::V3 && !extensions.is_empty());
        Self {
            seal: signed.seal(&tbs.signature_algorithm),
            issuer: name::comparable(&tbs.issuer),
            subject: name::comparable(&tbs.subject),
            authority: authority.unwrap_or(Authority::No),
            signs_certificates: extension::key_usage_allows(extensions, KEY_CERT_SIGN),
            signs_lists: extension::key_usage_allows(extensions, CRL_SIGN),
            obstacle: if malformed { Some(Obstacle::Malformed) } else { obstacle(extensions) },
            distribution_points: extension::distribution_points(extensions),
        }
    }
}

fn obstacle(extensions: &[Extension]) -> Option<Obstacle> {
    if extension::value(extensions, extension::NAME_CONSTRAINTS).is_some() {
        return Some(Obstacle::NameConstraints);
    }
    extension::unknown_critical(extensions, holder::is_holder_fact).then_some(Obstacle::UnknownCritical)
}
