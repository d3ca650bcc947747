//! The signed attributes of a message that is being made: what the Key signs.

use super::signing_certificate::signing_certificate_v2;
use super::{Encoding, MessageError, oid, tag, write};
use crate::Certificate;
use crate::hash::HashAlgorithm;
use der::asn1::{GeneralizedTime, ObjectIdentifier, UtcTime};
use der::{DateTime, Encode};
use std::time::Duration;

/// Signed attributes (RFC 5652, 5.3) of one signer: content type, message digest, signing time if wanted, and the
/// signer's certificate (RFC 5035, 3). The signature is made over their SET OF in DER, with the same hash as the
/// content's; for SM2 over `e` of those bytes.
#[derive(Clone, Debug)]
pub struct SignedAttributes {
    der: Vec<u8>,
    pub(super) encoding: Encoding,
    pub(super) hash: HashAlgorithm,
    pub(super) certificate: Certificate,
}

impl SignedAttributes {
    /// Puts the attributes of a content with this digest together. `signing_time` is in Unix seconds; `certificate` is
    /// the signer's, and is named by a digest of the same `hash`.
    ///
    /// # Errors
    /// [`MessageError::DigestLength`] unless the digest has the length of the hash; [`MessageError::SigningTime`].
    pub fn new(
        encoding: Encoding,
        hash: HashAlgorithm,
        message_digest: &[u8],
        signing_time: Option<u64>,
        certificate: &Certificate,
    ) -> Result<Self, MessageError> {
        if message_digest.len() != hash.length() {
            return Err(MessageError::DigestLength);
        }
        let mut attributes = vec![
            attribute(oid::CONTENT_TYPE, &write::oid(encoding.data())),
            attribute(oid::MESSAGE_DIGEST, &write::tlv(tag::OCTET_STRING, &[message_digest])),
            attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate_v2(certificate, hash)),
        ];
        if let Some(seconds) = signing_time {
            attributes.push(attribute(oid::SIGNING_TIME, &time(seconds)?));
        }
        Ok(Self { der: write::set_of(tag::SET, attributes), encoding, hash, certificate: certificate.clone() })
    }

    /// The bytes that are hashed and signed.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The hash function for the content and for these attributes.
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// As they stand in the message: under the implicit tag `[0]`.
    pub(super) fn tagged(&self) -> Vec<u8> {
        let mut der = self.der.clone();
        der[0] = tag::CONTEXT_0;
        der
    }
}

/// An attribute with one value.
pub(super) fn attribute(oid: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(oid), &write::tlv(tag::SET, &[value])])
}

/// UTCTime to the end of 2049, GeneralizedTime from then on (RFC 5652, 11.3).
fn time(seconds: u64) -> Result<Vec<u8>, MessageError> {
    let out_of_range = |_| MessageError::SigningTime;
    let moment = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(out_of_range)?;
    match UtcTime::from_date_time(moment) {
        Ok(time) => time.to_der(),
        Err(_) => GeneralizedTime::from_date_time(moment).to_der(),
    }
    .map_err(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_the_time_changes_with_2050() {
        assert_eq!(time(0).unwrap(), b"\x17\x0d700101000000Z");
        assert_eq!(time(2_524_607_999).unwrap(), b"\x17\x0d491231235959Z");
        assert_eq!(time(2_524_608_000).unwrap(), b"\x18\x0f20500101000000Z");
        assert_eq!(time(253_402_300_799).unwrap(), b"\x18\x0f99991231235959Z");
        assert_eq!(time(253_402_300_800), Err(MessageError::SigningTime));
        assert_eq!(time(u64::MAX), Err(MessageError::SigningTime));
    }
}
