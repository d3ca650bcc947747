//! Signed messages: CMS (RFC 5652) with the attributes of RFC 5035, PKCS #7, and GM/T 0010 (GB/T 35275).
//!
//! To make one: hash the content, put [`SignedAttributes`] together, have the Key sign them, and write a
//! [`SignedMessage`] around the content, which needs not be in memory. To check one: read a [`Message`], give it the
//! digests that it needs, and look at each answer of the [`Verification`].

mod algorithm;
mod attributes;
mod ber;
mod encoding;
mod error;
mod frame;
mod message;
mod oid;
mod report;
mod signed_attributes;
mod signer;
mod signing_certificate;
mod tag;
mod tlv;
mod verify;
mod write;

pub use encoding::Encoding;
pub use error::MessageError;
pub use frame::{Content, Frame, SignedMessage, UnsignedAttribute};
pub use message::{Deviation, Message};
pub use report::{
    AlgorithmsCheck, ContentDigest, ContentTypeCheck, DigestCheck, KeyUseCheck, SignatureCheck, SignerReport,
    SigningTime, Verification,
};
pub use signed_attributes::SignedAttributes;
pub use signer::SignerIdentifier;
pub use signing_certificate::CertificateReference;
