//! The words in which checks of messages and certificates are told. Documented in the XML; they never change.

use ukey_formats::chain::{ChainCheck, DatesCheck, PathRole, RevocationCheck};
use ukey_formats::cms::{
    AlgorithmsCheck, CertificateReference, ContentTypeCheck, Deviation, DigestCheck, KeyUseCheck, SignatureCheck,
};

pub(super) fn digest(check: DigestCheck) -> &'static str {
    match check {
        DigestCheck::Matches => "ok",
        DigestCheck::Differs => "differs",
        DigestCheck::InSignature => "in-signature",
        DigestCheck::Missing => "missing",
        DigestCheck::Unsupported => "unsupported",
        DigestCheck::NoContent => "no-content",
    }
}

pub(super) fn signature(check: SignatureCheck) -> &'static str {
    match check {
        SignatureCheck::Valid => "ok",
        SignatureCheck::Invalid => "invalid",
        SignatureCheck::NoCertificate => "no-certificate",
        SignatureCheck::Unsupported => "unsupported",
        SignatureCheck::AnotherHash => "another-hash",
        SignatureCheck::NoContent => "no-content",
    }
}

pub(super) fn content_type(check: ContentTypeCheck) -> &'static str {
    match check {
        ContentTypeCheck::Matches => "ok",
        ContentTypeCheck::NotNeeded => "not-needed",
        ContentTypeCheck::Differs => "differs",
        ContentTypeCheck::Missing => "missing",
    }
}

pub(super) fn reference(check: CertificateReference) -> &'static str {
    match check {
        CertificateReference::Matches => "ok",
        CertificateReference::Absent => "absent",
        CertificateReference::Differs => "differs",
        CertificateReference::Malformed => "malformed",
        CertificateReference::UnsupportedHash => "unsupported",
        CertificateReference::NoCertificate => "no-certificate",
    }
}

pub(super) fn algorithms(check: AlgorithmsCheck) -> &'static str {
    match check {
        AlgorithmsCheck::Match => "ok",
        AlgorithmsCheck::Absent => "absent",
        AlgorithmsCheck::Differ => "differ",
    }
}

pub(super) fn key_use(check: KeyUseCheck) -> &'static str {
    match check {
        KeyUseCheck::Allowed => "ok",
        KeyUseCheck::NotAllowed => "not-allowed",
        KeyUseCheck::NoCertificate => "no-certificate",
    }
}

pub(super) fn deviation(deviation: Deviation) -> &'static str {
    match deviation {
        Deviation::Version => "version",
        Deviation::SignerVersion => "signer-version",
        Deviation::DigestAlgorithms => "digest-algorithms",
        Deviation::Certificates => "certificates",
        _ => "other",
    }
}

pub(super) fn dates(check: DatesCheck) -> &'static str {
    match check {
        DatesCheck::Ok => "ok",
        DatesCheck::NotYetValid(PathRole::Leaf) => "not-yet-valid",
        DatesCheck::NotYetValid(PathRole::Issuer) => "issuer-not-yet-valid",
        DatesCheck::Expired(PathRole::Leaf) => "expired",
        DatesCheck::Expired(PathRole::Issuer) => "issuer-expired",
    }
}

pub(super) fn chain(check: ChainCheck) -> &'static str {
    match check {
        ChainCheck::Ok => "ok",
        ChainCheck::NoAnchors => "no-anchors",
        ChainCheck::IssuerUnknown => "issuer-unknown",
        ChainCheck::Loop => "loop",
        ChainCheck::AlgorithmUnsupported => "algorithm-unsupported",
        ChainCheck::BadSignature => "bad-signature",
        ChainCheck::NotACa => "not-a-ca",
        ChainCheck::PathTooLong => "path-too-long",
        ChainCheck::NameConstraints => "name-constraints",
        ChainCheck::UnknownCriticalExtension => "unknown-critical-extension",
        ChainCheck::MalformedExtension => "malformed-extension",
        ChainCheck::TooManyCandidates => "too-many-candidates",
    }
}

pub(super) fn revocation(check: RevocationCheck) -> &'static str {
    match check {
        RevocationCheck::Good => "ok",
        RevocationCheck::Revoked { role: PathRole::Leaf, .. } => "revoked",
        RevocationCheck::Revoked { role: PathRole::Issuer, .. } => "issuer-revoked",
        RevocationCheck::NoCrl => "no-crl",
        RevocationCheck::CrlExpired => "crl-expired",
        RevocationCheck::CrlBadSignature => "crl-bad-signature",
        RevocationCheck::CrlUnsupported => "crl-unsupported",
        RevocationCheck::Unchecked => "unchecked",
    }
}
