//! The structure of a certificate (RFC 5280, 4.1), with the bytes of the parts that are compared or copied later.

use crate::signed::Signed;
use der::asn1::{BitStringRef, IntRef};
use der::{Decode, Reader, SliceReader, TagMode, TagNumber};
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::time::Validity;

/// What is signed in a certificate. Read by hand, since `x509_cert::Certificate` keeps no bytes and sorts the
/// attributes of a name, so that writing a name again can give other bytes than the issuer signed.
pub(super) struct TbsCertificate<'a> {
    pub(super) version: Version,
    pub(super) serial_number: IntRef<'a>,
    pub(super) serial_number_der: &'a [u8],
    pub(super) signature_algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) issuer: Name,
    pub(super) issuer_der: &'a [u8],
    pub(super) validity: Validity,
    pub(super) subject: Name,
    pub(super) subject_der: &'a [u8],
    pub(super) public_key: SubjectPublicKeyInfoRef<'a>,
    pub(super) extensions: Vec<Extension>,
}

impl<'a> TbsCertificate<'a> {
    /// Reads a whole certificate; nothing may follow it.
    pub(super) fn from_certificate(der: &'a [u8]) -> der::Result<(Self, Signed<'a>)> {
        let signed = Signed::from_der(der)?;
        let mut reader = SliceReader::new(&der[signed.tbs.clone()])?;
        let tbs = reader.sequence(Self::read)?;
        reader.finish()?;
        Ok((tbs, signed))
    }

    fn read(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        let version = reader.context_specific::<Version>(TagNumber(0), TagMode::Explicit)?;
        let serial_number_der = reader.tlv_bytes()?;
        let signature_algorithm = AlgorithmIdentifierRef::decode(reader)?;
        let issuer_der = reader.tlv_bytes()?;
        let validity = Validity::decode(reader)?;
        let subject_der = reader.tlv_bytes()?;
        let public_key = SubjectPublicKeyInfoRef::decode(reader)?;
        // Unique identifiers of issuer and subject: obsolete, allowed, unused.
        reader.context_specific::<BitStringRef<'_>>(TagNumber(1), TagMode::Implicit)?;
        reader.context_specific::<BitStringRef<'_>>(TagNumber(2), TagMode::Implicit)?;
        let extensions = reader.context_specific::<Vec<Extension>>(TagNumber(3), TagMode::Explicit)?;
        Ok(Self {
            version: version.unwrap_or_default(),
            serial_number: IntRef::from_der(serial_number_der)?,
            serial_number_der,
            signature_algorithm,
            issuer: Name::from_der(issuer_der)?,
            issuer_der,
            validity,
            subject: Name::from_der(subject_der)?,
            subject_der,
            public_key,
            extensions: extensions.unwrap_or_default(),
        })
    }
}
