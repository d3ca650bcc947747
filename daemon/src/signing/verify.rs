//! Verification of every signature before it leaves, with a library that is not the Key's.

use super::signature_scheme;
use ukey_dbus::{Algorithm, Error, ErrorKind};
use ukey_formats::verify::{Verifier, verify_digest};
use ukey_formats::{PublicKey, VerifyError};

/// Checks a signature over a digest, which for SM2 is e. `SignatureInvalid` when it does not fit, `AlgorithmUnsupported`
/// when the algorithm is none for this kind of key.
pub(crate) fn verify(key: &PublicKey, algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> Result<(), Error> {
    named(algorithm, verify_digest(key, signature_scheme(algorithm), digest, signature))
}

/// The same by a key of a Key, which is used again and again.
pub(crate) fn verify_own(key: &Verifier, algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> Result<(), Error> {
    named(algorithm, key.verify_digest(signature_scheme(algorithm), digest, signature))
}

fn named(algorithm: Algorithm, verified: Result<(), VerifyError>) -> Result<(), Error> {
    verified.map_err(|error| {
        let (kind, message) = match error {
            VerifyError::Unsupported => {
                let message = format!("{algorithm} does not fit this certificate's key");
                return Error::new(ErrorKind::AlgorithmUnsupported, message);
            }
            VerifyError::DigestLength => (ErrorKind::InvalidArgument, "digest of wrong length"),
            _ => (ErrorKind::SignatureInvalid, "the signature does not fit the certificate"),
        };
        Error::new(kind, message)
    })
}
