//! Verification of each signer of a message.

use super::algorithm::SchemeFault;
use super::attributes::{Attributes, Single};
use super::report::{
    AlgorithmsCheck, ContentDigest, ContentTypeCheck, DigestCheck, KeyUseCheck, SignatureCheck, SignerReport,
    SigningTime, Verification,
};
use super::signer::Signer;
use super::signing_certificate::{self, CertificateReference, Form};
use super::{Message, oid, tag, write};
use crate::Certificate;
use crate::hash::HashAlgorithm;
use crate::sm2;
use crate::verify::{SignatureScheme, VerifyError, verify_digest};
use der::Decode;
use x509_cert::time::Time;

/// How many certificates of the same name are tried. Two happen when a CA uses a serial number twice.
const MAX_CANDIDATES: usize = 4;

impl Message {
    /// The digests of the content that [`verify`](Self::verify) will ask for, each once. `others` are certificates
    /// beside those of the message, in which signers may find theirs.
    pub fn needed_digests(&self, others: &[Certificate]) -> Vec<ContentDigest> {
        let mut needed = Vec::new();
        for signer in &self.signers {
            let Some(hash) = signer.digest else { continue };
            let digests: Vec<_> = match &signer.attributes {
                Some(_) => vec![ContentDigest { hash, prefix: None }],
                None => self
                    .candidates(signer, others)
                    .filter_map(|certificate| content_digest(signer, hash, certificate))
                    .collect(),
            };
            digests.into_iter().for_each(|digest| {
                if !needed.contains(&digest) {
                    needed.push(digest);
                }
            });
        }
        needed
    }

    /// Checks every signer. `digest_of` gives the digests of the content, attached or not, that
    /// [`needed_digests`](Self::needed_digests) named for the same `others`; without one, the answers that depend on
    /// it are `NoContent`. Whether the certificates themselves are valid is not looked at.
    pub fn verify<'a>(
        &'a self,
        others: &'a [Certificate],
        digest_of: impl Fn(&ContentDigest) -> Option<Vec<u8>>,
    ) -> Verification<'a> {
        let signers = self.signers.iter().map(|signer| self.verify_signer(signer, others, &digest_of)).collect();
        Verification { signers, deviations: self.deviations() }
    }

    /// [`verify`](Self::verify) with a content in memory.
    pub fn verify_content<'a>(&'a self, others: &'a [Certificate], content: &[u8]) -> Verification<'a> {
        let digests: Vec<_> =
            self.needed_digests(others).into_iter().map(|needed| (needed, needed.of(content))).collect();
        self.verify(others, |wanted| {
            digests.iter().find(|(needed, _)| needed == wanted).map(|(_, digest)| digest.clone())
        })
    }

    fn verify_signer<'a>(
        &'a self,
        signer: &'a Signer,
        others: &'a [Certificate],
        digest_of: &impl Fn(&ContentDigest) -> Option<Vec<u8>>,
    ) -> SignerReport<'a> {
        // Whoever wrote the message chose the certificates in it: a forged one with the name of the right one must not
        // hide that. The path of the one that is reported is checked by the caller.
        let tried = self
            .candidates(signer, others)
            .map(|certificate| (certificate, check_signature(signer, certificate, digest_of)));
        let best = tried.min_by_key(|(_, check)| *check != SignatureCheck::Valid);
        let certificate = best.map(|(certificate, _)| certificate);
        let attributes = signer.attributes.as_ref();
        SignerReport {
            identifier: &signer.identifier,
            certificate,
            signing_time: attributes.map_or(SigningTime::Absent, signing_time),
            digest_algorithm: signer.digest,
            digest: check_digest(signer, digest_of),
            content_type: self.check_content_type(attributes),
            signature: best.map_or(SignatureCheck::NoCertificate, |(_, check)| check),
            certificate_reference: check_reference(attributes, certificate),
            algorithms: check_algorithms(signer),
            key_use: match certificate {
                None => KeyUseCheck::NoCertificate,
                Some(certificate) if certificate.key_use.allows_signatures() => KeyUseCheck::Allowed,
                Some(_) => KeyUseCheck::NotAllowed,
            },
        }
    }

    /// Certificates that the signer may mean.
    fn candidates<'a>(
        &'a self,
        signer: &'a Signer,
        others: &'a [Certificate],
    ) -> impl Iterator<Item = &'a Certificate> {
        let all = self.certificates().iter().chain(others);
        all.filter(|certificate| signer.identifier.names(certificate)).take(MAX_CANDIDATES)
    }

    fn check_content_type(&self, attributes: Option<&Attributes>) -> ContentTypeCheck {
        match attributes.map(|attributes| attributes.single(oid::CONTENT_TYPE)) {
            None if self.content_is_data() => ContentTypeCheck::NotNeeded,
            Some(Single::Value(value)) if value.tag == tag::OID => {
                if self.is_content_type(value.value) {
                    ContentTypeCheck::Matches
                } else {
                    ContentTypeCheck::Differs
                }
            }
            _ => ContentTypeCheck::Missing,
        }
    }
}

/// The digest of the content that a signer without signed attributes has signed.
fn content_digest(signer: &Signer, hash: HashAlgorithm, certificate: &Certificate) -> Option<ContentDigest> {
    let prefix = match signer.signature_algorithm.scheme(hash, &certificate.public_key) {
        Ok(SignatureScheme::Sm2) => Some(sm2::z(&certificate.public_key, sm2::USER_ID).ok()?),
        Ok(_) => None,
        Err(_) => return None,
    };
    Some(ContentDigest { hash, prefix })
}

fn check_digest(signer: &Signer, digest_of: &impl Fn(&ContentDigest) -> Option<Vec<u8>>) -> DigestCheck {
    let Some(hash) = signer.digest else { return DigestCheck::Unsupported };
    let Some(attributes) = &signer.attributes else { return DigestCheck::InSignature };
    let Single::Value(value) = attributes.single(oid::MESSAGE_DIGEST) else { return DigestCheck::Missing };
    let Some(signed) = value.with(tag::OCTET_STRING) else { return DigestCheck::Missing };
    match digest_of(&ContentDigest { hash, prefix: None }) {
        None => DigestCheck::NoContent,
        Some(digest) if digest == signed => DigestCheck::Matches,
        Some(_) => DigestCheck::Differs,
    }
}

fn check_signature(
    signer: &Signer,
    certificate: &Certificate,
    digest_of: &impl Fn(&ContentDigest) -> Option<Vec<u8>>,
) -> SignatureCheck {
    let Some(hash) = signer.digest else { return SignatureCheck::Unsupported };
    let key = &certificate.public_key;
    let scheme = match signer.signature_algorithm.scheme(hash, key) {
        Ok(scheme) => scheme,
        Err(SchemeFault::Unsupported) => return SignatureCheck::Unsupported,
        Err(SchemeFault::AnotherHash) => return SignatureCheck::AnotherHash,
    };
    // SM2 signatures come in several forms; only DER is checked.
    let rewritten = match scheme {
        SignatureScheme::Sm2 => sm2::read_signature(&signer.signature).and_then(|raw| sm2::to_der(&raw)),
        _ => Ok(signer.signature.clone()),
    };
    let Ok(signature) = rewritten else { return SignatureCheck::Invalid };
    let check = |digest: &[u8]| match verify_digest(key, scheme, digest, &signature) {
        Ok(()) => SignatureCheck::Valid,
        Err(VerifyError::Unsupported) => SignatureCheck::Unsupported,
        Err(_) => SignatureCheck::Invalid,
    };
    match &signer.attributes {
        None => match content_digest(signer, hash, certificate).and_then(|needed| digest_of(&needed)) {
            Some(digest) => check(&digest),
            None => SignatureCheck::NoContent,
        },
        Some(attributes) => {
            let check = |der: &[u8]| match scheme.hasher(key) {
                Ok(mut hasher) => {
                    hasher.update(der);
                    check(&hasher.finish())
                }
                Err(_) => SignatureCheck::Unsupported,
            };
            match (check(attributes.as_der()), attributes.sorted()) {
                (SignatureCheck::Invalid, Some(sorted)) => check(&sorted),
                (checked, _) => checked,
            }
        }
    }
}

/// The message may have both forms of the attribute; then both must name the certificate.
fn check_reference(attributes: Option<&Attributes>, certificate: Option<&Certificate>) -> CertificateReference {
    let Some(attributes) = attributes else { return CertificateReference::Absent };
    let mut answer = CertificateReference::Absent;
    for (oid, form) in [(oid::SIGNING_CERTIFICATE_V2, Form::V2), (oid::SIGNING_CERTIFICATE, Form::V1)] {
        let reference = match (attributes.single(oid), certificate) {
            (Single::Absent, _) => continue,
            (Single::Ambiguous, _) => CertificateReference::Malformed,
            (Single::Value(_), None) => CertificateReference::NoCertificate,
            (Single::Value(value), Some(certificate)) => signing_certificate::check(value, form, certificate),
        };
        if matches!(answer, CertificateReference::Absent | CertificateReference::Matches) {
            answer = reference;
        }
    }
    answer
}

fn check_algorithms(signer: &Signer) -> AlgorithmsCheck {
    let protection = signer.attributes.as_ref().map(|attributes| attributes.single(oid::ALGORITHM_PROTECTION));
    match protection {
        None | Some(Single::Absent) => AlgorithmsCheck::Absent,
        Some(Single::Value(value)) => {
            // The signature algorithm stands under an implicit tag [1].
            let mut signature_algorithm = signer.signature_identifier.clone();
            signature_algorithm[0] = tag::CONTEXT_1;
            if value.der == write::sequence(&[&signer.digest_identifier, &signature_algorithm]) {
                AlgorithmsCheck::Match
            } else {
                AlgorithmsCheck::Differ
            }
        }
        Some(Single::Ambiguous) => AlgorithmsCheck::Differ,
    }
}

fn signing_time(attributes: &Attributes) -> SigningTime {
    match attributes.single(oid::SIGNING_TIME) {
        Single::Absent => SigningTime::Absent,
        Single::Value(value) => Time::from_der(value.der)
            .map_or(SigningTime::Malformed, |time| SigningTime::At(time.to_unix_duration().as_secs())),
        Single::Ambiguous => SigningTime::Malformed,
    }
}
