//! The two families of content types.

use super::oid;
use der::asn1::ObjectIdentifier;

/// Which object identifiers a message is written with. The structure is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Those of PKCS #7 and RFC 5652.
    Cms,
    /// Those of GM/T 0010 (GB/T 35275), 1.2.156.10197.6.1.4.2.
    Gmt0010,
}

impl Encoding {
    /// Content type of data: of what is signed.
    pub const fn data(self) -> ObjectIdentifier {
        match self {
            Self::Cms => oid::DATA,
            Self::Gmt0010 => oid::GMT_DATA,
        }
    }

    /// Content type of the signed message.
    pub const fn signed_data(self) -> ObjectIdentifier {
        match self {
            Self::Cms => oid::SIGNED_DATA,
            Self::Gmt0010 => oid::GMT_SIGNED_DATA,
        }
    }

    pub(super) fn of_signed_data(content_type: &[u8]) -> Option<Self> {
        [Self::Cms, Self::Gmt0010].into_iter().find(|encoding| encoding.signed_data().as_bytes() == content_type)
    }

    /// Is this content type that of data, in either family? Some mix them.
    pub(super) fn is_data(content_type: &[u8]) -> bool {
        [Self::Cms, Self::Gmt0010].into_iter().any(|encoding| encoding.data().as_bytes() == content_type)
    }
}
