//! Which of several private keys belongs to a certificate: the one whose public key is the certificate's.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use ukey_shim_protocol::Sm2PublicKey;

use crate::raw::RawFunctions;

/// Room for a public key in any form that is known, in bytes; the longest is the ECCPUBLICKEYBLOB of GM/T 0016 with 132.
const POINT_MAX: usize = 256;

/// The private key whose public key object holds the wanted point. These two share their `CKA_LABEL`; the `CKA_ID` is the
/// same for all of them. The private key itself is not asked: on a token where the point is the `CKA_VALUE`, it would
/// answer with its secret.
pub(crate) fn owner(
    raw: &RawFunctions,
    session: &Session,
    private_keys: &[ObjectHandle],
    wanted: &Sm2PublicKey,
) -> Option<ObjectHandle> {
    private_keys.iter().copied().find(|key| public_half_holds(raw, session, *key, wanted))
}

fn public_half_holds(raw: &RawFunctions, session: &Session, private_key: ObjectHandle, wanted: &Sm2PublicKey) -> bool {
    let Ok(mut template) = session.get_attributes(private_key, &[AttributeType::Id, AttributeType::Label]) else {
        return false;
    };
    template.push(Attribute::Class(ObjectClass::PUBLIC_KEY));
    let found = session.find_objects(&template).unwrap_or_default();
    found.into_iter().any(|key| holds(raw, session, key, wanted))
}

fn holds(raw: &RawFunctions, session: &Session, object: ObjectHandle, wanted: &Sm2PublicKey) -> bool {
    let mut room = [0; POINT_MAX];
    raw.attribute(session, object, wanted.attribute, &mut room).is_some_and(|value| says(value, wanted))
}

/// Whether an attribute's value is this point: x ‖ y, with a prefix or not (the 4 of SEC 1, an OCTET STRING, the bit
/// length of a blob), each number with leading zeros or not, or x alone.
fn says(value: &[u8], wanted: &Sm2PublicKey) -> bool {
    let Some(before_y) = value.strip_suffix(wanted.y.as_slice()) else {
        return ends_with_number(value, &wanted.x);
    };
    let padding = before_y.iter().rev().take_while(|byte| **byte == 0).count();
    // x may itself end with zeros, which are not padding then.
    (0..=padding).any(|zeros| before_y[..before_y.len() - zeros].ends_with(&wanted.x))
}

fn ends_with_number(value: &[u8], number: &[u8; 32]) -> bool {
    value.strip_suffix(number.as_slice()).is_some_and(|padding| padding.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Sm2PublicKey = Sm2PublicKey { attribute: 0x180, x: [7; 32], y: [9; 32] };

    #[test]
    fn a_point_is_known_in_every_form() {
        let (x, y): (&[u8], &[u8]) = (&WANTED.x, &WANTED.y);
        let zeros: &[u8] = &[0; 32];
        let forms: [&[&[u8]]; 6] =
            [&[x, y], &[&[4], x, y], &[&[4, 65, 4], x, y], &[&[0, 1, 0, 0], zeros, x, zeros, y], &[x], &[zeros, x]];
        for form in forms {
            assert!(says(&form.concat(), &WANTED), "{form:?}");
        }
    }

    #[test]
    fn another_point_is_not() {
        let (x, y): (&[u8], &[u8]) = (&WANTED.x, &WANTED.y);
        let others: [&[&[u8]]; 5] = [&[], &[y], &[y, x], &[x, &[1; 32]], &[&x[1..], y]];
        for other in others {
            assert!(!says(&other.concat(), &WANTED), "{other:?}");
        }
    }
}
