//! Verification of signatures, with libraries that are not the Key's.

use crate::hash::{HashAlgorithm, Hasher};
use crate::{Curve, ParseError, PublicKey, ecdsa, sm2};
use ::sm2::dsa::signature::hazmat::PrehashVerifier;
use ::sm2::dsa::{Signature, VerifyingKey};
use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Lengths of RSA keys that are accepted, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// How a signature is made from a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2) with this hash.
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS (RFC 8017, 8.1) with this hash, MGF1 with the same, and a salt as long as the digest.
    RsaPss(HashAlgorithm),
    /// ECDSA (FIPS 186-5) over a digest by this hash.
    Ecdsa(HashAlgorithm),
    /// SM2 over `e = SM3(Z ‖ M)` with the user identity [`sm2::USER_ID`] (GM/T 0003.2, GM/T 0009).
    Sm2,
}

impl SignatureScheme {
    /// The hash function of its digest.
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss(hash) | Self::Ecdsa(hash) => hash,
            Self::Sm2 => HashAlgorithm::Sm3,
        }
    }

    /// A hasher whose digest this scheme signs with this key: for SM2 it has hashed `Z` already.
    ///
    /// # Errors
    /// [`VerifyError::Unsupported`] for SM2 with another kind of key.
    pub fn hasher(self, key: &PublicKey) -> Result<Hasher, VerifyError> {
        match self {
            Self::Sm2 => sm2::hasher(key).map_err(|_| VerifyError::Unsupported),
            _ => Ok(Hasher::new(self.hash())),
        }
    }
}

/// Why a signature is not accepted. Deterministic: the same input fails again. No PIN counter moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The scheme is none for this kind of key, or is not known, or the RSA key is outside 2048 to 8192 bits.
    #[error("this signature algorithm does not fit the key, or is not supported")]
    Unsupported,
    /// The digest has not the length of the scheme's hash.
    #[error("digest of wrong length")]
    DigestLength,
    /// The signature is not one of this key over this digest, or not in its strict form.
    #[error("the signature does not fit")]
    Invalid,
}

/// Checks a signature over a digest: RSA in its own form, ECDSA and SM2 as strict DER. For SM2 the digest is `e`.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_digest(
    key: &PublicKey,
    scheme: SignatureScheme,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    match means(key, scheme)? {
        Means::Sm2 => verify_sm2(key, digest, signature),
        Means::Library(algorithm, public) => {
            let digest = import(digest, scheme)?;
            let public = UnparsedPublicKey::new(algorithm, public);
            public.verify_digest(&digest, signature).map_err(|_| VerifyError::Invalid)
        }
    }
}

/// A public key that signatures are checked with again and again: what the library makes of it is kept.
#[derive(Debug)]
pub struct Verifier {
    key: PublicKey,
    /// A library's key is one for a scheme; a Key's key has six at most.
    parsed: Mutex<Vec<(SignatureScheme, Arc<ParsedPublicKey>)>>,
}

impl Verifier {
    /// Of this key. One that is none is found out when it is used.
    pub fn new(key: PublicKey) -> Self {
        Self { key, parsed: Mutex::default() }
    }

    /// The same as [`verify_digest`].
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify_digest(&self, scheme: SignatureScheme, digest: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        match means(&self.key, scheme)? {
            Means::Sm2 => verify_sm2(&self.key, digest, signature),
            Means::Library(algorithm, public) => {
                let digest = import(digest, scheme)?;
                let public = self.parsed(scheme, algorithm, public)?;
                public.verify_digest_sig(&digest, signature).map_err(|_| VerifyError::Invalid)
            }
        }
    }

    fn parsed(
        &self,
        scheme: SignatureScheme,
        algorithm: &'static dyn VerificationAlgorithm,
        public: &[u8],
    ) -> Result<Arc<ParsedPublicKey>, VerifyError> {
        let mut all = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, parsed)) = all.iter().find(|(of, _)| *of == scheme) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(ParsedPublicKey::new(algorithm, public).map_err(|_| VerifyError::Invalid)?);
        all.push((scheme, Arc::clone(&parsed)));
        Ok(parsed)
    }
}

/// What checks a signature of one scheme by one key.
enum Means<'a> {
    Sm2,
    Library(&'static dyn VerificationAlgorithm, &'a [u8]),
}

fn means(key: &PublicKey, scheme: SignatureScheme) -> Result<Means<'_>, VerifyError> {
    Ok(match (key, scheme) {
        (PublicKey::Ec { curve: Curve::Sm2, .. }, SignatureScheme::Sm2) => Means::Sm2,
        (PublicKey::Rsa { bits, pkcs1_der }, _) if RSA_BITS.contains(bits) => Means::Library(rsa(scheme)?, pkcs1_der),
        (PublicKey::Ec { curve, point }, SignatureScheme::Ecdsa(hash)) => Means::Library(ec(*curve, hash)?, point),
        _ => return Err(VerifyError::Unsupported),
    })
}

fn import(digest: &[u8], scheme: SignatureScheme) -> Result<Digest, VerifyError> {
    let hash = scheme.hash().aws().ok_or(VerifyError::Unsupported)?;
    Digest::import_less_safe(digest, hash).map_err(|_| VerifyError::DigestLength)
}

/// Checks a signature over a message in memory.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_message(
    key: &PublicKey,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let mut hasher = scheme.hasher(key)?;
    hasher.update(message);
    verify_digest(key, scheme, &hasher.finish(), signature)
}

fn verify_sm2(key: &PublicKey, e: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    if e.len() != HashAlgorithm::Sm3.length() {
        return Err(VerifyError::DigestLength);
    }
    let invalid = |_: ParseError| VerifyError::Invalid;
    let raw = ecdsa::der_to_raw(signature, Curve::Sm2.bytes()).map_err(invalid)?;
    let signature = Signature::from_slice(&raw).map_err(|_| VerifyError::Invalid)?;
    // The identity plays no part when e is given.
    let key = VerifyingKey::from_sec1_bytes("", sm2::point(key).map_err(invalid)?).map_err(|_| VerifyError::Invalid)?;
    key.verify_prehash(e, &signature).map_err(|_| VerifyError::Invalid)
}

fn rsa(scheme: SignatureScheme) -> Result<&'static dyn VerificationAlgorithm, VerifyError> {
    Ok(match scheme {
        SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
        SignatureScheme::RsaPkcs1(HashAlgorithm::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
        SignatureScheme::RsaPkcs1(HashAlgorithm::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
        SignatureScheme::RsaPss(HashAlgorithm::Sha256) => &RSA_PSS_2048_8192_SHA256,
        SignatureScheme::RsaPss(HashAlgorithm::Sha384) => &RSA_PSS_2048_8192_SHA384,
        SignatureScheme::RsaPss(HashAlgorithm::Sha512) => &RSA_PSS_2048_8192_SHA512,
        _ => return Err(VerifyError::Unsupported),
    })
}

fn ec(curve: Curve, hash: HashAlgorithm) -> Result<&'static dyn VerificationAlgorithm, VerifyError> {
    Ok(match (curve, hash) {
        (Curve::P256, HashAlgorithm::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (Curve::P256, HashAlgorithm::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (Curve::P256, HashAlgorithm::Sha512) => &ECDSA_P256_SHA512_ASN1,
        (Curve::P384, HashAlgorithm::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (Curve::P384, HashAlgorithm::Sha384) => &ECDSA_P384_SHA384_ASN1,
        (Curve::P384, HashAlgorithm::Sha512) => &ECDSA_P384_SHA512_ASN1,
        _ => return Err(VerifyError::Unsupported),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
    };

    const SHA256: HashAlgorithm = HashAlgorithm::Sha256;

    fn digest(message: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(SHA256);
        hasher.update(message);
        hasher.finish()
    }

    /// What is kept says the same as what is made anew: of the right signature, and of all others.
    fn assert_same(key: &PublicKey, signatures: &[(SignatureScheme, Vec<u8>)]) {
        let verifier = Verifier::new(key.clone());
        let (right, wrong) = (digest(b"order"), digest(b"another"));
        for _ in 0..2 {
            for (made_by, signature) in signatures {
                for (scheme, _) in signatures {
                    for digest in [&right[..], &wrong, &right[1..]] {
                        let expected = verify_digest(key, *scheme, digest, signature);
                        assert_eq!(verifier.verify_digest(*scheme, digest, signature), expected);
                        let fits = made_by == scheme && digest == right;
                        assert_eq!(expected.is_ok(), fits, "{made_by:?} as {scheme:?}");
                    }
                }
            }
        }
        let sm2 = verifier.verify_digest(SignatureScheme::Sm2, &right, &signatures[0].1);
        assert_eq!(sm2, Err(VerifyError::Unsupported));
    }

    #[test]
    fn a_kept_rsa_key_is_one_for_each_scheme() {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
        let sign = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), b"order", &mut signature).unwrap();
            signature
        };
        let key = PublicKey::Rsa { bits: 2048, pkcs1_der: pair.public_key().as_ref().to_vec() };
        let signatures = [
            (SignatureScheme::RsaPkcs1(SHA256), sign(&RSA_PKCS1_SHA256)),
            (SignatureScheme::RsaPss(SHA256), sign(&RSA_PSS_SHA256)),
        ];
        assert_same(&key, &signatures);
    }

    #[test]
    fn a_kept_key_on_a_curve() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"order").unwrap().as_ref().to_vec();
        let key = PublicKey::Ec { curve: Curve::P256, point: pair.public_key().as_ref().to_vec() };
        assert_same(&key, &[(SignatureScheme::Ecdsa(SHA256), signature)]);
    }

    #[test]
    fn a_point_off_its_curve_is_no_key() {
        let verifier = Verifier::new(PublicKey::Ec { curve: Curve::P256, point: [&[4][..], &[7; 64]].concat() });
        let invalid = verifier.verify_digest(SignatureScheme::Ecdsa(SHA256), &digest(b"order"), &[0x30, 0]);
        assert_eq!(invalid, Err(VerifyError::Invalid));
    }
}
