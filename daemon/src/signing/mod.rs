//! From a document to a verified signature: everything but the Key itself. Pure but for reading documents.

mod algorithm;
mod document;
mod hash;
mod message;
mod output;
mod verify;

pub(crate) use algorithm::{check_digest, sign_scheme, signature_scheme, wire_form};
pub(crate) use document::Document;
pub(crate) use hash::{digest_bytes, digest_document, hasher, read_document};
pub(crate) use message::{ContentPlace, MessageForm, UnsignedMessage, content_hash};
pub(crate) use output::Output;
pub(crate) use verify::{verify, verify_own};
