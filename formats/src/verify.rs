//! Verification of signatures, with libraries that are not the Key's.

use crate::hash::{HashAlgorithm, Hasher};
use crate::{Curve, ParseError, PublicKey, ecdsa, sm2};
use ::sm2::dsa::signature::hazmat::PrehashVerifier;
use ::sm2::dsa::{Signature, VerifyingKey};
use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

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
    let (verifier, public): (&'static dyn VerificationAlgorithm, &[u8]) = match (key, scheme) {
        (PublicKey::Ec { curve: Curve::Sm2, .. }, SignatureScheme::Sm2) => return verify_sm2(key, digest, signature),
        (PublicKey::Rsa { bits, pkcs1_der }, _) if RSA_BITS.contains(bits) => (rsa(scheme)?, pkcs1_der),
        (PublicKey::Ec { curve, point }, SignatureScheme::Ecdsa(hash)) => (ec(*curve, hash)?, point),
        _ => return Err(VerifyError::Unsupported),
    };
    let hash = scheme.hash().aws().ok_or(VerifyError::Unsupported)?;
    let digest = Digest::import_less_safe(digest, hash).map_err(|_| VerifyError::DigestLength)?;
    UnparsedPublicKey::new(verifier, public).verify_digest(&digest, signature).map_err(|_| VerifyError::Invalid)
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
