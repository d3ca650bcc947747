//! Hash functions, at once and piece by piece.

use aws_lc_rs::digest::{self, Context, SHA256, SHA384, SHA512};
use der::asn1::ObjectIdentifier;
use sm3::{Digest, Sm3};
use std::fmt;

const SHA256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const SM3_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.401");

/// A hash function of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SM3 (GM/T 0004).
    Sm3,
}

impl HashAlgorithm {
    /// Length of a digest in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Its object identifier in messages and certificates (RFC 5754, GM/T 0006).
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => SHA256_OID,
            Self::Sha384 => SHA384_OID,
            Self::Sha512 => SHA512_OID,
            Self::Sm3 => SM3_OID,
        }
    }

    /// The hash function of this object identifier; `None` for one that isn't known, or not trusted any more (SHA-1).
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3].into_iter().find(|known| known.oid() == oid)
    }

    /// Digest of bytes in memory.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        hasher.update(data);
        hasher.finish()
    }

    /// The algorithm of aws-lc-rs, which has no SM3.
    pub(crate) fn aws(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::Sha256 => Some(&SHA256),
            Self::Sha384 => Some(&SHA384),
            Self::Sha512 => Some(&SHA512),
            Self::Sm3 => None,
        }
    }
}

/// A digest in the making. Memory does not grow with what is hashed.
#[derive(Clone)]
pub struct Hasher {
    algorithm: HashAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Sha2(Context),
    Sm3(Sm3),
}

impl Hasher {
    /// Starts with nothing hashed.
    pub fn new(algorithm: HashAlgorithm) -> Self {
        let state = algorithm.aws().map_or_else(|| State::Sm3(Sm3::new()), |aws| State::Sha2(Context::new(aws)));
        Self { algorithm, state }
    }

    /// The hash function.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// Hashes more bytes, of any number.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.state {
            State::Sha2(context) => context.update(data),
            State::Sm3(sm3) => sm3.update(data),
        }
    }

    /// The digest, of [`HashAlgorithm::length`] bytes.
    pub fn finish(self) -> Vec<u8> {
        match self.state {
            State::Sha2(context) => context.finish().as_ref().to_vec(),
            State::Sm3(sm3) => sm3.finalize().to_vec(),
        }
    }
}

/// Without its state, which tells of what was hashed.
impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [HashAlgorithm; 4] =
        [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512, HashAlgorithm::Sm3];

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_examples_of_the_standards() {
        // GM/T 0004, A.1 and A.2.
        let abc = HashAlgorithm::Sm3.digest(b"abc");
        assert_eq!(hex(&abc), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        let sixteen = HashAlgorithm::Sm3.digest(&b"abcd".repeat(16));
        assert_eq!(hex(&sixteen), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
        // FIPS 180-4.
        let abc = HashAlgorithm::Sha256.digest(b"abc");
        assert_eq!(hex(&abc), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(hex(&HashAlgorithm::Sha384.digest(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab"));
        assert!(hex(&HashAlgorithm::Sha512.digest(b"abc")).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e"));
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        let data: Vec<u8> = (0..1000_u32).map(|number| number as u8).collect();
        for algorithm in ALL {
            let mut hasher = Hasher::new(algorithm);
            data.chunks(37).for_each(|piece| hasher.update(piece));
            let digest = hasher.finish();
            assert_eq!(digest, algorithm.digest(&data));
            assert_eq!(digest.len(), algorithm.length());
        }
    }

    #[test]
    fn object_identifiers_lead_back() {
        for algorithm in ALL {
            assert_eq!(HashAlgorithm::from_oid(algorithm.oid()), Some(algorithm));
        }
        // SHA-1.
        assert_eq!(HashAlgorithm::from_oid(ObjectIdentifier::new_unwrap("1.3.14.3.2.26")), None);
    }
}
