//! Writing DER, from the inside outwards.

use super::tag;
use der::asn1::ObjectIdentifier;

/// Identifier and length octets in DER for a value of so many bytes.
pub(super) fn header(tag: u8, length: u64) -> Vec<u8> {
    let mut der = Vec::with_capacity(2 + size_of::<u64>());
    push_header(&mut der, tag, length);
    der
}

/// Appends them.
pub(super) fn push_header(der: &mut Vec<u8>, tag: u8, length: u64) {
    let bytes = length.to_be_bytes();
    let significant = &bytes[length.leading_zeros() as usize / 8..];
    match *significant {
        [] => der.extend([tag, 0]),
        [short] if short < 0x80 => der.extend([tag, short]),
        _ => {
            // One to eight bytes.
            der.extend([tag, 0x80 | significant.len() as u8]);
            der.extend_from_slice(significant);
        }
    }
}

/// How many bytes they are.
pub(super) fn header_length(length: usize) -> usize {
    if length < 0x80 { 2 } else { 2 + size_of::<usize>() - length.leading_zeros() as usize / 8 }
}

/// A value made of these parts.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut der = header(tag, length as u64);
    der.reserve_exact(length);
    parts.iter().for_each(|part| der.extend_from_slice(part));
    der
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, parts)
}

/// A SET OF in the order of DER (X.690, 11.6), under its own tag or an implicit one.
pub(super) fn set_of(tag: u8, mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort_unstable();
    tlv(tag, &[&members.concat()])
}

pub(super) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    tlv(tag::OID, &[oid.as_bytes()])
}

/// A small INTEGER.
pub(super) fn integer(value: u8) -> Vec<u8> {
    if value < 0x80 { tlv(tag::INTEGER, &[&[value]]) } else { tlv(tag::INTEGER, &[&[0, value]]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        for (length, expected) in [
            (0, &[0x30, 0][..]),
            (0x7f, &[0x30, 0x7f]),
            (0x80, &[0x30, 0x81, 0x80]),
            (0x100, &[0x30, 0x82, 1, 0]),
            (1 << 30, &[0x30, 0x84, 0x40, 0, 0, 0]),
            (u64::MAX, &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            assert_eq!(header(tag::SEQUENCE, length), expected);
        }
    }

    #[test]
    fn members_of_a_set_are_sorted() {
        assert_eq!(
            set_of(tag::SET, vec![integer(200), integer(3), integer(2)]),
            [0x31, 10, 2, 1, 2, 2, 1, 3, 2, 2, 0, 200]
        );
    }
}
