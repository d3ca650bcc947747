//! Digests, in constant memory however long the document is.

use super::document::Document;
use super::signature_scheme;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Algorithm, Error, ErrorKind};
use ukey_formats::{Hasher, PublicKey};

/// One read. Large reads matter for speed; this is still little memory.
const CHUNK: usize = 256 << 10;

/// A hasher whose digest this algorithm signs with this key. For SM2 it has hashed Z (GM/T 0003.2) before the document.
/// `AlgorithmUnsupported` when the key can't have one.
pub(crate) fn hasher(algorithm: Algorithm, key: &PublicKey) -> Result<Hasher, Error> {
    signature_scheme(algorithm)
        .hasher(key)
        .map_err(|error| Error::new(ErrorKind::AlgorithmUnsupported, format!("{algorithm}: {error}")))
}

/// Digest of bytes in memory.
pub(crate) fn digest_bytes(mut hasher: Hasher, data: &[u8]) -> Vec<u8> {
    hasher.update(data);
    hasher.finish()
}

/// Digest of a document. Blocks: run it off the main thread. `done` counts the bytes as they are read.
pub(crate) fn digest_document(
    mut hasher: Hasher,
    document: &Document,
    done: &AtomicU64,
    cancelled: &CancellationToken,
) -> Result<Vec<u8>, Error> {
    read_document(document, done, cancelled, |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(hasher.finish())
}

/// Gives a document to `take` piece by piece. Blocks: run it off the main thread. `done` counts the bytes as they are
/// read.
pub(crate) fn read_document(
    document: &Document,
    done: &AtomicU64,
    cancelled: &CancellationToken,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < document.size() {
        if cancelled.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "cancelled while the document was read"));
        }
        let length = document.read(&mut buffer, offset)?;
        take(&buffer[..length])?;
        offset += length as u64;
        done.fetch_add(length as u64, Ordering::Relaxed);
    }
    document.check_unchanged()
}
