//! Digests, in constant memory however long the document is.

use super::document::Document;
use super::signature_scheme;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{Algorithm, Error, ErrorKind};
use ukey_formats::{Hasher, PublicKey};

/// One read. Large reads matter for speed; this is still little memory.
const CHUNK: usize = 256 << 10;
/// Of these one is read into while another is hashed.
const BUFFERS: usize = 2;
/// A document of this size or more is worth a thread that reads.
const AHEAD_FROM: u64 = 4 << 20;

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
/// taken.
pub(crate) fn read_document(
    document: &Document,
    done: &AtomicU64,
    cancelled: &CancellationToken,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut take = |piece: &[u8]| {
        if cancelled.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "cancelled while the document was read"));
        }
        take(piece)?;
        done.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok(())
    };
    let read = if document.size() < AHEAD_FROM { in_turn } else { ahead };
    read(document, &mut take)?;
    document.check_unchanged()
}

type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Error>;

fn in_turn(document: &Document, take: Take<'_>) -> Result<(), Error> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < document.size() {
        let length = document.read(&mut buffer, offset)?;
        take(&buffer[..length])?;
        offset += length as u64;
    }
    Ok(())
}

/// The same, while another thread reads the next piece.
fn ahead(document: &Document, take: Take<'_>) -> Result<(), Error> {
    let ((give_back, buffers), (read, pieces)) = (mpsc::channel(), mpsc::channel());
    thread::scope(move |scope| {
        let reader = thread::Builder::new().name("document".to_owned());
        if reader.spawn_scoped(scope, move || read_into(document, &buffers, &read)).is_err() {
            return in_turn(document, take);
        }
        for _ in 0..BUFFERS {
            // A reader that has failed wants none, and has said so.
            let _ = give_back.send(vec![0; CHUNK]);
        }
        let mut left = document.size();
        while left > 0 {
            let lost = |_| Error::new(ErrorKind::Internal, "the document's reader has ended");
            let (buffer, length): (Vec<u8>, usize) = pieces.recv().map_err(lost)??;
            take(&buffer[..length])?;
            left -= length as u64;
            let _ = give_back.send(buffer);
        }
        Ok(())
    })
}

/// Reads until the end, an error, or nobody wants more.
fn read_into(
    document: &Document,
    buffers: &mpsc::Receiver<Vec<u8>>,
    read: &mpsc::Sender<Result<(Vec<u8>, usize), Error>>,
) {
    let mut offset = 0;
    while offset < document.size()
        && let Ok(mut buffer) = buffers.recv()
    {
        let length = document.read(&mut buffer, offset);
        offset += length.as_ref().map_or(document.size(), |length| *length as u64);
        if read.send(length.map(|length| (buffer, length))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    /// A document with other bytes everywhere, of this size.
    fn document(size: u64) -> (Vec<u8>, File, Document) {
        let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        let document = Document::new(file.try_clone().unwrap().into()).unwrap();
        (bytes, file, document)
    }

    fn read(document: &Document, take: impl FnMut(&[u8]) -> Result<(), Error>) -> (Result<(), Error>, u64) {
        let done = AtomicU64::new(0);
        let read = read_document(document, &done, &CancellationToken::new(), take);
        (read, done.into_inner())
    }

    #[test]
    fn every_byte_is_taken_once_and_in_order() {
        for size in [0, 1, AHEAD_FROM - 1, AHEAD_FROM, AHEAD_FROM + 1, 2 * AHEAD_FROM + CHUNK as u64 / 2] {
            let (bytes, _file, document) = document(size);
            let mut taken = Vec::new();
            let (result, done) = read(&document, |piece| {
                taken.extend_from_slice(piece);
                Ok(())
            });
            assert_eq!((result, done), (Ok(()), size));
            assert!(taken == bytes, "{size}");
        }
    }

    #[test]
    fn a_document_that_becomes_shorter_or_longer_is_refused() {
        for size in [AHEAD_FROM / 2, AHEAD_FROM * 2] {
            for change in [-1, 1] {
                let (_, file, document) = document(size);
                let mut first = true;
                let (result, _) = read(&document, |_| {
                    if std::mem::replace(&mut first, false) {
                        file.set_len(size.checked_add_signed(change).unwrap()).unwrap();
                    }
                    Ok(())
                });
                assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidArgument, "{size} {change}");
            }
        }
    }

    #[test]
    fn it_ends_as_soon_as_it_is_cancelled_or_nobody_takes_more() {
        for size in [AHEAD_FROM / 2, AHEAD_FROM * 2] {
            let (_, _file, document) = document(size);
            let (done, cancelled) = (AtomicU64::new(0), CancellationToken::new());
            let result = read_document(&document, &done, &cancelled, |_| {
                cancelled.cancel();
                Ok(())
            });
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
            assert_eq!(done.into_inner(), CHUNK as u64);
            let (result, done) = read(&document, |_| Err(Error::new(ErrorKind::InvalidArgument, "no more")));
            assert_eq!((result.unwrap_err().kind(), done), (ErrorKind::InvalidArgument, 0));
        }
    }
}
