//! The forms of an ECDSA (or SM2) signature: `r‖s` as PKCS#11 gives it, DER as everyone else reads it, and what
//! modules make of both.

use crate::ParseError;
use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};

/// Longest signature that is read, in bytes: any form of any curve fits, with room for padding.
const MAX_LENGTH: usize = 512;
/// Each half of the blob of GM/T 0016 has 512 bits, for every curve (ECC_MAX_XCOORDINATE_BITS_LEN).
const BLOB_HALF: usize = 64;
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// The form in which a module gives a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureForm {
    /// `r‖s`, both as long as the curve's field (PKCS#11 3.1, 6.3.1).
    Raw,
    /// SEQUENCE of two INTEGERs, read leniently.
    Der,
    /// `ECCSIGNATUREBLOB` of GM/T 0016: two numbers of 64 bytes, padded in front.
    Blob,
}

/// `ECDSA-Sig-Value` of RFC 3279, 2.2.3; `SM2Signature` of GM/T 0009 has the same form.
#[derive(Sequence)]
struct SignatureValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// Turns `r‖s`, each `curve_bytes` long and big-endian (PKCS#11 3.1, 6.3.1), into DER with minimal INTEGERs.
///
/// # Errors
/// [`ParseError::SignatureLength`] unless `raw` is exactly twice `curve_bytes`; [`ParseError::SignatureZero`] when
/// either number is zero. Whether the signature is right is not looked at.
pub fn raw_to_der(raw: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    let expected = curve_bytes.saturating_mul(2);
    if raw.len() != expected {
        return Err(ParseError::SignatureLength { length: raw.len(), expected });
    }
    let (r, s) = raw.split_at(curve_bytes);
    if is_zero(r) || is_zero(s) {
        return Err(ParseError::SignatureZero);
    }
    Ok(SignatureValue { r: UintRef::new(r)?, s: UintRef::new(s)? }.to_der()?)
}

/// Turns strict DER into `r‖s`, each `curve_bytes` long.
///
/// # Errors
/// [`ParseError::Der`] for anything but DER with positive, minimal INTEGERs; [`ParseError::SignatureNumber`] for a
/// number that is longer than `curve_bytes`; [`ParseError::SignatureZero`].
pub fn der_to_raw(der: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    let value = SignatureValue::from_der(der)?;
    join(value.r.as_bytes(), value.s.as_bytes(), curve_bytes)
}

/// Reads the signature of a module whose form isn't known, and gives `r‖s`, each `curve_bytes` long.
///
/// What is strict DER is that; else what is exactly twice as long as the field is raw, what has the length and the
/// padding of a blob is one, and everything else has to be DER of a kind. A raw signature looks like strict DER about
/// once in 2⁴⁰.
///
/// # Errors
/// As [`read_as`].
pub fn read(signature: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    let form = if der_to_raw(signature, curve_bytes).is_ok() {
        SignatureForm::Der
    } else if signature.len() == curve_bytes.saturating_mul(2) {
        SignatureForm::Raw
    } else if read_as(signature, SignatureForm::Blob, curve_bytes).is_ok() {
        SignatureForm::Blob
    } else {
        SignatureForm::Der
    };
    read_as(signature, form, curve_bytes)
}

/// Reads the signature of a module in this form, and gives `r‖s`, each `curve_bytes` long.
///
/// DER may have INTEGERs with too many leading zeros and lengths in a longer form than needed. A negative INTEGER is
/// taken modulo the size of the field, since modules write a number whose top bit is set without the zero in front,
/// or sign-extended. Nothing may follow the signature.
///
/// # Errors
/// [`ParseError::SignatureLength`] when a raw signature or a blob has another length; [`ParseError::SignatureMalformed`]
/// when it has not this form; [`ParseError::SignatureNumber`] when `r` or `s` doesn't fit the field;
/// [`ParseError::SignatureZero`] when either is zero. Whether the signature is right is not looked at.
pub fn read_as(signature: &[u8], form: SignatureForm, curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    let half = match form {
        SignatureForm::Der => return read_der(signature, curve_bytes),
        SignatureForm::Raw => curve_bytes,
        SignatureForm::Blob => BLOB_HALF,
    };
    let expected = half.saturating_mul(2);
    if signature.len() != expected {
        return Err(ParseError::SignatureLength { length: signature.len(), expected });
    }
    let (r, s) = signature.split_at(half);
    join(r, s, curve_bytes)
}

fn read_der(signature: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    if signature.len() > MAX_LENGTH {
        return Err(ParseError::SignatureMalformed);
    }
    let (content, after) = element(signature, SEQUENCE)?;
    let (r, rest) = element(content, INTEGER)?;
    let (s, rest) = element(rest, INTEGER)?;
    if !after.is_empty() || !rest.is_empty() {
        return Err(ParseError::SignatureMalformed);
    }
    join(&modulo(r, curve_bytes)?, &modulo(s, curve_bytes)?, curve_bytes)
}

/// The content of the element at the start, and what follows it. BER's longer forms of a length are taken.
fn element(input: &[u8], tag: u8) -> Result<(&[u8], &[u8]), ParseError> {
    const LONG_FORM: u8 = 0x80;
    let [first, length, rest @ ..] = input else { return Err(ParseError::SignatureMalformed) };
    let (length, rest) = match length.checked_sub(LONG_FORM) {
        None => (usize::from(*length), rest),
        Some(octets @ 1..=4) => {
            let (octets, rest) = rest.split_at_checked(octets.into()).ok_or(ParseError::SignatureMalformed)?;
            let length = octets.iter().try_fold(0_usize, |length, octet| {
                length.checked_mul(256).and_then(|length| length.checked_add(usize::from(*octet)))
            });
            (length.ok_or(ParseError::SignatureMalformed)?, rest)
        }
        Some(_) => return Err(ParseError::SignatureMalformed),
    };
    match rest.split_at_checked(length) {
        Some(parts) if *first == tag => Ok(parts),
        _ => Err(ParseError::SignatureMalformed),
    }
}

/// The value of an INTEGER's content, modulo 256 to the power of `curve_bytes` when it is negative.
fn modulo(content: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    match content.first() {
        None => Err(ParseError::SignatureMalformed),
        Some(first) if first & 0x80 != 0 && content.len() < curve_bytes => {
            let extension = curve_bytes - content.len();
            Ok([vec![0xff; extension].as_slice(), content].concat())
        }
        Some(_) => Ok(content.to_vec()),
    }
}

/// `r‖s` from two unsigned numbers of any length.
fn join(r: &[u8], s: &[u8], curve_bytes: usize) -> Result<Vec<u8>, ParseError> {
    let mut raw = Vec::with_capacity(curve_bytes.saturating_mul(2).min(MAX_LENGTH));
    for number in [r, s] {
        if is_zero(number) {
            return Err(ParseError::SignatureZero);
        }
        let padding = curve_bytes.saturating_sub(number.len());
        let (excess, number) = number.split_at(number.len().saturating_sub(curve_bytes));
        if !is_zero(excess) {
            return Err(ParseError::SignatureNumber);
        }
        raw.extend(std::iter::repeat_n(0, padding));
        raw.extend_from_slice(number);
    }
    Ok(raw)
}

fn is_zero(number: &[u8]) -> bool {
    number.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    #[test]
    fn numbers_are_minimal_and_positive() {
        assert_eq!(raw_to_der(&[0x00, 0x7f, 0x80, 0x01], 2).unwrap(), [0x30, 8, 2, 1, 0x7f, 2, 3, 0, 0x80, 0x01]);
    }

    #[test]
    fn a_long_form_length_is_used_where_it_is_needed() {
        let der = raw_to_der(&[0xff; 132], 66).unwrap();
        assert_eq!(der[..6], [0x30, 0x81, 138, 2, 67, 0]);
    }

    #[test]
    fn wrong_lengths_and_zeros_are_refused() {
        assert_eq!(raw_to_der(&[1; 63], 32), Err(ParseError::SignatureLength { length: 63, expected: 64 }));
        assert_eq!(raw_to_der(&[], 32), Err(ParseError::SignatureLength { length: 0, expected: 64 }));
        assert_eq!(raw_to_der(&[], 0), Err(ParseError::SignatureZero));
        assert_eq!(raw_to_der(&[0, 0, 0, 1], 2), Err(ParseError::SignatureZero));
        assert_eq!(raw_to_der(&[0, 1, 0, 0], 2), Err(ParseError::SignatureZero));
        assert!(raw_to_der(&[1], usize::MAX).is_err());
    }

    /// A SEQUENCE of these INTEGERs, as given.
    fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
        let integer = |content: &[u8]| [&[INTEGER, u8::try_from(content.len()).unwrap()], content].concat();
        let content = [integer(r), integer(s)].concat();
        [&[SEQUENCE, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
    }

    #[test]
    fn der_with_negative_padded_and_short_numbers_is_read() {
        let expected = Ok(vec![0x80, 0x01, 0x00, 0x7f]);
        for (r, s) in [
            (&[0, 0x80, 1][..], &[0x7f][..]),
            (&[0x80, 1], &[0, 0x7f]),
            (&[0, 0, 0, 0, 0x80, 1], &[0, 0, 0, 0, 0, 0x7f]),
        ] {
            assert_eq!(read_as(&der(r, s), SignatureForm::Der, 2), expected);
        }
        // −128 modulo 2^16.
        assert_eq!(read(&der(&[0x80], &[1]), 2), Ok(vec![0xff, 0x80, 0, 1]));
    }

    #[test]
    fn longer_forms_of_a_length_are_read() {
        for der in [
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 2][..],
            &[0x30, 0x82, 0, 6, 2, 1, 1, 2, 1, 2],
            &[0x30, 8, 2, 0x81, 1, 1, 2, 0x81, 1, 2],
            &[0x30, 0x84, 0, 0, 0, 6, 2, 1, 1, 2, 1, 2],
        ] {
            assert_eq!(read(der, 2), Ok(vec![0, 1, 0, 2]), "{der:x?}");
            assert!(der_to_raw(der, 2).is_err());
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let malformed = Err(ParseError::SignatureMalformed);
        for input in [
            &[][..],
            &[0x30],
            &[0x30, 0],
            &[0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 6, 2, 1, 1, 2, 1, 2],
            &[0x31, 6, 2, 1, 1, 2, 1, 2],
            &[0x30, 6, 3, 1, 1, 2, 1, 2],
            &[0x30, 6, 2, 1, 1, 2, 1],
            &[0x30, 5, 2, 1, 1, 2, 0],
            &[0x30, 7, 2, 1, 1, 2, 1, 2, 0],
            &[0x30, 6, 2, 1, 1, 2, 1, 2, 0],
            &[0x30, 3, 2, 1, 1],
        ] {
            assert_eq!(read_as(input, SignatureForm::Der, 2), malformed, "{input:x?}");
        }
        assert_eq!(read(&der(&[1, 0, 0], &[1]), 2), Err(ParseError::SignatureNumber));
        assert_eq!(read(&der(&[0xff, 0x80, 1], &[1]), 2), Err(ParseError::SignatureNumber));
        assert_eq!(read(&der(&[0, 0], &[1]), 2), Err(ParseError::SignatureZero));
        let long = [&[SEQUENCE, 0x82, 2, 0], vec![0; 512].as_slice()].concat();
        assert_eq!(read(&long, 2), malformed);
    }

    #[test]
    fn der_as_long_as_a_raw_signature_is_der() {
        let raw = [&[0; 3][..], &[1; 29], &[0; 3], &[1; 29]].concat();
        let der = raw_to_der(&raw, 32).unwrap();
        assert_eq!(der.len(), 64);
        assert_eq!(read(&der, 32), Ok(raw));
        assert_eq!(read_as(&der, SignatureForm::Raw, 32), Ok(der));
    }

    #[test]
    fn a_blob_is_two_numbers_padded_in_front() {
        let blob = [&[0; 32][..], &[0x30; 32], &[0; 32], &[9; 32]].concat();
        assert_eq!(read(&blob, 32), Ok([[0x30; 32], [9; 32]].concat()));
        assert_eq!(read_as(&blob, SignatureForm::Blob, 48).unwrap().len(), 96);
        let mut wide = blob.clone();
        wide[0] = 1;
        assert_eq!(read_as(&wide, SignatureForm::Blob, 32), Err(ParseError::SignatureNumber));
        let zero = [&[0; 64][..], &[1; 64]].concat();
        assert_eq!(read_as(&zero, SignatureForm::Blob, 32), Err(ParseError::SignatureZero));
        let length = ParseError::SignatureLength { length: 127, expected: 128 };
        assert_eq!(read_as(&blob[1..], SignatureForm::Blob, 32), Err(length));
    }

    proptest! {
        #[test]
        fn every_form_gives_the_same_numbers(r in vec(any::<u8>(), 32), s in vec(any::<u8>(), 32)) {
            let unsigned = der(&r, &s);
            let raw = [r.as_slice(), &s].concat();
            let Ok(der) = raw_to_der(&raw, 32) else {
                return Ok(());
            };
            let value = SignatureValue::from_der(&der).unwrap();
            assert_eq!(value.r, UintRef::new(&r).unwrap());
            assert_eq!(value.s, UintRef::new(&s).unwrap());
            let pad = [0; 32];
            let blob = [&pad, r.as_slice(), &pad, &s].concat();
            assert_eq!(der_to_raw(&der, 32).as_ref(), Ok(&raw));
            for form in [&raw, &der, &blob, &unsigned] {
                assert_eq!(read(form, 32).as_ref(), Ok(&raw));
            }
        }
    }
}
