//! Digests of files that this program makes itself, for batches: only they go to the service.

use crate::error::Error;
use crate::input::Input;
use rustix::fs::{FileType, fstat};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ukey_dbus::{Algorithm, ErrorKind, Hash, Scheme};
use ukey_formats::{Certificate, HashAlgorithm, Hasher, sm2};

/// One read, in bytes.
const PIECE: usize = 256 << 10;

/// What an algorithm's digests begin with.
#[derive(Clone, Debug)]
pub(crate) struct Hashing {
    empty: Hasher,
}

impl Hashing {
    /// Of signatures by this algorithm with the key of this certificate (DER): for SM2 the digest is
    /// `e = SM3(Z ‖ M)` (GM/T 0003.2), and `Z` comes of the key.
    ///
    /// # Errors
    /// `AlgorithmUnsupported` for a name that is none, and for SM2 with another kind of key.
    pub(crate) fn new(algorithm: &str, certificate: &[u8]) -> Result<Self, Error> {
        let unsupported =
            |message: String| Error::Service(ukey_dbus::Error::new(ErrorKind::AlgorithmUnsupported, message));
        let algorithm: Algorithm =
            algorithm.parse().map_err(|error: ukey_dbus::UnknownName| unsupported(error.to_string()))?;
        let empty = if algorithm.scheme() == Scheme::Sm2 {
            let certificate = Certificate::from_der(certificate).map_err(|error| unsupported(error.to_string()))?;
            sm2::hasher(&certificate.public_key).map_err(|error| unsupported(error.to_string()))?
        } else {
            Hasher::new(match algorithm.hash() {
                Hash::Sha256 => HashAlgorithm::Sha256,
                Hash::Sha384 => HashAlgorithm::Sha384,
                Hash::Sha512 => HashAlgorithm::Sha512,
                Hash::Sm3 => HashAlgorithm::Sm3,
            })
        };
        Ok(Self { empty })
    }

    /// The digest of a regular file. Blocks; `stop` ends it within one piece, with an error that nobody waits for.
    ///
    /// # Errors
    /// `Read`, also for what is no regular file.
    pub(crate) fn file(&self, path: &Path, stop: &AtomicBool) -> Result<Vec<u8>, Error> {
        let read = |input: Input| {
            let mut file = File::from(OwnedFd::from(input));
            if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
                return Err(io::Error::other("not a regular file"));
            }
            let mut hasher = self.empty.clone();
            let mut piece = vec![0; PIECE];
            loop {
                if stop.load(Ordering::Relaxed) {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                match file.read(&mut piece) {
                    Ok(0) => return Ok(hasher.finish()),
                    Ok(length) => hasher.update(&piece[..length]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        };
        read(Input::open(path)?).map_err(|source| Error::Read { path: path.to_owned(), source })
    }
}

/// Tells a thread to stop when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    /// What the thread looks at.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SM2: &[u8] = include_bytes!("../../formats/tests/data/sm2-bmp.der");

    #[test]
    fn the_digest_is_the_one_that_the_algorithm_signs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("order");
        fs::write(&path, b"abc").unwrap();
        let digest = |algorithm| Hashing::new(algorithm, SM2).unwrap().file(&path, &AtomicBool::new(false)).unwrap();
        assert_eq!(digest("RSA-PSS-SHA256"), HashAlgorithm::Sha256.digest(b"abc"));
        assert_eq!(digest("ECDSA-SHA384"), HashAlgorithm::Sha384.digest(b"abc"));
        let z = sm2::z(&Certificate::from_der(SM2).unwrap().public_key, sm2::USER_ID).unwrap();
        assert_eq!(digest("SM2-SM3"), HashAlgorithm::Sm3.digest(&[&z[..], b"abc"].concat()));
    }

    #[test]
    fn what_cannot_be_hashed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let hashing = Hashing::new("ECDSA-SHA256", &[]).unwrap();
        for path in [folder.path(), &folder.path().join("missing"), Path::new("/dev/null")] {
            assert!(matches!(hashing.file(path, &AtomicBool::new(false)), Err(Error::Read { .. })), "{path:?}");
        }
        for name in ["MD5", "SM2-SM3"] {
            let error = Hashing::new(name, &[]).unwrap_err();
            assert_eq!(error.kind(), Some(ErrorKind::AlgorithmUnsupported), "{name}");
        }
    }

    #[test]
    fn a_thread_stops_when_nobody_waits_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("order");
        fs::write(&path, b"abc").unwrap();
        let stop = StopOnDrop::default();
        let flag = stop.flag();
        drop(stop);
        assert!(Hashing::new("ECDSA-SHA256", &[]).unwrap().file(&path, &flag).is_err());
    }
}
