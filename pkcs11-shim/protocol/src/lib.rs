//! What `ukeyd` and a shim say to each other, over one `SOCK_STREAM` socketpair: requests one way, replies and
//! events the other, as length-prefixed frames of `postcard`. It speaks of tokens, certificates and keys, not of
//! PKCS#11 slots and handles or of D-Bus, so that another kind of host (SKF, GM/T 0016) can answer the same requests.
//!
//! Documents never travel here, only digests; a PIN never does: [`Request::Login`] carries the receiving end of
//! the socket into which the agent has written it, as one `SCM_RIGHTS` descriptor on the frame's first byte.
#![forbid(unsafe_code)]

mod codec;
mod message;
mod scheme;

pub use codec::{CodecError, Decoder, FRAME_MAX, encode};
pub use message::{
    Call, CertificateObject, Failure, FailureKind, FromShim, KeyRef, Library, PinFlags, PinRole, PinSource, Reply,
    Request, TokenFlags, TokenInfo, TokenRef,
};
pub use scheme::{Digest, HashKind, SignScheme, Sm2Mechanism, Sm2PublicKey};

/// Version of this protocol; both sides must name the same one in `Hello`.
pub const VERSION: u32 = 3;
/// Most digests in one `Sign` request.
pub const BATCH_MAX: usize = 256;
/// Most tokens in one reply, and most certificates of one token.
pub const LIST_MAX: usize = 48;
/// Largest certificate read from a token, in bytes. With [`LIST_MAX`] it keeps a reply under [`FRAME_MAX`].
pub const CERTIFICATE_MAX: usize = 16 << 10;
/// Most random bytes in one reply.
pub const RANDOM_MAX: u32 = 4096;
/// Longest PIN, in bytes.
pub const PIN_MAX: usize = 255;
