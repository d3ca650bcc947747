//! The signed attributes of a message that was read.

use super::tlv::{Reader, Tlv};
use super::{MessageError, tag, write};
use der::asn1::ObjectIdentifier;

/// More than any signer has.
const MAX_ATTRIBUTES: usize = 64;
const WHAT: &str = "signed attributes";

/// A set of attributes, in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    /// As a SET OF: with the tag under which it was signed, in place of the implicit one.
    der: Vec<u8>,
}

/// The value of an attribute that may have only one (RFC 5652, 11).
pub(super) enum Single<'a> {
    Absent,
    Value(Tlv<'a>),
    /// The attribute occurs twice, or has no value or several.
    Ambiguous,
}

/// Type and values of an attribute.
struct Attribute<'a> {
    oid: Tlv<'a>,
    values: Tlv<'a>,
}

impl Attributes {
    /// Reads a set of attributes under `[0]`, which can't be empty.
    pub(super) fn read(tagged: Tlv<'_>) -> Result<Self, MessageError> {
        let mut der = tagged.der.to_vec();
        der[0] = tag::SET;
        let mut count = 0;
        for attribute in attributes(&der) {
            attribute?;
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(MessageError::TooMany("attributes"));
            }
        }
        if count == 0 { Err(MessageError::Malformed(WHAT)) } else { Ok(Self { der }) }
    }

    /// What was signed: the attributes in the order in which they came.
    pub(super) fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The same attributes in the order of DER, if they came in another one. RFC 5652, 5.4 has that order signed;
    /// programs that don't sort often sign what they write, so both are tried.
    pub(super) fn sorted(&self) -> Option<Vec<u8>> {
        let mut members = Tlv::only(&self.der).ok()?.reader();
        let mut attributes = Vec::new();
        while !members.is_finished() {
            attributes.push(members.any().ok()?.der.to_vec());
        }
        let sorted = write::set_of(tag::SET, attributes);
        (sorted != self.der).then_some(sorted)
    }

    pub(super) fn single(&self, oid: ObjectIdentifier) -> Single<'_> {
        let mut found = attributes(&self.der).flatten().filter(|attribute| attribute.oid.is_oid(oid));
        match (found.next(), found.next()) {
            (None, _) => Single::Absent,
            (Some(attribute), None) => Tlv::only(attribute.values.value).map_or(Single::Ambiguous, Single::Value),
            (Some(_), Some(_)) => Single::Ambiguous,
        }
    }
}

/// The attributes of a SET OF; ends after the first that can't be read.
fn attributes(set: &[u8]) -> impl Iterator<Item = Result<Attribute<'_>, MessageError>> {
    let mut members = Tlv::only(set).map(Tlv::reader);
    std::iter::from_fn(move || {
        let attribute = match &mut members {
            Ok(reader) if reader.is_finished() => return None,
            Ok(reader) => attribute(reader),
            Err(error) => Err(*error),
        };
        if attribute.is_err() {
            members = Ok(Reader::new(&[]));
        }
        Some(attribute)
    })
}

fn attribute<'a>(members: &mut Reader<'a>) -> Result<Attribute<'a>, MessageError> {
    let mut parts = members.expect(tag::SEQUENCE, WHAT)?.reader();
    let attribute = Attribute { oid: parts.expect(tag::OID, WHAT)?, values: parts.expect(tag::SET, WHAT)? };
    parts.finish()?;
    Ok(attribute)
}
