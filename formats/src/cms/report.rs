//! What verification finds about a signer: one answer for each question.

use super::signing_certificate::CertificateReference;
use super::{Deviation, SignerIdentifier};
use crate::Certificate;
use crate::hash::{HashAlgorithm, Hasher};

/// What was found about a message.
#[derive(Clone, Debug)]
pub struct Verification<'a> {
    /// About each signer, in the order of the message.
    pub signers: Vec<SignerReport<'a>>,
    /// About the parts that no signature covers.
    pub deviations: &'a [Deviation],
}

impl Verification<'_> {
    /// Is there a signer, is everything right about each of them, and nothing wrong with the message? Whether the
    /// signers' certificates are valid is another question.
    pub fn is_valid(&self) -> bool {
        !self.signers.is_empty() && self.deviations.is_empty() && self.signers.iter().all(SignerReport::is_valid)
    }
}

/// What was found about one signer.
#[derive(Clone, Debug)]
pub struct SignerReport<'a> {
    /// How it names its certificate.
    pub identifier: &'a SignerIdentifier,
    /// Its certificate, if it was found in the message or among those given. Its path is not checked here.
    pub certificate: Option<&'a Certificate>,
    /// When it says that it has signed. Nobody confirms it.
    pub signing_time: SigningTime,
    /// The hash function for the content; `None` when it isn't known.
    pub digest_algorithm: Option<HashAlgorithm>,
    /// Is the content the one that was signed?
    pub digest: DigestCheck,
    /// Is it of the type that was signed?
    pub content_type: ContentTypeCheck,
    /// Does the signature fit?
    pub signature: SignatureCheck,
    /// Is the certificate the one that was signed with?
    pub certificate_reference: CertificateReference,
    /// Are the algorithms those that were signed with?
    pub algorithms: AlgorithmsCheck,
    /// May the certificate's key sign?
    pub key_use: KeyUseCheck,
}

impl SignerReport<'_> {
    /// Is every answer the right one, as far as there is one?
    pub fn is_valid(&self) -> bool {
        matches!(self.digest, DigestCheck::Matches | DigestCheck::InSignature)
            && matches!(self.content_type, ContentTypeCheck::Matches | ContentTypeCheck::NotNeeded)
            && self.signature == SignatureCheck::Valid
            && matches!(self.certificate_reference, CertificateReference::Matches | CertificateReference::Absent)
            && matches!(self.algorithms, AlgorithmsCheck::Match | AlgorithmsCheck::Absent)
            && self.key_use == KeyUseCheck::Allowed
            && self.signing_time != SigningTime::Malformed
    }
}

/// The signing-time attribute (RFC 5652, 11.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningTime {
    /// Not said.
    Absent,
    /// In Unix seconds.
    At(u64),
    /// There, but not readable, or twice.
    Malformed,
}

/// The content's digest against the message-digest attribute (RFC 5652, 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestCheck {
    /// They are equal.
    Matches,
    /// They are not: the content was changed, or is another one.
    Differs,
    /// There are no signed attributes: the signature itself is over the content. Such a signature says nothing of type
    /// and time; whoever has one over signed attributes can present those bytes as a content that was signed.
    InSignature,
    /// There are signed attributes without a readable message digest.
    Missing,
    /// The hash function is not known.
    Unsupported,
    /// The content's digest was not given.
    NoContent,
}

/// The content's type against the content-type attribute (RFC 5652, 11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentTypeCheck {
    /// They are equal.
    Matches,
    /// They are not.
    Differs,
    /// No signed attributes, and the content is data: none is needed.
    NotNeeded,
    /// The attribute is missing where it is needed, or is not readable.
    Missing,
}

/// The signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It is one of the certificate's key over the signed attributes, or over the content without them.
    Valid,
    /// It isn't.
    Invalid,
    /// The signer's certificate was not found.
    NoCertificate,
    /// The algorithm is not known, or not for such a key.
    Unsupported,
    /// Content and signature are not of the same hash function: RFC 5754, 3 wants them to be.
    AnotherHash,
    /// It is over the content, whose digest was not given.
    NoContent,
}

/// The signer's algorithms against the algorithm-protection attribute (RFC 6211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlgorithmsCheck {
    /// Not said.
    Absent,
    /// They are those of the attribute.
    Match,
    /// They aren't, or the attribute is not readable.
    Differ,
}

/// The key usage of the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUseCheck {
    /// It may sign.
    Allowed,
    /// It is for encryption, or for certificates only.
    NotAllowed,
    /// The signer's certificate was not found.
    NoCertificate,
}

/// A digest of the content that verification needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentDigest {
    /// By this hash function.
    pub hash: HashAlgorithm,
    /// With this before the content: `Z` of an SM2 signer without signed attributes (GM/T 0003.2).
    pub prefix: Option<[u8; 32]>,
}

impl ContentDigest {
    /// A hasher that wants the content, and nothing else.
    pub fn hasher(&self) -> Hasher {
        let mut hasher = Hasher::new(self.hash);
        if let Some(prefix) = &self.prefix {
            hasher.update(prefix);
        }
        hasher
    }

    /// The digest of a content in memory.
    pub fn of(&self, content: &[u8]) -> Vec<u8> {
        let mut hasher = self.hasher();
        hasher.update(content);
        hasher.finish()
    }
}
