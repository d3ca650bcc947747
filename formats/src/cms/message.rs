//! A signed message, read.

use super::algorithm::read_digest;
use super::signer::Signer;
use super::tlv::{Reader, Tlv};
use super::{Encoding, MessageError, SignerIdentifier, ber, tag};
use crate::Certificate;
use der::asn1::ObjectIdentifier;
use std::fmt;

const WHAT: &str = "signed data";
/// More than anybody writes. They bound the work that a hostile message makes.
const MAX_SIGNERS: usize = 32;
const MAX_CERTIFICATES: usize = 256;
const MAX_REVOCATION_LISTS: usize = 64;
const MAX_DIGEST_ALGORITHMS: usize = 64;

/// What is not as RFC 5652 or GM/T 0010 have it, though it can be read. No signature covers these parts, so a change in
/// them shows only here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// The version is not the one that the rest asks for (RFC 5652, 5.1), nor 1 as in PKCS #7.
    Version,
    /// The version of a signer doesn't fit how it names its certificate.
    SignerVersion,
    /// The digest algorithm of a signer is not among those that the message lists.
    DigestAlgorithms,
    /// A certificate can't be read, or is of a kind that nobody uses any more.
    Certificates,
}

/// A message with signed data in the encoding of RFC 5652, PKCS #7 or GM/T 0010, with its content or without. That it
/// can be read says nothing about its signatures: see [`verify`](Self::verify).
#[derive(Clone)]
pub struct Message {
    encoding: Encoding,
    content_type: Vec<u8>,
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    revocation_lists: Vec<Vec<u8>>,
    pub(super) signers: Vec<Signer>,
    deviations: Vec<Deviation>,
}

impl Message {
    /// Longest message that is read, in bytes, with its content.
    pub const MAX_LENGTH: usize = 32 << 20;

    /// Reads a message in DER or BER.
    ///
    /// # Errors
    /// See [`MessageError`]. Algorithms that aren't known, certificates that can't be read and missing signatures are
    /// no errors: the first show when signatures are verified, the second as [`Deviation`].
    pub fn from_ber(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > Self::MAX_LENGTH {
            return Err(MessageError::TooLarge { length: bytes.len() });
        }
        let der = ber::to_der(bytes)?;
        let mut content_info = Reader::new(Tlv::only(&der)?.with(tag::SEQUENCE).ok_or(MessageError::NotSignedData)?);
        let outer_type = content_info.expect(tag::OID, "content type")?.value;
        let encoding = Encoding::of_signed_data(outer_type).ok_or(MessageError::NotSignedData)?;
        let signed_data = Tlv::only(content_info.expect(tag::CONTEXT_0, WHAT)?.value)?;
        content_info.finish()?;
        Self::read(encoding, signed_data.with(tag::SEQUENCE).ok_or(MessageError::Malformed(WHAT))?)
    }

    /// Reads the parts of `SignedData` (RFC 5652, 5.1).
    fn read(encoding: Encoding, signed_data: &[u8]) -> Result<Self, MessageError> {
        let mut parts = Reader::new(signed_data);
        let version = parts.expect(tag::INTEGER, WHAT)?.value;
        let digest_algorithms =
            members(parts.expect(tag::SET, WHAT)?, MAX_DIGEST_ALGORITHMS, "digest algorithms", read_digest)?;
        let (content_type, content) = read_content(parts.expect(tag::SEQUENCE, WHAT)?)?;
        let certificates = parts.optional(tag::CONTEXT_0)?;
        let revocation_lists = parts.optional(tag::CONTEXT_1)?;
        let signers = members(parts.expect(tag::SET, WHAT)?, MAX_SIGNERS, "signers", Signer::read)?;
        parts.finish()?;

        let certificates = certificates.map_or(Ok(Vec::new()), |set| {
            members(set, MAX_CERTIFICATES, "certificates", |choice| Ok(CertificateChoice::read(choice)))
        })?;
        let revocation_lists = revocation_lists.map_or(Ok(Vec::new()), |set| {
            members(set, MAX_REVOCATION_LISTS, "revocation lists", |list| Ok(list.der.to_vec()))
        })?;

        let mut deviations = Vec::new();
        let mut expect = |expected: bool, deviation| {
            if !expected {
                deviations.push(deviation);
            }
        };
        expect(version_fits(version, &content_type, &certificates, &signers), Deviation::Version);
        expect(signers.iter().all(|signer| signer.version_fits), Deviation::SignerVersion);
        let listed = |signer: &Signer| signer.digest.is_none() || digest_algorithms.contains(&signer.digest);
        expect(signers.iter().all(listed), Deviation::DigestAlgorithms);
        let readable = |choice: &CertificateChoice| matches!(choice, CertificateChoice::Certificate(_));
        expect(certificates.iter().all(readable), Deviation::Certificates);

        let certificates = certificates.into_iter().filter_map(CertificateChoice::certificate).collect();
        Ok(Self { encoding, content_type, content, certificates, revocation_lists, signers, deviations })
    }

    /// Which family of object identifiers the message has around it.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The type of the content; `None` for one that is too long to be of interest.
    pub fn content_type(&self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(&self.content_type).ok()
    }

    /// Is the content plain data, rather than of a type with a meaning of its own?
    pub(super) fn content_is_data(&self) -> bool {
        Encoding::is_data(&self.content_type)
    }

    pub(super) fn is_content_type(&self, oid: &[u8]) -> bool {
        self.content_type == oid
    }

    /// What is signed, if it is in the message; `None` for a detached signature.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates in the message that can be read: of signers, CAs and others, in the order of the message.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The certificate revocation lists in the message, as they are; not looked at.
    pub fn revocation_lists(&self) -> impl Iterator<Item = &[u8]> {
        self.revocation_lists.iter().map(Vec::as_slice)
    }

    /// How each signer names its certificate.
    pub fn signers(&self) -> impl Iterator<Item = &SignerIdentifier> {
        self.signers.iter().map(|signer| &signer.identifier)
    }

    /// What is not as it should be, outside of what is signed.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

/// Without content and certificates, which belong in no log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("encoding", &self.encoding)
            .field("content", &self.content.as_ref().map(Vec::len))
            .field("signers", &self.signers.len())
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}

/// Reads each member of a set, up to a number.
fn members<'a, T>(
    set: Tlv<'a>,
    most: usize,
    what: &'static str,
    read: impl Fn(Tlv<'a>) -> Result<T, MessageError>,
) -> Result<Vec<T>, MessageError> {
    let (mut reader, mut members) = (set.reader(), Vec::new());
    while !reader.is_finished() {
        if members.len() == most {
            return Err(MessageError::TooMany(what));
        }
        members.push(read(reader.any()?)?);
    }
    Ok(members)
}

/// `EncapsulatedContentInfo`: type and content. Data are an OCTET STRING. Content of other types needs not be in one, as
/// PKCS #7 has it; it is signed without its tag and length (RFC 5652, 5.2.1).
fn read_content(der: Tlv<'_>) -> Result<(Vec<u8>, Option<Vec<u8>>), MessageError> {
    let mut parts = der.reader();
    let content_type = parts.expect(tag::OID, "content type")?.value.to_vec();
    let content = parts.optional(tag::CONTEXT_0)?.map(|content| Tlv::only(content.value)).transpose()?;
    parts.finish()?;
    if Encoding::is_data(&content_type) && content.is_some_and(|content| content.tag != tag::OCTET_STRING) {
        return Err(MessageError::Malformed("content"));
    }
    Ok((content_type, content.map(|content| content.value.to_vec())))
}

/// `CertificateChoices` (RFC 5652, 10.2.2).
enum CertificateChoice {
    Certificate(Box<Certificate>),
    /// A certificate that can't be read.
    Unreadable,
    /// Of another kind, with the version of `SignedData` that it asks for.
    Other {
        version: u8,
    },
}

impl CertificateChoice {
    fn read(choice: Tlv<'_>) -> Self {
        match choice.tag {
            tag::SEQUENCE => Certificate::from_der(choice.der)
                .map_or(Self::Unreadable, |certificate| Self::Certificate(Box::new(certificate))),
            tag::CONTEXT_3 => Self::Other { version: 5 },
            tag::CONTEXT_2 => Self::Other { version: 4 },
            tag::CONTEXT_1 => Self::Other { version: 3 },
            _ => Self::Other { version: 1 },
        }
    }

    fn version(&self) -> u8 {
        if let Self::Other { version } = self { *version } else { 1 }
    }

    fn certificate(self) -> Option<Certificate> {
        if let Self::Certificate(certificate) = self { Some(*certificate) } else { None }
    }
}

/// Is the version the one of RFC 5652, 5.1, or the 1 that PKCS #7 and GM/T 0010 have for everything they know?
fn version_fits(version: &[u8], content_type: &[u8], certificates: &[CertificateChoice], signers: &[Signer]) -> bool {
    let by_key_identifier =
        signers.iter().any(|signer| matches!(signer.identifier, SignerIdentifier::KeyIdentifier(_)));
    let of_content = if Encoding::is_data(content_type) && !by_key_identifier { 1 } else { 3 };
    let expected = certificates.iter().map(CertificateChoice::version).fold(of_content, u8::max);
    version == [expected] || (version == [1] && !by_key_identifier)
}
