//! The ESS signing-certificate attributes (RFC 5035): the signer's certificate, bound to what is signed.

use super::algorithm::{digest_identifier, read_digest};
use super::tlv::{Reader, Tlv};
use super::{MessageError, tag, write};
use crate::Certificate;
use crate::hash::HashAlgorithm;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// Does the attribute name the certificate that is taken for the signer's?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateReference {
    /// There is no such attribute: the message doesn't say which certificate it was signed with.
    Absent,
    /// It names this certificate.
    Matches,
    /// It names another one.
    Differs,
    /// It can't be read, or occurs twice.
    Malformed,
    /// It uses a hash that isn't known.
    UnsupportedHash,
    /// The signer's certificate was not found.
    NoCertificate,
}

/// Which of the two forms an attribute has.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `SigningCertificate` (RFC 2634): SHA-1.
    V1,
    /// `SigningCertificateV2`: any hash.
    V2,
}

/// `SigningCertificateV2` with the certificate's hash, its issuer and serial number.
pub(super) fn signing_certificate_v2(certificate: &Certificate, hash: HashAlgorithm) -> Vec<u8> {
    // SHA-256 is the default, which DER leaves out.
    let identifier = if hash == HashAlgorithm::Sha256 { Vec::new() } else { digest_identifier(hash) };
    let digest = write::tlv(tag::OCTET_STRING, &[&hash.digest(&certificate.der)]);
    let names = write::sequence(&[&write::tlv(tag::CONTEXT_4, &[&certificate.issuer_der])]);
    let issuer_serial = write::sequence(&[&names, &certificate.serial_number_der]);
    let id = write::sequence(&[&identifier, &digest, &issuer_serial]);
    write::sequence(&[&write::sequence(&[&id])])
}

/// Compares an attribute's value with a certificate. The first certificate that it lists is the signer's.
pub(super) fn check(value: Tlv<'_>, form: Form, certificate: &Certificate) -> CertificateReference {
    compare(value, form, certificate).unwrap_or(CertificateReference::Malformed)
}

fn compare(value: Tlv<'_>, form: Form, certificate: &Certificate) -> Result<CertificateReference, MessageError> {
    const WHAT: &str = "signing-certificate attribute";
    let attribute = value.with(tag::SEQUENCE).ok_or(MessageError::Malformed(WHAT))?;
    let ids = Reader::new(attribute).expect(tag::SEQUENCE, WHAT)?;
    let mut id = ids.reader().expect(tag::SEQUENCE, WHAT)?.reader();
    let hash = match (form, id.optional(tag::SEQUENCE)?) {
        (Form::V1, None) => None,
        (Form::V1, Some(_)) => return Err(MessageError::Malformed(WHAT)),
        (Form::V2, None) => Some(HashAlgorithm::Sha256),
        (Form::V2, Some(identifier)) => match read_digest(identifier)? {
            None => return Ok(CertificateReference::UnsupportedHash),
            known => known,
        },
    };
    let named = id.expect(tag::OCTET_STRING, WHAT)?.value;
    let actual = match hash {
        Some(hash) => hash.digest(&certificate.der),
        None => digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.der).as_ref().to_vec(),
    };
    let mut same = named == actual;
    if let Some(issuer_serial) = id.optional(tag::SEQUENCE)? {
        let mut parts = issuer_serial.reader();
        let names = parts.expect(tag::SEQUENCE, WHAT)?;
        let serial_number = parts.expect(tag::INTEGER, WHAT)?;
        parts.finish()?;
        let directory_name = Tlv::only(names.value)?.with(tag::CONTEXT_4);
        same &= directory_name == Some(&certificate.issuer_der) && serial_number.der == certificate.serial_number_der;
    }
    id.finish()?;
    Ok(if same { CertificateReference::Matches } else { CertificateReference::Differs })
}
