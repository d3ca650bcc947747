//! Serial numbers as people and platforms compare them.

use der::asn1::IntRef;
use std::fmt::Write;

/// The number as OpenSSL writes it: upper-case hexadecimal, two digits for each byte, no leading zero bytes but for
/// zero itself. Negative numbers are against RFC 5280 and exist; they are written `-` and their magnitude.
pub(super) fn display(number: IntRef<'_>) -> String {
    let bytes = number.as_bytes();
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let magnitude = if negative { negated(bytes) } else { bytes.to_vec() };
    let leading = magnitude.iter().take_while(|byte| **byte == 0).count().min(magnitude.len().saturating_sub(1));
    let mut text = String::with_capacity(magnitude.len() * 2 + 1);
    if negative {
        text.push('-');
    }
    for byte in &magnitude[leading..] {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02X}");
    }
    text
}

/// Two's complement.
fn negated(bytes: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut result: Vec<u8> = bytes
        .iter()
        .rev()
        .map(|byte| {
            let (sum, overflow) = (!byte).overflowing_add(u8::from(carry));
            carry = overflow;
            sum
        })
        .collect();
    result.reverse();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode;

    fn shown(value: &[u8]) -> String {
        let length = u8::try_from(value.len()).unwrap();
        display(IntRef::from_der(&[&[2, length], value].concat()).unwrap())
    }

    #[test]
    fn serial_numbers_read_as_in_openssl() {
        assert_eq!(shown(&[0]), "00");
        assert_eq!(shown(&[0x0a]), "0A");
        assert_eq!(shown(&[0x00, 0xab, 0xcd]), "ABCD");
        assert_eq!(shown(&[0x01, 0x00, 0x00]), "010000");
        assert_eq!(shown(&[0xff]), "-01");
        assert_eq!(shown(&[0x80]), "-80");
        assert_eq!(shown(&[0xff, 0x00]), "-0100");
    }
}
