//! What a check says: dates, chain and revocation apart, one reason each.

use crate::Certificate;

/// The result of [`TrustStore::check`](super::TrustStore::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// Are the certificates of the path valid at that time?
    pub dates: DatesCheck,
    /// Does a path of signatures lead to an anchor?
    pub chain: ChainCheck,
    /// Is the certificate, or an issuer of it, revoked?
    pub revocation: RevocationCheck,
    /// The issuers, the nearest first. They end in the anchor when the chain is right; else these are those whose
    /// signatures fit.
    pub issuers: Vec<Certificate>,
}

impl ChainReport {
    /// Is everything right, with a revocation list that says so?
    pub fn is_good(&self) -> bool {
        self.dates == DatesCheck::Ok && self.chain == ChainCheck::Ok && self.revocation == RevocationCheck::Good
    }
}

/// Which certificate of a path is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathRole {
    /// The one that was asked for.
    Leaf,
    /// One of its issuers.
    Issuer,
}

/// The validity of the certificates of a path (RFC 5280, 4.1.2.5). The leaf is named before an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatesCheck {
    /// All are valid at that time.
    Ok,
    /// One is not valid yet.
    NotYetValid(PathRole),
    /// One has expired.
    Expired(PathRole),
}

/// The path from a certificate to an anchor (RFC 5280, 6.1). When there is none, this is the reason of the attempt that
/// came furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChainCheck {
    /// Every signature fits, every issuer may issue, and the last one is an anchor.
    Ok,
    /// There are no anchors at all: the administrator configured none.
    NoAnchors,
    /// No certificate is known for an issuer, or the path ends in one that is no anchor.
    IssuerUnknown,
    /// The path comes back to a certificate that is in it already.
    Loop,
    /// A signature is of an algorithm or key that isn't supported, or not trusted any more (SHA-1, RSA-1024).
    AlgorithmUnsupported,
    /// A signature does not fit the issuer's key.
    BadSignature,
    /// An issuer says that it is no CA, doesn't say that it is one, or may not sign certificates.
    NotACa,
    /// More CAs than an issuer allows below itself, or more than 8 certificates in all.
    PathTooLong,
    /// A certificate has name constraints, which are not checked here.
    NameConstraints,
    /// A certificate has a critical extension that isn't understood.
    UnknownCriticalExtension,
    /// A certificate has an extension twice, or basic constraints that can't be read.
    MalformedExtension,
    /// Too many certificates claim to be the issuer: the search was given up.
    TooManyCandidates,
}

/// What revocation lists say. The list has to be signed by the issuer of the certificate itself. For the leaf a list is
/// needed; issuers are revoked when a list says so and good when there is none for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationCheck {
    /// A current list of the issuer doesn't have the certificate, or revokes it later than the time asked for.
    Good,
    /// A list has it; an expired list is enough for that.
    Revoked {
        /// Since when, in Unix seconds.
        since: u64,
        /// Why, if the list says so.
        reason: RevocationReason,
        /// The leaf or an issuer.
        role: PathRole,
    },
    /// No list is known of this issuer for this certificate.
    NoCrl,
    /// The only list has a next update before the time asked for, or names none.
    CrlExpired,
    /// The only list is not signed by the issuer, or the issuer may not sign lists.
    CrlBadSignature,
    /// The only list is of a kind that isn't supported: indirect, delta, of some reasons only, or with an unknown critical
    /// extension.
    CrlUnsupported,
    /// Not looked at: without a chain there is no issuer whose lists count. Nor is an anchor revoked by a list.
    Unchecked,
}

/// Why a certificate was revoked (`CRLReason` of RFC 5280, 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// 0, or nothing is said, or a number without meaning.
    Unspecified,
    /// 1: the private key may be known to others.
    KeyCompromise,
    /// 2: that of the CA may be.
    CaCompromise,
    /// 3: the holder's name or another fact has changed.
    AffiliationChanged,
    /// 4: replaced by another certificate.
    Superseded,
    /// 5: no longer needed.
    CessationOfOperation,
    /// 6: on hold, perhaps not for ever.
    CertificateHold,
    /// 8: no longer on hold. Only delta lists say that.
    RemoveFromCrl,
    /// 9: a privilege was withdrawn.
    PrivilegeWithdrawn,
    /// 10: the key of the attribute authority may be known to others.
    AaCompromise,
}

impl RevocationReason {
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => Self::Unspecified,
        }
    }
}
