//! How a digest is signed.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// How to sign a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignScheme {
    /// RSASSA-PKCS1-v1_5: the shim puts the digest into a DigestInfo (RFC 8017, 9.2).
    RsaPkcs1(HashKind),
    /// RSASSA-PSS with MGF1 of the same hash and a salt as long as the digest.
    RsaPss(HashKind),
    /// ECDSA on the digest.
    Ecdsa,
    /// SM2 on e = SM3(Z ‖ M) of GM/T 0003.2, which is the digest: 32 bytes. The signature is passed on as the module
    /// gives it.
    Sm2(Sm2Mechanism),
}

/// The vendor's numbers for SM2, for which PKCS#11 has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sm2Mechanism {
    /// `CKA_KEY_TYPE` of the key.
    pub key_type: u64,
    /// The mechanism that signs e. It gets no parameter.
    pub mechanism: u64,
    /// How to tell the key from others of the same name and type.
    pub public_key: Option<Sm2PublicKey>,
}

/// The public key that belongs to the wanted private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sm2PublicKey {
    /// Attribute of the public key object that holds the point, or its x alone.
    pub attribute: u64,
    /// x of the point, big-endian.
    pub x: [u8; 32],
    /// y of the point, big-endian.
    pub y: [u8; 32],
}

/// Hash of an RSA signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HashKind {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A digest, 32 to 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(pub ByteBuf);
