//! From a scheme and a digest to a mechanism, its input, and the signature.

use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki_sys as sys;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Digest, Failure, FailureKind, HashKind, SignScheme};

use crate::failure;
use crate::raw::RawFunctions;

/// Longest signature that is passed on, in bytes: RSA-8192.
const SIGNATURE_MAX: usize = 1024;

/// Digest lengths that ECDSA takes: SHA-256, SHA-384, SHA-512.
const DIGEST_LENGTHS: [usize; 3] = [32, 48, 64];
/// Length of e, which SM2 signs.
const SM2_E_LENGTH: usize = 32;

/// DER of a DigestInfo up to the digest itself (RFC 8017, 9.2, note 1).
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const SHA384_INFO: [u8; 19] =
    [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30];
const SHA512_INFO: [u8; 19] =
    [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40];

/// Whether a digest can be signed this way at all.
pub(crate) fn fits(scheme: SignScheme, digest: &Digest) -> bool {
    match scheme {
        SignScheme::RsaPkcs1(hash) | SignScheme::RsaPss(hash) => digest.0.len() == digest_length(hash),
        SignScheme::Ecdsa => DIGEST_LENGTHS.contains(&digest.0.len()),
        SignScheme::Sm2(_) => digest.0.len() == SM2_E_LENGTH,
    }
}

/// Begins a signature: `C_SignInit`.
pub(crate) fn begin(
    raw: &RawFunctions,
    session: &Session,
    scheme: SignScheme,
    key: ObjectHandle,
) -> Result<(), Failure> {
    // Mechanisms without a hash of their own: every token that signs has them.
    let mechanism = match scheme {
        SignScheme::RsaPkcs1(_) => Mechanism::RsaPkcs,
        SignScheme::RsaPss(hash) => Mechanism::RsaPkcsPss(pss_parameters(hash)),
        SignScheme::Ecdsa => Mechanism::Ecdsa,
        SignScheme::Sm2(vendor) => return raw.sign_init(session, vendor.mechanism, key).map_err(failure::of_code),
    };
    session.sign_init(&mechanism, key).map_err(|error| failure::of_call(&error))
}

/// Ends what [`begin`] began: one call of `C_Sign`.
pub(crate) fn finish(
    raw: &RawFunctions,
    session: &Session,
    scheme: SignScheme,
    digest: &Digest,
) -> Result<ByteBuf, Failure> {
    let mut signature = vec![0; SIGNATURE_MAX];
    match raw.sign(session, &input(scheme, digest), &mut signature) {
        Ok(0) => Err(failure::without_module(FailureKind::Module)),
        Ok(length) => {
            signature.truncate(length);
            Ok(ByteBuf::from(signature))
        }
        Err(refused) => Err(failure::of_code(refused)),
    }
}

/// The kind of key that a scheme needs (`CKA_KEY_TYPE`).
pub(crate) fn key_type(scheme: SignScheme) -> sys::CK_KEY_TYPE {
    match scheme {
        SignScheme::RsaPkcs1(_) | SignScheme::RsaPss(_) => sys::CKK_RSA,
        SignScheme::Ecdsa => sys::CKK_EC,
        SignScheme::Sm2(vendor) => vendor.key_type as sys::CK_KEY_TYPE,
    }
}

/// What the mechanism signs.
fn input(scheme: SignScheme, digest: &Digest) -> Vec<u8> {
    match scheme {
        SignScheme::RsaPkcs1(hash) => [digest_info(hash), &digest.0].concat(),
        SignScheme::RsaPss(_) | SignScheme::Ecdsa | SignScheme::Sm2(_) => digest.0.to_vec(),
    }
}

fn digest_length(hash: HashKind) -> usize {
    match hash {
        HashKind::Sha256 => 32,
        HashKind::Sha384 => 48,
        HashKind::Sha512 => 64,
    }
}

fn digest_info(hash: HashKind) -> &'static [u8] {
    match hash {
        HashKind::Sha256 => &SHA256_INFO,
        HashKind::Sha384 => &SHA384_INFO,
        HashKind::Sha512 => &SHA512_INFO,
    }
}

fn pss_parameters(hash: HashKind) -> PkcsPssParams {
    let (hash_alg, mgf) = match hash {
        HashKind::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        HashKind::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        HashKind::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
    };
    PkcsPssParams { hash_alg, mgf, s_len: (digest_length(hash) as sys::CK_ULONG).into() }
}
