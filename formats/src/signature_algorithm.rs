//! Which scheme the AlgorithmIdentifier of a signed structure (certificate, revocation list) names.

use crate::{HashAlgorithm, SignatureScheme};
use der::Sequence;
use der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::spki::AlgorithmIdentifierRef;

/// RSA with PKCS #1 v1.5 padding (RFC 4055, 5), ECDSA (RFC 5758, 3.2) and SM2 (GM/T 0006): parameters absent or NULL.
const PLAIN: &[(ObjectIdentifier, SignatureScheme)] = &[
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256)),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), SignatureScheme::RsaPkcs1(HashAlgorithm::Sha384)),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), SignatureScheme::RsaPkcs1(HashAlgorithm::Sha512)),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), SignatureScheme::Ecdsa(HashAlgorithm::Sha256)),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), SignatureScheme::Ecdsa(HashAlgorithm::Sha384)),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"), SignatureScheme::Ecdsa(HashAlgorithm::Sha512)),
    (ObjectIdentifier::new_unwrap("1.2.156.10197.1.501"), SignatureScheme::Sm2),
];
/// id-RSASSA-PSS (RFC 4055, 3.1).
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// id-mgf1 (RFC 4055, 2.2).
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");

/// `RSASSA-PSS-params` of RFC 4055, 3.1. The defaults are all of SHA-1, so that a value has to be there.
#[derive(Sequence)]
struct PssParameters<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u32>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u32>,
}

/// The scheme, `None` for one that isn't known or not trusted any more (SHA-1, MD5), or for parameters that aren't those
/// of the scheme.
pub(crate) fn scheme(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<SignatureScheme> {
    if algorithm.oid == RSA_PSS {
        return pss(algorithm.parameters?);
    }
    let plain = algorithm.parameters.is_none_or(AnyRef::is_null);
    PLAIN.iter().find(|(oid, _)| plain && *oid == algorithm.oid).map(|(_, scheme)| *scheme)
}

/// One hash function everywhere and a salt as long as its digest: everyone does that.
fn pss(parameters: AnyRef<'_>) -> Option<SignatureScheme> {
    let parameters: PssParameters<'_> = parameters.decode_as().ok()?;
    let hash = HashAlgorithm::from_oid(parameters.hash?.oid)?;
    let mask = parameters.mask.filter(|mask| mask.oid == MGF1)?;
    let mask_hash: AlgorithmIdentifierRef<'_> = mask.parameters?.decode_as().ok()?;
    let salt_fits = parameters.salt_length.and_then(|length| usize::try_from(length).ok()) == Some(hash.length());
    let fits = mask_hash.oid == hash.oid() && salt_fits && parameters.trailer.is_none_or(|trailer| trailer == 1);
    fits.then_some(SignatureScheme::RsaPss(hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode;

    fn read(der: &[u8]) -> Option<SignatureScheme> {
        scheme(&AlgorithmIdentifierRef::from_der(der).unwrap())
    }

    #[test]
    fn sm2_with_parameters_absent_or_null() {
        let oid = [6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75];
        let with = |parameters: &[u8]| {
            let length = u8::try_from(oid.len() + parameters.len()).unwrap();
            read(&[&[0x30, length], oid.as_slice(), parameters].concat())
        };
        assert_eq!(with(&[]), Some(SignatureScheme::Sm2));
        assert_eq!(with(&[5, 0]), Some(SignatureScheme::Sm2));
        assert_eq!(with(&[2, 1, 0]), None);
    }

    /// RSASSA-PSS with this hash, mask hash (last byte of the identifier) and length of the salt.
    fn pss_with(hash: u8, mask: u8, salt: u8) -> Option<SignatureScheme> {
        let sha = |last| [&[0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last][..], &[5, 0]].concat();
        let mgf1 = [&[0x30, 26, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8][..], &sha(mask)].concat();
        let fields = [&[0xa0, 15][..], &sha(hash), &[0xa1, 28], &mgf1, &[0xa2, 3, 2, 1, salt]].concat();
        let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
        read(&[&[0x30, 65][..], &oid, &[0x30, 52], &fields].concat())
    }

    #[test]
    fn pss_wants_one_hash_and_its_length_of_salt() {
        assert_eq!(pss_with(1, 1, 32), Some(SignatureScheme::RsaPss(HashAlgorithm::Sha256)));
        assert_eq!(pss_with(3, 3, 64), Some(SignatureScheme::RsaPss(HashAlgorithm::Sha512)));
        assert_eq!(pss_with(1, 2, 32), None);
        assert_eq!(pss_with(1, 1, 20), None);
        assert_eq!(pss_with(9, 9, 32), None);
        // Empty parameters mean SHA-1.
        assert_eq!(read(&[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10, 0x30, 0]), None);
    }

    #[test]
    fn sha1_is_not_known() {
        assert_eq!(read(&[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0]), None);
        assert_eq!(
            read(&[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0]),
            Some(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256))
        );
    }
}
