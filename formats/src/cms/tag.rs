//! Identifier octets (X.690, 8.1.2) of the types in messages.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// An OCTET STRING in pieces: BER only.
pub(super) const OCTET_STRING_IN_PIECES: u8 = 0x24;
/// `[0]`, primitive: an implicit string.
pub(super) const STRING_0: u8 = 0x80;
/// `[0]` to `[4]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;
pub(super) const CONTEXT_1: u8 = 0xa1;
pub(super) const CONTEXT_2: u8 = 0xa2;
pub(super) const CONTEXT_3: u8 = 0xa3;
pub(super) const CONTEXT_4: u8 = 0xa4;
/// This bit tells a constructed value from a primitive one.
pub(super) const CONSTRUCTED: u8 = 0x20;
/// The number of the tag follows in further bytes.
pub(super) const LONG_FORM: u8 = 0x1f;
