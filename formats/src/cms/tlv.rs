//! Reading values: the header in BER, and a reader for what `ber` has made DER of.

use super::{MessageError, tag};
use der::asn1::ObjectIdentifier;

/// Identifier and length octets (X.690, 8.1). Lengths are bounded by the input.
pub(super) struct Header {
    pub(super) tag: u8,
    /// Of the value; `None` when it ends with end-of-contents octets.
    pub(super) length: Option<usize>,
    /// Of the header itself.
    pub(super) size: usize,
}

/// Reads a header; a definite length lies within the input.
pub(super) fn header(input: &[u8]) -> Result<Header, MessageError> {
    const CUT: MessageError = MessageError::Ber("cut off");
    let [tag, first, ..] = *input else { return Err(CUT) };
    if tag & tag::LONG_FORM == tag::LONG_FORM {
        return Err(MessageError::Ber("tag number above 30"));
    }
    let (length, size) = match first {
        0x80 => return Ok(Header { tag, length: None, size: 2 }),
        0..0x80 => (usize::from(first), 2),
        _ => {
            let size = 2 + usize::from(first & 0x7f);
            let octets = input.get(2..size).ok_or(CUT)?;
            let significant = octets.iter().skip_while(|octet| **octet == 0);
            let length =
                significant.clone().take(size_of::<usize>()).fold(0, |length, octet| length << 8 | usize::from(*octet));
            if significant.count() > size_of::<usize>() {
                return Err(MessageError::Ber("length out of range"));
            }
            (length, size)
        }
    };
    if input.len() - size < length {
        return Err(CUT);
    }
    Ok(Header { tag, length: Some(length), size })
}

/// A value with its tag.
#[derive(Clone, Copy)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// All of it, with the header.
    pub(super) der: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The only value in these bytes.
    pub(super) fn only(der: &'a [u8]) -> Result<Self, MessageError> {
        let mut reader = Reader::new(der);
        let value = reader.any()?;
        reader.finish()?;
        Ok(value)
    }

    /// The values in this one.
    pub(super) fn reader(self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// Its value, when it has this tag.
    pub(super) fn with(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.value)
    }

    pub(super) fn is_oid(self, oid: ObjectIdentifier) -> bool {
        self.with(tag::OID) == Some(oid.as_bytes())
    }
}

/// Reads one value after the other.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(der: &'a [u8]) -> Self {
        Self { rest: der }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn any(&mut self) -> Result<Tlv<'a>, MessageError> {
        let Header { tag, length, size } = header(self.rest)?;
        let length = length.ok_or(MessageError::Ber("indefinite length"))?;
        let (der, rest) = self.rest.split_at(size + length);
        self.rest = rest;
        Ok(Tlv { tag, value: &der[size..], der })
    }

    /// The next value, which must have this tag; `what` names it in the error.
    pub(super) fn expect(&mut self, tag: u8, what: &'static str) -> Result<Tlv<'a>, MessageError> {
        self.optional(tag)?.ok_or(MessageError::Malformed(what))
    }

    /// The next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, MessageError> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), MessageError> {
        if self.is_finished() { Ok(()) } else { Err(MessageError::Ber("something follows")) }
    }
}
