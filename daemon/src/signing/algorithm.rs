//! How an algorithm of the contract becomes a request to a shim, and its answer a signature of the contract.

use crate::config::Sm2Profile;
use ukey_dbus::{Algorithm, Error, ErrorKind, Hash, Scheme};
use ukey_formats::{Curve, HashAlgorithm, PublicKey, SignatureScheme, ecdsa, sm2};
use ukey_shim_protocol::{HashKind, SignScheme, Sm2Mechanism, Sm2PublicKey};

/// The same in the words of the formats.
pub(crate) fn signature_scheme(algorithm: Algorithm) -> SignatureScheme {
    let hash = match algorithm.hash() {
        Hash::Sha256 => HashAlgorithm::Sha256,
        Hash::Sha384 => HashAlgorithm::Sha384,
        Hash::Sha512 => HashAlgorithm::Sha512,
        Hash::Sm3 => HashAlgorithm::Sm3,
    };
    match algorithm.scheme() {
        Scheme::RsaPkcs1 => SignatureScheme::RsaPkcs1(hash),
        Scheme::RsaPss => SignatureScheme::RsaPss(hash),
        Scheme::Ecdsa => SignatureScheme::Ecdsa(hash),
        Scheme::Sm2 => SignatureScheme::Sm2,
    }
}

/// What the shim is asked to do. `AlgorithmUnsupported` for SM2 with no profile that says how, and for what no shim does.
pub(crate) fn sign_scheme(
    algorithm: Algorithm,
    key: &PublicKey,
    profile: Option<&Sm2Profile>,
) -> Result<SignScheme, Error> {
    Ok(match signature_scheme(algorithm) {
        SignatureScheme::RsaPkcs1(hash) => SignScheme::RsaPkcs1(hash_kind(hash)?),
        SignatureScheme::RsaPss(hash) => SignScheme::RsaPss(hash_kind(hash)?),
        SignatureScheme::Ecdsa(_) => SignScheme::Ecdsa,
        SignatureScheme::Sm2 => {
            let Sm2Profile { key_type, mechanism, public_key, .. } =
                *profile.ok_or_else(|| unsupported("no vendor profile fits this Key"))?;
            let public_key = public_key.and_then(|attribute| public_key_of(attribute, key));
            SignScheme::Sm2(Sm2Mechanism { key_type, mechanism, public_key })
        }
    })
}

fn hash_kind(hash: HashAlgorithm) -> Result<HashKind, Error> {
    match hash {
        HashAlgorithm::Sha256 => Ok(HashKind::Sha256),
        HashAlgorithm::Sha384 => Ok(HashKind::Sha384),
        HashAlgorithm::Sha512 => Ok(HashKind::Sha512),
        HashAlgorithm::Sm3 => Err(unsupported("SM3 is signed by SM2 only")),
    }
}

fn public_key_of(attribute: u64, key: &PublicKey) -> Option<Sm2PublicKey> {
    let PublicKey::Ec { curve: Curve::Sm2, point } = key else { return None };
    let (x, y) = point.get(1..)?.split_at_checked(Curve::Sm2.bytes())?;
    Some(Sm2PublicKey { attribute, x: x.try_into().ok()?, y: y.try_into().ok()? })
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::AlgorithmUnsupported, message)
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

/// The signature in the form of the contract: RSA as it is, ECDSA and SM2 as DER.
pub(crate) fn wire_form(
    algorithm: Algorithm,
    key: &PublicKey,
    profile: Option<&Sm2Profile>,
    raw: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let coordinate = match (algorithm.scheme(), key) {
        (Scheme::RsaPkcs1 | Scheme::RsaPss, _) => return Ok(raw),
        (Scheme::Sm2, _) => {
            let read = match profile.and_then(|profile| profile.signature.form()) {
                Some(form) => sm2::read_signature_as(&raw, form),
                None => sm2::read_signature(&raw),
            };
            return read.and_then(|signature| sm2::to_der(&signature)).map_err(|error| wrong_form(&error));
        }
        (Scheme::Ecdsa, PublicKey::Ec { curve: Curve::P384, .. }) => 48,
        (Scheme::Ecdsa, _) => 32,
    };
    ecdsa::raw_to_der(&raw, coordinate).map_err(|error| wrong_form(&error))
}

fn wrong_form(error: &ukey_formats::ParseError) -> Error {
    Error::new(ErrorKind::SignatureInvalid, error.to_string())
}
