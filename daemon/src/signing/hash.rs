//! Digests, in constant memory however long the document is.

use super::document::Document;
use aws_lc_rs::digest::{Algorithm, Context, SHA256, SHA384, SHA512};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Error, ErrorKind, Hash};

/// One read. Large reads matter for speed; this is still little memory.
const CHUNK: usize = 256 << 10;

pub(super) fn algorithm(hash: Hash) -> &'static Algorithm {
    match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    }
}

/// Digest of bytes in memory.
pub(crate) fn digest_bytes(hash: Hash, data: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(algorithm(hash), data).as_ref().to_vec()
}

/// Digest of a document. Blocks: run it off the main thread. `done` counts the bytes as they are read.
pub(crate) fn digest_document(
    hash: Hash,
    document: &Document,
    done: &AtomicU64,
    cancelled: &CancellationToken,
) -> Result<Vec<u8>, Error> {
    let mut context = Context::new(algorithm(hash));
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < document.size() {
        if cancelled.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "cancelled while the document was read"));
        }
        let length = document.read(&mut buffer, offset)?;
        context.update(&buffer[..length]);
        offset += length as u64;
        done.store(offset, Ordering::Relaxed);
    }
    document.check_unchanged()?;
    Ok(context.finish().as_ref().to_vec())
}
