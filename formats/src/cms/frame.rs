//! Putting a message together around a content of any length.

use super::algorithm::{digest_identifier, signature_identifier};
use super::signed_attributes::{SignedAttributes, attribute};
use super::tlv::Tlv;
use super::{MessageError, tag, write};
use crate::Certificate;
use crate::verify::SignatureScheme;
use der::asn1::ObjectIdentifier;

/// Where the signed content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// In the message.
    Attached {
        /// Its length in bytes.
        length: u64,
    },
    /// Elsewhere.
    Detached,
}

/// An attribute that the signature doesn't cover: the place of a time-stamp token (RFC 3161, appendix A).
#[derive(Clone, Debug)]
pub struct UnsignedAttribute {
    der: Vec<u8>,
}

impl UnsignedAttribute {
    /// An attribute with one value, which is in DER.
    ///
    /// # Errors
    /// [`MessageError::Ber`] unless the value is exactly one.
    pub fn new(oid: ObjectIdentifier, value: &[u8]) -> Result<Self, MessageError> {
        Tlv::only(value)?;
        Ok(Self { der: attribute(oid, value) })
    }
}

/// A message with one signer, complete but for its content.
#[derive(Clone, Copy, Debug)]
pub struct SignedMessage<'a> {
    /// Where the content is.
    pub content: Content,
    /// What was signed.
    pub signed_attributes: &'a SignedAttributes,
    /// How it was signed.
    pub scheme: SignatureScheme,
    /// The signature over [`SignedAttributes::as_der`]: for RSA in its own form, else in DER.
    pub signature: &'a [u8],
    /// Certificates of CAs to be included beside the signer's, which always is.
    pub chain: &'a [Certificate],
    /// What the signature doesn't cover; usually nothing.
    pub unsigned_attributes: &'a [UnsignedAttribute],
}

/// A message in DER: `header`, then the content if it is attached, then `trailer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What comes before the content.
    pub header: Vec<u8>,
    /// What comes after it.
    pub trailer: Vec<u8>,
}

impl Frame {
    /// The whole message with a content in memory; an empty one if it is detached.
    pub fn around(&self, content: &[u8]) -> Vec<u8> {
        [&self.header, content, &self.trailer].concat()
    }
}

impl SignedMessage<'_> {
    /// Writes the parts of `ContentInfo` (RFC 5652, 3 and 5; GM/T 0010, 8) before and after the content. All lengths
    /// are definite: the result is DER.
    ///
    /// # Errors
    /// [`MessageError::UnsupportedScheme`] when the scheme can't be named or has another hash than the attributes;
    /// [`MessageError::ContentTooLong`].
    pub fn frame(&self) -> Result<Frame, MessageError> {
        let encoding = self.signed_attributes.encoding;
        if self.scheme.hash() != self.signed_attributes.hash {
            return Err(MessageError::UnsupportedScheme);
        }
        let digest_algorithms = write::set_of(tag::SET, vec![digest_identifier(self.scheme.hash())]);
        let mut trailer = self.certificates();
        trailer.extend(write::tlv(tag::SET, &[&self.signer()?]));

        // From the inside outwards, each header with the length of all that it is around.
        let mut message = Headers::new(trailer.len() as u64);
        let mut encapsulated = Headers::new(0);
        if let Content::Attached { length } = self.content {
            encapsulated.add_content(length)?;
            encapsulated.wrap(tag::OCTET_STRING)?;
            encapsulated.wrap(tag::CONTEXT_0)?;
        }
        encapsulated.put(&write::oid(encoding.data()))?;
        encapsulated.wrap(tag::SEQUENCE)?;
        message.put_all(encapsulated)?;
        message.put(&digest_algorithms)?;
        message.put(&write::integer(1))?;
        message.wrap(tag::SEQUENCE)?;
        message.wrap(tag::CONTEXT_0)?;
        message.put(&write::oid(encoding.signed_data()))?;
        message.wrap(tag::SEQUENCE)?;
        Ok(Frame { header: message.bytes(), trailer })
    }

    /// `CertificateSet` under `[0]`: each certificate once.
    fn certificates(&self) -> Vec<u8> {
        let signer = std::iter::once(&self.signed_attributes.certificate);
        let mut certificates: Vec<Vec<u8>> =
            signer.chain(self.chain).map(|certificate| certificate.der.clone()).collect();
        certificates.sort_unstable();
        certificates.dedup();
        write::set_of(tag::CONTEXT_0, certificates)
    }

    /// `SignerInfo`, version 1: the signer is named by issuer and serial number.
    fn signer(&self) -> Result<Vec<u8>, MessageError> {
        let certificate = &self.signed_attributes.certificate;
        let unsigned = if self.unsigned_attributes.is_empty() {
            Vec::new()
        } else {
            let attributes = self.unsigned_attributes.iter().map(|attribute| attribute.der.clone());
            write::set_of(tag::CONTEXT_1, attributes.collect())
        };
        Ok(write::sequence(&[
            &write::integer(1),
            &write::sequence(&[&certificate.issuer_der, &certificate.serial_number_der]),
            &digest_identifier(self.scheme.hash()),
            &self.signed_attributes.tagged(),
            &signature_identifier(self.scheme)?,
            &write::tlv(tag::OCTET_STRING, &[self.signature]),
            &unsigned,
        ]))
    }
}

/// What stands before something whose bytes are not at hand, written from the inside outwards.
struct Headers {
    /// The last part first.
    parts: Vec<Vec<u8>>,
    /// Bytes from here to the end, those that are not at hand included.
    length: u64,
}

impl Headers {
    fn new(length: u64) -> Self {
        Self { parts: Vec::new(), length }
    }

    fn add_content(&mut self, length: u64) -> Result<(), MessageError> {
        self.length = self.length.checked_add(length).ok_or(MessageError::ContentTooLong)?;
        Ok(())
    }

    fn put(&mut self, part: &[u8]) -> Result<(), MessageError> {
        self.parts.push(part.to_vec());
        self.add_content(part.len() as u64)
    }

    /// A value of this tag around everything so far.
    fn wrap(&mut self, tag: u8) -> Result<(), MessageError> {
        self.put(&write::header(tag, self.length))
    }

    fn put_all(&mut self, other: Self) -> Result<(), MessageError> {
        self.parts.extend(other.parts);
        self.add_content(other.length)
    }

    fn bytes(self) -> Vec<u8> {
        self.parts.into_iter().rev().collect::<Vec<_>>().concat()
    }
}
