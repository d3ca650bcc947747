//! How an algorithm of the contract becomes a request to a shim, and its answer a signature of the contract.

use ukey_dbus::{Algorithm, Error, ErrorKind, Hash, Scheme};
use ukey_formats::{Curve, PublicKey, ecdsa};
use ukey_shim_protocol::{HashKind, SignScheme};

/// What the shim is asked to do.
pub(crate) fn sign_scheme(algorithm: Algorithm) -> SignScheme {
    let hash = match algorithm.hash() {
        Hash::Sha256 => HashKind::Sha256,
        Hash::Sha384 => HashKind::Sha384,
        Hash::Sha512 => HashKind::Sha512,
    };
    match algorithm.scheme() {
        Scheme::RsaPkcs1 => SignScheme::RsaPkcs1(hash),
        Scheme::RsaPss => SignScheme::RsaPss(hash),
        Scheme::Ecdsa => SignScheme::Ecdsa,
    }
}

/// Refuses a digest that can't be one of this algorithm.
pub(crate) fn check_digest(algorithm: Algorithm, digest: &[u8]) -> Result<(), Error> {
    let expected = algorithm.hash().length();
    if digest.len() == expected {
        return Ok(());
    }
    let message = format!("{algorithm} signs a digest of {expected} bytes, not {}", digest.len());
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// The signature in the form of the contract: RSA as it is, ECDSA as DER.
pub(crate) fn wire_form(algorithm: Algorithm, key: &PublicKey, raw: Vec<u8>) -> Result<Vec<u8>, Error> {
    let coordinate = match (algorithm.scheme(), key) {
        (Scheme::RsaPkcs1 | Scheme::RsaPss, _) => return Ok(raw),
        (Scheme::Ecdsa, PublicKey::Ec { curve: Curve::P384, .. }) => 48,
        (Scheme::Ecdsa, _) => 32,
    };
    ecdsa::raw_to_der(&raw, coordinate).map_err(|error| Error::new(ErrorKind::SignatureInvalid, error.to_string()))
}
