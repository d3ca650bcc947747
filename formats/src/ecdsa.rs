//! The two forms of an ECDSA (or SM2) signature: `r‖s` as PKCS#11 gives it, and DER as everyone else reads it.

use crate::ParseError;
use der::asn1::UintRef;
use der::{Encode, Sequence};

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
    if [r, s].iter().any(|number| number.iter().all(|byte| *byte == 0)) {
        return Err(ParseError::SignatureZero);
    }
    Ok(SignatureValue { r: UintRef::new(r)?, s: UintRef::new(s)? }.to_der()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode;
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

    proptest! {
        #[test]
        fn der_holds_the_same_numbers(r in vec(any::<u8>(), 32), s in vec(any::<u8>(), 32)) {
            let Ok(der) = raw_to_der(&[r.as_slice(), &s].concat(), 32) else {
                return Ok(());
            };
            let value = SignatureValue::from_der(&der).unwrap();
            assert_eq!(value.r, UintRef::new(&r).unwrap());
            assert_eq!(value.s, UintRef::new(&s).unwrap());
        }
    }
}
