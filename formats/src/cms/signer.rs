//! One `SignerInfo` (RFC 5652, 5.3) as it was read.

use super::algorithm::{SignatureAlgorithm, read_digest};
use super::attributes::Attributes;
use super::tlv::{Reader, Tlv};
use super::{MessageError, oid, tag};
use crate::Certificate;
use crate::hash::HashAlgorithm;

const WHAT: &str = "signer";

/// How a signer names its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// By issuer and serial number.
    IssuerAndSerial {
        /// The issuer's Name in DER.
        issuer: Vec<u8>,
        /// The serial number's INTEGER in DER.
        serial_number: Vec<u8>,
    },
    /// By the key identifier in the certificate.
    KeyIdentifier(Vec<u8>),
}

impl SignerIdentifier {
    /// Does it name this certificate?
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial_number } => {
                certificate.serial_number_der == *serial_number && certificate.issuer_der == *issuer
            }
            Self::KeyIdentifier(identifier) => key_identifier(&certificate.der) == Some(identifier),
        }
    }
}

/// A signer.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    pub(super) identifier: SignerIdentifier,
    /// Does the version fit the identifier?
    pub(super) version_fits: bool,
    pub(super) digest_identifier: Vec<u8>,
    pub(super) digest: Option<HashAlgorithm>,
    pub(super) attributes: Option<Attributes>,
    pub(super) signature_identifier: Vec<u8>,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) signature: Vec<u8>,
}

impl Signer {
    pub(super) fn read(der: Tlv<'_>) -> Result<Self, MessageError> {
        let mut parts = Reader::new(der.with(tag::SEQUENCE).ok_or(MessageError::Malformed(WHAT))?);
        let version = parts.expect(tag::INTEGER, WHAT)?.value;
        let identifier = parts.any()?;
        let (identifier, expected_version) = match identifier.tag {
            tag::SEQUENCE => {
                let mut names = identifier.reader();
                let issuer = names.expect(tag::SEQUENCE, WHAT)?.der.to_vec();
                let serial_number = names.expect(tag::INTEGER, WHAT)?.der.to_vec();
                names.finish()?;
                (SignerIdentifier::IssuerAndSerial { issuer, serial_number }, 1)
            }
            tag::STRING_0 => (SignerIdentifier::KeyIdentifier(identifier.value.to_vec()), 3),
            _ => return Err(MessageError::Malformed(WHAT)),
        };
        let digest = parts.expect(tag::SEQUENCE, WHAT)?;
        let attributes = parts.optional(tag::CONTEXT_0)?.map(Attributes::read).transpose()?;
        let signature_algorithm = parts.expect(tag::SEQUENCE, WHAT)?;
        let signature = parts.expect(tag::OCTET_STRING, WHAT)?.value.to_vec();
        // Unsigned attributes: nothing is read of them.
        parts.optional(tag::CONTEXT_1)?;
        parts.finish()?;
        Ok(Self {
            identifier,
            version_fits: version == [expected_version],
            digest_identifier: digest.der.to_vec(),
            digest: read_digest(digest)?,
            attributes,
            signature_identifier: signature_algorithm.der.to_vec(),
            signature_algorithm: SignatureAlgorithm::read(signature_algorithm)?,
            signature,
        })
    }
}

/// The subjectKeyIdentifier of a certificate (RFC 5280, 4.2.1.2).
fn key_identifier(certificate: &[u8]) -> Option<&[u8]> {
    let mut tbs = Tlv::only(certificate).ok()?.reader().any().ok()?.reader();
    let extensions = loop {
        let part = tbs.any().ok()?;
        if part.tag == tag::CONTEXT_3 {
            break part;
        }
    };
    let mut extensions = Tlv::only(extensions.value).ok()?.reader();
    loop {
        let mut extension = extensions.any().ok()?.reader();
        if extension.any().ok()?.is_oid(oid::SUBJECT_KEY_IDENTIFIER) {
            // Not critical; the value comes after a flag that may be written all the same.
            let mut value = extension.any().ok()?;
            if value.tag != tag::OCTET_STRING {
                value = extension.any().ok()?;
            }
            return Tlv::only(value.with(tag::OCTET_STRING)?).ok()?.with(tag::OCTET_STRING);
        }
    }
}
