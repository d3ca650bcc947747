//! BER to DER (X.690, 8 and 10): definite, shortest lengths and strings in one piece. NSS and `openssl cms -stream` write
//! indefinite lengths and strings in pieces, and attributes are hashed in DER whatever they came in.
//!
//! Only lengths and pieces change: a message in DER comes out as it went in, and nothing inside a primitive value (a
//! number, a name, a document) is touched. Two passes, each linear: the first adds up the lengths, the second writes.

use super::tlv::{Header, header};
use super::{MessageError, tag, write};

/// Levels of nesting. A certificate with its extensions in a message takes 12.
const MAX_DEPTH: usize = 32;
/// Values with other values in them. Revocation lists have some for each entry.
const MAX_CONSTRUCTED: usize = 1 << 21;

/// Makes DER of one BER value, which must be all there is.
pub(super) fn to_der(input: &[u8]) -> Result<Vec<u8>, MessageError> {
    let mut measuring = Pass { input, position: 0, purpose: Measure { lengths: Vec::new() } };
    let length = measuring.value(0)?;
    if measuring.position != input.len() {
        return Err(MessageError::Ber("something follows"));
    }
    let lengths = measuring.purpose.lengths.into_iter();
    let mut writing = Pass { input, position: 0, purpose: Write { lengths, der: Vec::with_capacity(length) } };
    writing.value(0)?;
    Ok(writing.purpose.der)
}

/// What a pass does with what it comes by.
trait Purpose {
    /// Where the length of a constructed value goes when it is known.
    type Place;
    /// A constructed value with this tag in DER begins.
    fn begin(&mut self, tag: u8) -> Result<Self::Place, MessageError>;
    /// It has ended and its value has this length in DER.
    fn end(&mut self, place: Self::Place, length: usize) -> Result<(), MessageError>;
    /// A primitive value.
    fn primitive(&mut self, tag: u8, value: &[u8]);
    /// A piece of a string.
    fn piece(&mut self, value: &[u8]);
}

/// Notes the lengths of constructed values in DER, in the order in which they begin.
struct Measure {
    lengths: Vec<u32>,
}

impl Purpose for Measure {
    type Place = usize;

    fn begin(&mut self, _tag: u8) -> Result<usize, MessageError> {
        if self.lengths.len() == MAX_CONSTRUCTED {
            return Err(MessageError::TooMany("values"));
        }
        self.lengths.push(0);
        Ok(self.lengths.len() - 1)
    }

    fn end(&mut self, place: usize, length: usize) -> Result<(), MessageError> {
        self.lengths[place] = u32::try_from(length).map_err(|_| MessageError::Ber("length out of range"))?;
        Ok(())
    }

    fn primitive(&mut self, _tag: u8, _value: &[u8]) {}

    fn piece(&mut self, _value: &[u8]) {}
}

struct Write {
    lengths: std::vec::IntoIter<u32>,
    der: Vec<u8>,
}

impl Purpose for Write {
    type Place = ();

    fn begin(&mut self, tag: u8) -> Result<(), MessageError> {
        // The first pass came by the same values.
        let length = self.lengths.next().ok_or(MessageError::Ber("cut off"))?;
        write::push_header(&mut self.der, tag, length.into());
        Ok(())
    }

    fn end(&mut self, (): (), _length: usize) -> Result<(), MessageError> {
        Ok(())
    }

    fn primitive(&mut self, tag: u8, value: &[u8]) {
        write::push_header(&mut self.der, tag, value.len() as u64);
        self.der.extend_from_slice(value);
    }

    fn piece(&mut self, value: &[u8]) {
        self.der.extend_from_slice(value);
    }
}

struct Pass<'a, P> {
    input: &'a [u8],
    position: usize,
    purpose: P,
}

impl<P: Purpose> Pass<'_, P> {
    /// One value, whose length in DER with its header is the answer.
    fn value(&mut self, depth: usize) -> Result<usize, MessageError> {
        let header = self.header()?;
        let in_pieces = header.tag == tag::OCTET_STRING_IN_PIECES;
        let length = if header.tag & tag::CONSTRUCTED == 0 {
            let value = self.primitive(&header)?;
            self.purpose.primitive(header.tag, value);
            value.len()
        } else {
            let tag = if in_pieces { tag::OCTET_STRING } else { header.tag };
            let place = self.purpose.begin(tag)?;
            let length = self.members(&header, depth, if in_pieces { Self::piece } else { Self::value })?;
            self.purpose.end(place, length)?;
            length
        };
        Ok(write::header_length(length) + length)
    }

    /// One piece of a string, which may again be in pieces; the answer is the length of its value.
    fn piece(&mut self, depth: usize) -> Result<usize, MessageError> {
        let header = self.header()?;
        match header.tag {
            tag::OCTET_STRING => {
                let value = self.primitive(&header)?;
                self.purpose.piece(value);
                Ok(value.len())
            }
            tag::OCTET_STRING_IN_PIECES => self.members(&header, depth, Self::piece),
            _ => Err(MessageError::Ber("string with a piece of another type")),
        }
    }

    /// What is in a constructed value, and its length in all.
    fn members(
        &mut self,
        header: &Header,
        depth: usize,
        member: fn(&mut Self, usize) -> Result<usize, MessageError>,
    ) -> Result<usize, MessageError> {
        if depth == MAX_DEPTH {
            return Err(MessageError::TooDeep);
        }
        let end = header.length.map(|length| self.position + length);
        let mut length = 0;
        while self.more(end)? {
            length += member(self, depth + 1)?;
        }
        Ok(length)
    }
}

impl<'a, P> Pass<'a, P> {
    /// Reads the header of the next value and steps over it.
    fn header(&mut self) -> Result<Header, MessageError> {
        let header = header(&self.input[self.position..])?;
        self.position += header.size;
        let universal = header.tag & 0xc0 == 0;
        let constructed = header.tag & tag::CONSTRUCTED != 0;
        match header.tag {
            0 => Err(MessageError::Ber("end of contents out of place")),
            // Nobody writes it, and it would let a byte of an empty document's message change unseen.
            tag::OCTET_STRING_IN_PIECES if header.length == Some(0) => Err(MessageError::Ber("string of no pieces")),
            tag::SEQUENCE | tag::SET | tag::OCTET_STRING_IN_PIECES => Ok(header),
            // Of the strings, only OCTET STRINGs occur in pieces.
            _ if universal && constructed => Err(MessageError::Ber("constructed value of a primitive type")),
            _ => Ok(header),
        }
    }

    fn primitive(&mut self, header: &Header) -> Result<&'a [u8], MessageError> {
        let length = header.length.ok_or(MessageError::Ber("indefinite length of a primitive value"))?;
        let value = &self.input[self.position..self.position + length];
        self.position += length;
        Ok(value)
    }

    /// Is there another value in the one that ends here, or with end-of-contents octets? Steps over those.
    fn more(&mut self, end: Option<usize>) -> Result<bool, MessageError> {
        match end {
            Some(end) if self.position > end => Err(MessageError::Ber("value longer than what it is in")),
            Some(end) => Ok(self.position < end),
            None => {
                let ended = self.input[self.position..].starts_with(&[0, 0]);
                if ended {
                    self.position += 2;
                }
                Ok(!ended)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::{Strategy, any, prop, proptest};

    #[test]
    fn lengths_become_definite_and_short_and_strings_whole() {
        for (ber, der) in [
            (&[0x30, 0x80, 2, 1, 5, 0, 0][..], &[0x30, 3, 2, 1, 5][..]),
            (&[0x30, 0x82, 0, 3, 2, 1, 5], &[0x30, 3, 2, 1, 5]),
            (&[0x30, 0x84, 0, 0, 0, 4, 2, 0x81, 1, 5], &[0x30, 3, 2, 1, 5]),
            (&[0x24, 0x80, 4, 1, b'a', 0x24, 6, 4, 1, b'b', 4, 1, b'c', 0, 0], &[4, 3, b'a', b'b', b'c']),
            (&[0x24, 0x80, 0, 0], &[4, 0]),
            (&[0xa0, 0x80, 0x30, 0x80, 0, 0, 0, 0], &[0xa0, 2, 0x30, 0]),
        ] {
            assert_eq!(to_der(ber).as_deref(), Ok(der), "{ber:x?}");
            assert_eq!(to_der(der).as_deref(), Ok(der));
        }
    }

    #[test]
    fn what_is_no_ber_is_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[0x30, 0x82, 1],
            &[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0x30, 0xff],
            &[0x30, 2, 2, 1, 5],
            &[0x30, 3, 2, 1, 5, 0],
            &[0, 0],
            &[4, 0x80, 0, 0],
            &[0x24, 0],
            &[0x24, 3, 2, 1, 5],
            &[0x23, 0x80, 0, 0],
            &[0x1f, 0x20, 0],
            &[0x30, 4, 0, 0, 2, 0],
        ] {
            assert!(to_der(bytes).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize, tag: u8| [[tag, 0x80].repeat(levels), [0, 0].repeat(levels)].concat();
        for tag in [0x30, 0xa0, 0x24] {
            assert!(to_der(&nested(MAX_DEPTH, tag)).is_ok());
            assert_eq!(to_der(&nested(MAX_DEPTH + 1, tag)), Err(MessageError::TooDeep));
            assert_eq!(to_der(&nested(1_000_000, tag)), Err(MessageError::TooDeep));
        }
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let many = [&[0x30, 0x80][..], &[0x30, 0].repeat(MAX_CONSTRUCTED), &[0, 0]].concat();
        assert_eq!(to_der(&many), Err(MessageError::TooMany("values")));
    }

    /// Any value in BER, with what DER makes of it.
    fn values() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let string = vec(any::<u8>(), 0..200).prop_map(|value| {
            let der = write::tlv(tag::OCTET_STRING, &[&value]);
            (der.clone(), der)
        });
        string.prop_recursive(6, 40, 5, |member| {
            (vec(member, 1..5), 0..4_u8).prop_map(|(members, form)| {
                let (ber, der): (Vec<_>, Vec<_>) = members.into_iter().unzip();
                let (ber, der) = (ber.concat(), der.concat());
                let ber = match form {
                    0 => write::tlv(tag::SEQUENCE, &[&ber]),
                    1 => [&[tag::SEQUENCE, 0x80], ber.as_slice(), &[0, 0]].concat(),
                    _ => [&[tag::SEQUENCE, 0x84], &(ber.len() as u32).to_be_bytes()[..], &ber].concat(),
                };
                (ber, write::tlv(tag::SEQUENCE, &[&der]))
            })
        })
    }

    proptest! {
        #[test]
        fn der_is_what_any_ber_becomes((ber, der) in values()) {
            assert_eq!(to_der(&ber), Ok(der));
        }

        #[test]
        fn der_of_anything_that_is_read_stays_as_it_is(bytes in vec(prop::sample::select(vec![0_u8, 1, 2, 3, 4, 5, 0x24, 0x30, 0x80, 0x81, 0xa0]), 0..60)) {
            if let Ok(der) = to_der(&bytes) {
                assert_eq!(to_der(&der).as_ref(), Ok(&der));
            }
        }
    }
}
