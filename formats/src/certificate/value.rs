//! Texts in names and extensions: the string types of X.520, and what CAs make of them.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag};

/// How deep texts are looked for in a value. Real ones nest once or twice.
const MAX_DEPTH: usize = 4;

/// The text of a string; any other value as UTF-8, with U+FFFD for what isn't.
///
/// PrintableString and TeletexString often hold UTF-8 against their definition; it is read where it is valid.
/// UniversalString is not read: the DER reader doesn't know the type.
pub(super) fn text(value: AnyRef<'_>) -> String {
    let bytes = value.value();
    match value.header().tag() {
        Tag::BmpString => utf16(bytes),
        Tag::TeletexString => str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Every text in a value: a string, strings in OCTET STRINGs and constructed values, or plain bytes without DER.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    match AnyRef::from_der(bytes) {
        Ok(value) => collect(value, MAX_DEPTH, &mut found),
        Err(_) => found.push(String::from_utf8_lossy(bytes).into_owned()),
    }
    found
}

/// [`texts`] of a value that is already read.
pub(super) fn texts_of(value: AnyRef<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, MAX_DEPTH, &mut found);
    found
}

fn collect(value: AnyRef<'_>, depth: usize, found: &mut Vec<String>) {
    let children = match value.header().tag() {
        tag if depth == 0 || !(tag == Tag::OctetString || tag.is_constructed()) => None,
        _ => children(value.value()),
    };
    match children {
        Some(children) => children.into_iter().for_each(|child| collect(child, depth - 1, found)),
        None => found.push(text(value)),
    }
}

/// The DER values that `bytes` consist of, if they do.
pub(super) fn children(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut children = Vec::new();
    while !reader.is_finished() {
        children.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(children)
}

/// UTF-16 big-endian, which BMPString is but for surrogates; an odd byte at the end is dropped.
fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_type_is_decoded() {
        for (der, expected) in [
            (&[0x0c, 6, 0xe5, 0x8c, 0xbb, 0xe9, 0x99, 0xa2][..], "医院"),
            (&[0x13, 6, 0xe5, 0x8c, 0xbb, 0xe9, 0x99, 0xa2], "医院"),
            (&[0x14, 3, 0xe9, b'a', 0xa2], "éa¢"),
            (&[0x14, 3, 0xe5, 0x8c, 0xbb], "医"),
            (&[0x16, 2, b'a', b'@'], "a@"),
            (&[0x1e, 4, 0x53, 0x3b, 0x96, 0x62], "医院"),
            (&[0x1e, 3, 0xd8, 0x00, 0x96], "\u{fffd}"),
            (&[0x0c, 2, 0xff, b'a'], "\u{fffd}a"),
        ] {
            assert_eq!(text(AnyRef::from_der(der).unwrap()), expected);
        }
    }

    #[test]
    fn texts_are_found_at_every_level_but_not_for_ever() {
        assert_eq!(texts(b"plain"), ["plain"]);
        assert_eq!(texts(&[0x13, 1, b'a']), ["a"]);
        assert_eq!(texts(&[4, 5, 4, 3, 0x13, 1, b'a']), ["a"]);
        assert_eq!(texts(&[4, 1, b'a']), ["a"]);
        assert_eq!(texts(&[0x30, 8, 0xa0, 3, 0x13, 1, b'a', 0x81, 1, b'b']), ["a", "b"]);
        let deep = (0..60)
            .fold(vec![0x13, 0], |inner, _| [&[4, u8::try_from(inner.len()).unwrap()], inner.as_slice()].concat());
        assert_eq!(texts(&deep).len(), 1);
    }
}
