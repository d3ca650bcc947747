//! Algorithm identifiers: written as RFC 5754, RFC 4056 and GM/T 0006 have them, read as others write them.

use super::tlv::{Reader, Tlv};
use super::{MessageError, oid, tag, write};
use crate::hash::HashAlgorithm;
use crate::verify::SignatureScheme;
use crate::{Curve, PublicKey};
use der::asn1::ObjectIdentifier;

const NULL: &[u8] = &[tag::NULL, 0];

/// Identifier of a hash function. Its parameters are absent (RFC 5754, 2).
pub(super) fn digest_identifier(hash: HashAlgorithm) -> Vec<u8> {
    write::sequence(&[&write::oid(hash.oid())])
}

/// Identifier of a signature algorithm.
pub(super) fn signature_identifier(scheme: SignatureScheme) -> Result<Vec<u8>, MessageError> {
    use HashAlgorithm::{Sha256, Sha384, Sha512, Sm3};
    let absent = |oid| Ok(write::sequence(&[&write::oid(oid)]));
    match scheme {
        SignatureScheme::RsaPkcs1(Sm3) | SignatureScheme::RsaPss(Sm3) | SignatureScheme::Ecdsa(Sm3) => {
            Err(MessageError::UnsupportedScheme)
        }
        // Not sha256WithRSAEncryption: this is the name that every reader takes.
        SignatureScheme::RsaPkcs1(_) => Ok(write::sequence(&[&write::oid(oid::RSA), NULL])),
        SignatureScheme::RsaPss(hash) => Ok(write::sequence(&[&write::oid(oid::RSA_PSS), &pss_parameters(hash)])),
        SignatureScheme::Ecdsa(Sha256) => absent(oid::ECDSA_SHA256),
        SignatureScheme::Ecdsa(Sha384) => absent(oid::ECDSA_SHA384),
        SignatureScheme::Ecdsa(Sha512) => absent(oid::ECDSA_SHA512),
        SignatureScheme::Sm2 => absent(oid::SM2_SM3),
    }
}

/// `RSASSA-PSS-params` (RFC 4055, 3.1): this hash twice, a salt as long as the digest.
fn pss_parameters(hash: HashAlgorithm) -> Vec<u8> {
    let hash_identifier = write::sequence(&[&write::oid(hash.oid()), NULL]);
    let mgf1 = write::sequence(&[&write::oid(oid::MGF1), &hash_identifier]);
    // At most 64.
    let salt = write::integer(hash.length() as u8);
    write::sequence(&[
        &write::tlv(tag::CONTEXT_0, &[&hash_identifier]),
        &write::tlv(tag::CONTEXT_1, &[&mgf1]),
        &write::tlv(tag::CONTEXT_2, &[&salt]),
    ])
}

/// An identifier as it was read.
#[derive(Clone, Copy)]
struct Identifier<'a> {
    oid: &'a [u8],
    parameters: Option<Tlv<'a>>,
}

impl<'a> Identifier<'a> {
    fn read(der: Tlv<'a>) -> Result<Self, MessageError> {
        const WHAT: &str = "algorithm identifier";
        let mut reader = Reader::new(der.with(tag::SEQUENCE).ok_or(MessageError::Malformed(WHAT))?);
        let oid = reader.expect(tag::OID, WHAT)?.value;
        let parameters = if reader.is_finished() { None } else { Some(reader.any()?) };
        reader.finish()?;
        Ok(Self { oid, parameters })
    }

    fn is(self, oid: ObjectIdentifier) -> bool {
        self.oid == oid.as_bytes()
    }

    /// No parameters, or NULL, which many write in their place.
    fn is_plain(self) -> bool {
        self.parameters.is_none_or(|parameters| parameters.der == NULL)
    }
}

/// The hash function that this identifier names; `None` for one that isn't known.
pub(super) fn read_digest(der: Tlv<'_>) -> Result<Option<HashAlgorithm>, MessageError> {
    let identifier = Identifier::read(der)?;
    if !identifier.is_plain() {
        return Ok(None);
    }
    if identifier.is(oid::SM3_WITHOUT_KEY) {
        return Ok(Some(HashAlgorithm::Sm3));
    }
    let known = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512, HashAlgorithm::Sm3];
    Ok(known.into_iter().find(|hash| identifier.is(hash.oid())))
}

/// A signature algorithm as a signer names it. Some names leave the hash, or even the kind, to the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureAlgorithm {
    /// With the hash in the name, or with that of the signer.
    RsaPkcs1(Option<HashAlgorithm>),
    RsaPss(HashAlgorithm),
    Ecdsa(HashAlgorithm),
    Sm2,
    /// id-ecPublicKey: what the key's curve takes.
    EllipticCurve,
    Unknown,
}

/// Why a signer's signature algorithm is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SchemeFault {
    /// Not known, or not for such a key.
    Unsupported,
    /// It uses another hash than the signer's digest algorithm.
    AnotherHash,
}

impl SignatureAlgorithm {
    pub(super) fn read(der: Tlv<'_>) -> Result<Self, MessageError> {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let identifier = Identifier::read(der)?;
        if identifier.is(oid::RSA_PSS) {
            return Ok(identifier.parameters.and_then(read_pss_parameters).map_or(Self::Unknown, Self::RsaPss));
        }
        if !identifier.is_plain() {
            // The curve beside the name of the key's kind says nothing new.
            let curve_beside =
                identifier.is(oid::EC_KEY) && identifier.parameters.is_some_and(|curve| curve.tag == tag::OID);
            return Ok(if curve_beside { Self::EllipticCurve } else { Self::Unknown });
        }
        let names = [
            (oid::RSA, Self::RsaPkcs1(None)),
            (oid::RSA_SHA256, Self::RsaPkcs1(Some(Sha256))),
            (oid::RSA_SHA384, Self::RsaPkcs1(Some(Sha384))),
            (oid::RSA_SHA512, Self::RsaPkcs1(Some(Sha512))),
            (oid::ECDSA_SHA256, Self::Ecdsa(Sha256)),
            (oid::ECDSA_SHA384, Self::Ecdsa(Sha384)),
            (oid::ECDSA_SHA512, Self::Ecdsa(Sha512)),
            (oid::SM2_SM3, Self::Sm2),
            (oid::SM2_SIGNATURE, Self::Sm2),
            (oid::SM2, Self::Sm2),
            (oid::EC_KEY, Self::EllipticCurve),
        ];
        Ok(names.into_iter().find(|(oid, _)| identifier.is(*oid)).map_or(Self::Unknown, |(_, algorithm)| algorithm))
    }

    /// The scheme by which a signer with this digest algorithm and this key has signed.
    pub(super) fn scheme(self, digest: HashAlgorithm, key: &PublicKey) -> Result<SignatureScheme, SchemeFault> {
        let is_sm2 = matches!(key, PublicKey::Ec { curve: Curve::Sm2, .. });
        let scheme = match (self, key) {
            (Self::RsaPkcs1(named), PublicKey::Rsa { .. }) => SignatureScheme::RsaPkcs1(named.unwrap_or(digest)),
            (Self::RsaPss(hash), PublicKey::Rsa { .. }) => SignatureScheme::RsaPss(hash),
            (Self::Sm2 | Self::EllipticCurve, PublicKey::Ec { .. }) if is_sm2 => SignatureScheme::Sm2,
            (Self::Ecdsa(hash), PublicKey::Ec { .. }) if !is_sm2 => SignatureScheme::Ecdsa(hash),
            (Self::EllipticCurve, PublicKey::Ec { .. }) => SignatureScheme::Ecdsa(digest),
            _ => return Err(SchemeFault::Unsupported),
        };
        if scheme.hash() == digest { Ok(scheme) } else { Err(SchemeFault::AnotherHash) }
    }
}

/// The hash of `RSASSA-PSS-params`, when it is the same for the mask and the salt is as long; other parameters are
/// not known.
fn read_pss_parameters(parameters: Tlv<'_>) -> Option<HashAlgorithm> {
    let mut reader = Reader::new(parameters.with(tag::SEQUENCE)?);
    let hash = read_digest(explicit(&mut reader, tag::CONTEXT_0)?).ok()??;
    let mask = Identifier::read(explicit(&mut reader, tag::CONTEXT_1)?).ok()?;
    let mask_hash = read_digest(mask.parameters?).ok()??;
    let salt = explicit(&mut reader, tag::CONTEXT_2)?;
    // The trailer field has only its default value, which DER leaves out.
    reader.finish().ok()?;
    (mask.is(oid::MGF1) && mask_hash == hash && salt.der == write::integer(hash.length() as u8)).then_some(hash)
}

/// The value in the next one, if that has this tag.
fn explicit<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Tlv<'a>> {
    Tlv::only(reader.optional(tag).ok()??.value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

    fn read(der: &[u8]) -> SignatureAlgorithm {
        SignatureAlgorithm::read(Tlv::only(der).unwrap()).unwrap()
    }

    fn rsa() -> PublicKey {
        PublicKey::Rsa { bits: 2048, pkcs1_der: Vec::new() }
    }

    fn ec(curve: Curve) -> PublicKey {
        PublicKey::Ec { curve, point: Vec::new() }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_scheme() {
        for hash in HASHES {
            for (scheme, key) in [
                (SignatureScheme::RsaPkcs1(hash), rsa()),
                (SignatureScheme::RsaPss(hash), rsa()),
                (SignatureScheme::Ecdsa(hash), ec(Curve::P384)),
            ] {
                assert_eq!(read(&signature_identifier(scheme).unwrap()).scheme(hash, &key), Ok(scheme));
            }
        }
        let sm2 = signature_identifier(SignatureScheme::Sm2).unwrap();
        assert_eq!(sm2, [0x30, 10, 6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75]);
        assert_eq!(read(&sm2).scheme(HashAlgorithm::Sm3, &ec(Curve::Sm2)), Ok(SignatureScheme::Sm2));
        for scheme in [SignatureScheme::RsaPkcs1, SignatureScheme::RsaPss, SignatureScheme::Ecdsa] {
            assert_eq!(signature_identifier(scheme(HashAlgorithm::Sm3)), Err(MessageError::UnsupportedScheme));
        }
    }

    #[test]
    fn the_hash_of_the_name_must_be_the_signers() {
        let named = read(&write::sequence(&[&write::oid(oid::RSA_SHA256), NULL]));
        assert_eq!(named.scheme(HashAlgorithm::Sha256, &rsa()), Ok(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256)));
        assert_eq!(named.scheme(HashAlgorithm::Sha384, &rsa()), Err(SchemeFault::AnotherHash));
        assert_eq!(
            SignatureAlgorithm::Sm2.scheme(HashAlgorithm::Sha256, &ec(Curve::Sm2)),
            Err(SchemeFault::AnotherHash)
        );
    }

    #[test]
    fn the_key_decides_what_a_bare_name_means_and_what_cannot_be() {
        let bare = SignatureAlgorithm::EllipticCurve;
        assert_eq!(bare.scheme(HashAlgorithm::Sm3, &ec(Curve::Sm2)), Ok(SignatureScheme::Sm2));
        let sha256 = HashAlgorithm::Sha256;
        assert_eq!(bare.scheme(sha256, &ec(Curve::P256)), Ok(SignatureScheme::Ecdsa(sha256)));
        for (algorithm, key) in [
            (bare, rsa()),
            (SignatureAlgorithm::Ecdsa(sha256), ec(Curve::Sm2)),
            (SignatureAlgorithm::Sm2, ec(Curve::P256)),
            (SignatureAlgorithm::RsaPkcs1(None), ec(Curve::P256)),
            (SignatureAlgorithm::Unknown, rsa()),
        ] {
            assert_eq!(algorithm.scheme(sha256, &key), Err(SchemeFault::Unsupported));
        }
    }

    #[test]
    fn parameters_are_absent_or_null() {
        let with = |oid, parameters: &[u8]| write::sequence(&[&write::oid(oid), parameters]);
        for parameters in [&[][..], NULL] {
            assert_eq!(read(&with(oid::SM2_SM3, parameters)), SignatureAlgorithm::Sm2);
            let digest = with(HashAlgorithm::Sha384.oid(), parameters);
            assert_eq!(read_digest(Tlv::only(&digest).unwrap()), Ok(Some(HashAlgorithm::Sha384)));
        }
        assert_eq!(read(&with(oid::SM2_SM3, &[2, 1, 0])), SignatureAlgorithm::Unknown);
        let digest = with(HashAlgorithm::Sha384.oid(), &[2, 1, 0]);
        assert_eq!(read_digest(Tlv::only(&digest).unwrap()), Ok(None));
        assert!(SignatureAlgorithm::read(Tlv::only(&[0x30, 0]).unwrap()).is_err());
    }

    #[test]
    fn other_parameters_of_pss_are_not_known() {
        let mut der = signature_identifier(SignatureScheme::RsaPss(HashAlgorithm::Sha256)).unwrap();
        assert_eq!(read(&der), SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256));
        // The last byte is the length of the salt.
        *der.last_mut().unwrap() = 20;
        assert_eq!(read(&der), SignatureAlgorithm::Unknown);
        // Without parameters: SHA-1 and a salt of 20 bytes.
        assert_eq!(read(&write::sequence(&[&write::oid(oid::RSA_PSS), &[0x30, 0]])), SignatureAlgorithm::Unknown);
    }
}
