//! Verification of every signature before it leaves, with a library that is not the Key's.

use super::hash;
use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use ukey_dbus::{Algorithm, Error, ErrorKind};
use ukey_formats::{Curve, PublicKey};

/// Checks a signature over a digest. `SignatureInvalid` when it does not fit, `AlgorithmUnsupported` when the
/// algorithm is none for this kind of key.
pub(crate) fn verify(key: &PublicKey, algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> Result<(), Error> {
    let (verifier, public): (&'static dyn VerificationAlgorithm, &[u8]) = match key {
        PublicKey::Rsa { pkcs1_der, .. } => (rsa(algorithm)?, pkcs1_der),
        PublicKey::Ec { curve, point } => (ec(*curve, algorithm)?, point),
        PublicKey::Other { .. } => return Err(unsupported(algorithm)),
    };
    let invalid = |what: &str| Error::new(ErrorKind::SignatureInvalid, what);
    let digest = Digest::import_less_safe(digest, hash::algorithm(algorithm.hash()))
        .map_err(|_| Error::new(ErrorKind::InvalidArgument, "digest of wrong length"))?;
    UnparsedPublicKey::new(verifier, public)
        .verify_digest(&digest, signature)
        .map_err(|_| invalid("the signature does not fit the certificate"))
}

fn rsa(algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm, Error> {
    Ok(match algorithm {
        Algorithm::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RsaPkcs1Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RsaPkcs1Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::RsaPssSha384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::RsaPssSha512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384 => return Err(unsupported(algorithm)),
    })
}

fn ec(curve: Curve, algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm, Error> {
    Ok(match (curve, algorithm) {
        (Curve::P256, Algorithm::EcdsaSha256) => &ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Algorithm::EcdsaSha384) => &ECDSA_P256_SHA384_ASN1,
        (Curve::P384, Algorithm::EcdsaSha256) => &ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Algorithm::EcdsaSha384) => &ECDSA_P384_SHA384_ASN1,
        _ => return Err(unsupported(algorithm)),
    })
}

fn unsupported(algorithm: Algorithm) -> Error {
    Error::new(ErrorKind::AlgorithmUnsupported, format!("{algorithm} does not fit this certificate's key"))
}
