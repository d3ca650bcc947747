//! The public key of a certificate, in the forms that verification takes.

use crate::ParseError;
use der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use der::{Decode, Sequence};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// rsaEncryption (RFC 3279, 2.3.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey (RFC 5480, 2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// First byte of an uncompressed point (SEC 1, 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key. Its numbers are not checked to be a good key: the library that verifies does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// An RSA key.
    Rsa {
        /// Length of the modulus in bits.
        bits: usize,
        /// `RSAPublicKey` of PKCS #1 (RFC 8017, A.1.1) in DER.
        pkcs1_der: Vec<u8>,
    },
    /// A key on an elliptic curve that the service knows.
    Ec {
        /// The curve.
        curve: Curve,
        /// The uncompressed point of SEC 1: 4, x, y. Whether it is on the curve is not checked.
        point: Vec<u8>,
    },
    /// Any other key.
    Other {
        /// Dotted object identifier: of the curve for a named elliptic curve, else of the algorithm.
        oid: String,
    },
}

/// A curve by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, secp256r1.
    P256,
    /// NIST P-384, secp384r1.
    P384,
    /// The curve of SM2 (GM/T 0003.5).
    Sm2,
}

impl Curve {
    /// Length of a coordinate, and of each number of a signature, in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::P256 | Self::Sm2 => 32,
            Self::P384 => 48,
        }
    }

    fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
        const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
        const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
        match oid {
            P256 => Some(Self::P256),
            P384 => Some(Self::P384),
            SM2 => Some(Self::Sm2),
            _ => None,
        }
    }
}

/// `RSAPublicKey` of PKCS #1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

impl PublicKey {
    pub(super) fn from_spki(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<Self, ParseError> {
        let algorithm = spki.algorithm.oid;
        if algorithm == RSA {
            return Self::rsa(key_bytes(spki)?);
        }
        if algorithm != EC {
            return Ok(Self::Other { oid: algorithm.to_string() });
        }
        // Parameters that spell a curve out may be any curve, a weak one too: they are no curve that is known here.
        let Some(Ok(curve_oid)) = spki.algorithm.parameters.map(AnyRef::decode_as::<ObjectIdentifier>) else {
            return Ok(Self::Other { oid: algorithm.to_string() });
        };
        match Curve::from_oid(curve_oid) {
            Some(curve) => Self::ec(curve, key_bytes(spki)?),
            None => Ok(Self::Other { oid: curve_oid.to_string() }),
        }
    }

    fn rsa(pkcs1_der: &[u8]) -> Result<Self, ParseError> {
        let key = RsaPublicKey::from_der(pkcs1_der)?;
        let bits = bit_length(key.modulus.as_bytes());
        if bits == 0 || bit_length(key.public_exponent.as_bytes()) == 0 {
            return Err(ParseError::PublicKeyMalformed);
        }
        Ok(Self::Rsa { bits, pkcs1_der: pkcs1_der.to_vec() })
    }

    fn ec(curve: Curve, point: &[u8]) -> Result<Self, ParseError> {
        match point.split_first() {
            Some((&UNCOMPRESSED, coordinates)) if coordinates.len() == 2 * curve.bytes() => {
                Ok(Self::Ec { curve, point: point.to_vec() })
            }
            Some((&UNCOMPRESSED, _)) | None => Err(ParseError::PublicKeyMalformed),
            Some(_) => Err(ParseError::PointNotUncompressed),
        }
    }
}

/// The key's bytes: a BIT STRING of whole bytes.
fn key_bytes<'a>(spki: &SubjectPublicKeyInfoRef<'a>) -> Result<&'a [u8], ParseError> {
    spki.subject_public_key.as_bytes().ok_or(ParseError::PublicKeyMalformed)
}

/// Bits of a big-endian number, from its first one bit.
fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let rest = &number[zeros..];
    rest.first().map_or(0, |first| rest.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uncompressed_points_of_the_right_length_are_taken() {
        assert!(PublicKey::ec(Curve::P256, &[4; 65]).is_ok());
        assert_eq!(PublicKey::ec(Curve::P384, &[4; 65]), Err(ParseError::PublicKeyMalformed));
        assert_eq!(PublicKey::ec(Curve::P256, &[]), Err(ParseError::PublicKeyMalformed));
        for form in [0, 2, 3, 6, 7] {
            assert_eq!(PublicKey::ec(Curve::P256, &[form; 33]), Err(ParseError::PointNotUncompressed));
        }
    }

    #[test]
    fn an_rsa_key_has_a_modulus_and_an_exponent() {
        assert!(matches!(PublicKey::rsa(&[0x30, 7, 2, 2, 1, 1, 2, 1, 3]), Ok(PublicKey::Rsa { bits: 9, .. })));
        assert_eq!(PublicKey::rsa(&[0x30, 6, 2, 1, 0, 2, 1, 3]), Err(ParseError::PublicKeyMalformed));
        assert_eq!(PublicKey::rsa(&[0x30, 6, 2, 1, 5, 2, 1, 0]), Err(ParseError::PublicKeyMalformed));
        assert!(matches!(PublicKey::rsa(&[0x30, 6, 2, 1, 0xff, 2, 1, 3]), Err(ParseError::Der(_))));
    }
}
