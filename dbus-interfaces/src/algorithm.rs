//! What the algorithms are made of, and which ones a key can do.

use crate::types::{Algorithm, KeyKind};

/// Digest of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
    /// SM3 (GM/T 0004), 32 bytes. Signed by SM2 it is e = SM3(Z ‖ M) of GM/T 0003.2, not SM3(M).
    Sm3,
}

impl Hash {
    /// Length of a digest, in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// What an algorithm does with the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS, the salt as long as the digest.
    RsaPss,
    /// ECDSA.
    Ecdsa,
    /// SM2 (GM/T 0003.2).
    Sm2,
}

impl Algorithm {
    /// The digest that it signs.
    pub fn hash(self) -> Hash {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => Hash::Sha256,
            Self::RsaPkcs1Sha384 | Self::RsaPssSha384 | Self::EcdsaSha384 => Hash::Sha384,
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => Hash::Sha512,
            Self::Sm2Sm3 => Hash::Sm3,
        }
    }

    /// The signature scheme.
    pub fn scheme(self) -> Scheme {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => Scheme::RsaPkcs1,
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => Scheme::RsaPss,
            Self::EcdsaSha256 | Self::EcdsaSha384 => Scheme::Ecdsa,
            Self::Sm2Sm3 => Scheme::Sm2,
        }
    }
}

impl KeyKind {
    /// The algorithms that a key of this kind can do, the preferred one first. A Key does [`Algorithm::Sm2Sm3`] only when
    /// a vendor profile says how.
    pub fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                Algorithm::RsaPkcs1Sha256,
                Algorithm::RsaPkcs1Sha384,
                Algorithm::RsaPkcs1Sha512,
                Algorithm::RsaPssSha256,
                Algorithm::RsaPssSha384,
                Algorithm::RsaPssSha512,
            ],
            Self::EcP256 => &[Algorithm::EcdsaSha256, Algorithm::EcdsaSha384],
            Self::EcP384 => &[Algorithm::EcdsaSha384, Algorithm::EcdsaSha256],
            Self::Sm2 => &[Algorithm::Sm2Sm3],
            Self::Other => &[],
        }
    }
}
