//! SM2 signatures (GM/T 0003.2): what is hashed outside the Key, and the forms of `r` and `s`.

use crate::ecdsa::{self, SignatureForm};
use crate::hash::{HashAlgorithm, Hasher};
use crate::{Curve, ParseError, PublicKey};

/// The user identity that everyone uses who agreed on no other (GM/T 0009, 10).
pub const USER_ID: &[u8] = b"1234567812345678";
/// Length of a coordinate, and of `r` and `s`, in bytes.
const COORDINATE: usize = Curve::Sm2.bytes();
/// Length of `r‖s` in bytes.
pub const SIGNATURE_LENGTH: usize = 2 * COORDINATE;

/// The curve's `a ‖ b ‖ x_G ‖ y_G` (GM/T 0003.5).
const PARAMETERS: [[u8; COORDINATE]; 4] = [
    number([0xffff_fffe_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_fffc]),
    number([0x28e9_fa9e_9d9f_5e34, 0x4d5a_9e4b_cf65_09a7, 0xf397_89f5_15ab_8f92, 0xddbc_bd41_4d94_0e93]),
    number([0x32c4_ae2c_1f19_8119, 0x5f99_0446_6a39_c994, 0x8fe3_0bbf_f266_0be1, 0x715a_4589_334c_74c7]),
    number([0xbc37_36a2_f4f6_779c, 0x59bd_cee3_6b69_2153, 0xd0a9_877c_c62a_4740, 0x02df_32e5_2139_f0a0]),
];

/// `Z`: SM3 over the user identity with its length, the curve and the public key (GM/T 0003.2, 5.5).
///
/// # Errors
/// [`ParseError::NotSm2`] for a key of another kind; [`ParseError::UserIdTooLong`].
pub fn z(key: &PublicKey, id: &[u8]) -> Result<[u8; 32], ParseError> {
    let bits = u16::try_from(id.len() * 8).map_err(|_| ParseError::UserIdTooLong)?;
    let mut hasher = Hasher::new(HashAlgorithm::Sm3);
    hasher.update(&bits.to_be_bytes());
    hasher.update(id);
    PARAMETERS.iter().for_each(|parameter| hasher.update(parameter));
    hasher.update(&point(key)?[1..]);
    let mut z = [0; 32];
    z.copy_from_slice(&hasher.finish());
    Ok(z)
}

/// A hasher for `e = SM3(Z ‖ M)` with [`USER_ID`]: give it the message, its digest is what the Key signs.
///
/// # Errors
/// [`ParseError::NotSm2`] for a key of another kind.
pub fn hasher(key: &PublicKey) -> Result<Hasher, ParseError> {
    let mut hasher = Hasher::new(HashAlgorithm::Sm3);
    hasher.update(&z(key, USER_ID)?);
    Ok(hasher)
}

/// Reads a module's signature in whatever form it has: `r‖s`, DER, or the blob of GM/T 0016. Gives `r‖s`.
///
/// # Errors
/// See [`ecdsa::read`].
pub fn read_signature(signature: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], ParseError> {
    fixed(&ecdsa::read(signature, COORDINATE)?)
}

/// Reads a module's signature in this form. Gives `r‖s`.
///
/// # Errors
/// See [`ecdsa::read_as`].
pub fn read_signature_as(signature: &[u8], form: SignatureForm) -> Result<[u8; SIGNATURE_LENGTH], ParseError> {
    fixed(&ecdsa::read_as(signature, form, COORDINATE)?)
}

/// `r‖s` as DER (`SM2Signature` of GM/T 0009): minimal, positive INTEGERs.
///
/// # Errors
/// [`ParseError::SignatureZero`].
pub fn to_der(signature: &[u8; SIGNATURE_LENGTH]) -> Result<Vec<u8>, ParseError> {
    ecdsa::raw_to_der(signature, COORDINATE)
}

/// The uncompressed point of an SM2 key.
pub(crate) fn point(key: &PublicKey) -> Result<&[u8; 65], ParseError> {
    match key {
        PublicKey::Ec { curve: Curve::Sm2, point } => {
            point.as_slice().try_into().map_err(|_| ParseError::PublicKeyMalformed)
        }
        _ => Err(ParseError::NotSm2),
    }
}

fn fixed(signature: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], ParseError> {
    signature.try_into().map_err(|_| ParseError::SignatureMalformed)
}

/// A number from its 64-bit words, the highest first.
const fn number(words: [u64; 4]) -> [u8; COORDINATE] {
    let mut bytes = [0; COORDINATE];
    let mut place = 0;
    while place < COORDINATE {
        bytes[place] = words[place / 8].to_be_bytes()[place % 8];
        place += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{SignatureScheme, VerifyError, verify_digest, verify_message};

    /// The example of GM/T 0003.5, A.2: public key, Z, e, r, s.
    const X: [u64; 4] = [0x09f9_df31_1e54_21a1, 0x50dd_7d16_1e4b_c5c6, 0x7217_9fad_1833_fc07, 0x6bb0_8ff3_56f3_5020];
    const Y: [u64; 4] = [0xccea_490c_e267_75a5, 0x2dc6_ea71_8cc1_aa60, 0x0aed_05fb_f35e_084a, 0x6632_f607_2da9_ad13];
    const Z: [u64; 4] = [0xb2e1_4c5c_79c6_df5b, 0x85f4_fe7e_d8db_7a26, 0x2b9d_a7e0_7ccb_0ea9, 0xf474_7b8c_cda8_a4f3];
    const E: [u64; 4] = [0xf0b4_3e94_ba45_acca, 0xace6_92ed_5343_82eb, 0x17e6_ab5a_19ce_7b31, 0xf448_6fdf_c0d2_8640];
    const R: [u64; 4] = [0xf5a0_3b06_48d2_c463, 0x0eea_c513_e1bb_81a1, 0x5944_da38_27d5_b741, 0x43ac_7eac_eee7_20b3];
    const S: [u64; 4] = [0xb1b6_aa29_df21_2fd8, 0x7631_82bc_0d42_1ca1, 0xbb90_38fd_1f7f_42d4, 0x840b_69c4_85bb_c1aa];
    const MESSAGE: &[u8] = b"message digest";

    fn key() -> PublicKey {
        PublicKey::Ec { curve: Curve::Sm2, point: [&[4][..], &number(X), &number(Y)].concat() }
    }

    fn signature() -> [u8; SIGNATURE_LENGTH] {
        [number(R), number(S)].concat().try_into().unwrap()
    }

    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(z(&key(), USER_ID), Ok(number(Z)));
        let mut hasher = hasher(&key()).unwrap();
        hasher.update(MESSAGE);
        assert_eq!(hasher.finish(), number(E));
        let der = to_der(&signature()).unwrap();
        assert_eq!(verify_digest(&key(), SignatureScheme::Sm2, &number(E), &der), Ok(()));
        assert_eq!(verify_message(&key(), SignatureScheme::Sm2, MESSAGE, &der), Ok(()));
    }

    #[test]
    fn any_other_bit_is_refused() {
        let (good, e) = (signature(), number(E));
        for bit in 0..8 * good.len() {
            let mut wrong = good;
            wrong[bit / 8] ^= 1 << (bit % 8);
            let der = to_der(&wrong).unwrap();
            assert_eq!(verify_digest(&key(), SignatureScheme::Sm2, &e, &der), Err(VerifyError::Invalid));
        }
        let der = to_der(&good).unwrap();
        assert_eq!(verify_digest(&key(), SignatureScheme::Sm2, &number(Z), &der), Err(VerifyError::Invalid));
        assert_eq!(verify_digest(&key(), SignatureScheme::Sm2, &e[1..], &der), Err(VerifyError::DigestLength));
        assert_eq!(verify_digest(&key(), SignatureScheme::Sm2, &e, &good), Err(VerifyError::Invalid));
        let ecdsa = SignatureScheme::Ecdsa(HashAlgorithm::Sm3);
        assert_eq!(verify_digest(&key(), ecdsa, &e, &der), Err(VerifyError::Unsupported));
    }

    #[test]
    fn a_point_off_the_curve_verifies_nothing() {
        let off = PublicKey::Ec { curve: Curve::Sm2, point: [&[4][..], &number(X), &number(X)].concat() };
        let der = to_der(&signature()).unwrap();
        assert_eq!(verify_digest(&off, SignatureScheme::Sm2, &number(E), &der), Err(VerifyError::Invalid));
    }

    #[test]
    fn only_keys_of_sm2_have_z() {
        let p256 = PublicKey::Ec { curve: Curve::P256, point: vec![4; 65] };
        assert_eq!(z(&p256, USER_ID), Err(ParseError::NotSm2));
        assert_eq!(SignatureScheme::Sm2.hasher(&p256).err(), Some(VerifyError::Unsupported));
        assert!(z(&key(), &[0; 8191]).is_ok());
        assert_eq!(z(&key(), &[0; 8192]), Err(ParseError::UserIdTooLong));
    }

    #[test]
    fn every_form_of_a_signature_is_read() {
        let (raw, pad) = (signature(), [0; 32]);
        let (r, s) = raw.split_at(COORDINATE);
        let negative = [&[0x30, 68, 2, 32][..], r, &[2, 32], s].concat();
        let padded = [&[0x30, 74, 2, 35, 0, 0, 0][..], r, &[2, 35, 0, 0, 0], s].concat();
        let blob = [&pad, r, &pad, s].concat();
        let der = to_der(&raw).unwrap();
        for (form, bytes) in [
            (SignatureForm::Raw, raw.to_vec()),
            (SignatureForm::Der, der),
            (SignatureForm::Der, negative),
            (SignatureForm::Der, padded),
            (SignatureForm::Blob, blob),
        ] {
            assert_eq!(read_signature(&bytes), Ok(raw));
            assert_eq!(read_signature_as(&bytes, form), Ok(raw));
            assert!(read_signature(&[bytes.as_slice(), &[0]].concat()).is_err());
            assert!(read_signature(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
