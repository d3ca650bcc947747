//! Hexadecimal digits.

use std::fmt::Write;

/// Lower-case digits of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of an even number of digits in either case; colons between them are ignored.
///
/// # Errors
/// A sentence for the command line when it is something else.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text
        .trim()
        .chars()
        .filter(|character| *character != ':')
        .map(|character| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits {
        Some(digits) if !digits.is_empty() && digits.len().is_multiple_of(2) => {
            Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
        }
        _ => Err("needs an even number of hexadecimal digits".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_back() {
        assert_eq!(decode(&encode(&[0, 0x7f, 0xff])).unwrap(), [0, 0x7f, 0xff]);
        assert_eq!(decode("AB:cd").unwrap(), [0xab, 0xcd]);
        for text in ["", "a", "zz", "０１"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
