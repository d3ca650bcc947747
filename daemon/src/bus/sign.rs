//! One raw signature: what the caller passed becomes a digest.

use super::call::Call;
use super::options::invalid;
use super::reading::{Counters, blocking, read};
use super::signer::Signer;
use crate::signing::{Document, check_digest, digest_bytes, digest_document, hasher};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ukey_dbus::options::DATA_MAX;
use ukey_dbus::{Error, ErrorKind};
use ukey_formats::Hasher;

/// Data up to this size is hashed in place; it takes less time than going to another thread and back.
pub(super) const INLINE_MAX: usize = 64 << 10;

/// What is to be signed.
pub(super) enum Input {
    Digest(Vec<u8>),
    Data(Vec<u8>),
    File(OwnedFd),
}

impl Input {
    /// Bytes that the service keeps for it.
    pub(super) fn kept(&self) -> usize {
        match self {
            Self::Digest(bytes) | Self::Data(bytes) => bytes.len(),
            Self::File(_) => 0,
        }
    }
}

/// Signs. Asks for the PIN where needed and allowed.
pub(super) async fn sign(signer: &Signer, input: Input) -> Result<Vec<u8>, Error> {
    let digest = digest_of(signer, input).await?;
    signer.sign(digest).await
}

async fn digest_of(signer: &Signer, input: Input) -> Result<Vec<u8>, Error> {
    let hasher = || hasher(signer.algorithm, &signer.facts.content.public_key);
    match input {
        Input::Digest(_) if !signer.service.settings.signing.blind_digests => {
            Err(Error::new(ErrorKind::NotAuthorized, "SignDigest is switched off here (signing.blind-digests)"))
        }
        Input::Digest(digest) => check_digest(signer.algorithm, &digest).map(|()| digest),
        Input::Data(data) if data.len() > DATA_MAX => {
            Err(invalid(format!("{} bytes of data; SignData takes {DATA_MAX}, SignFile any size", data.len())))
        }
        Input::Data(data) => hash_data(signer, hasher()?, Arc::new(data)).await,
        Input::File(file) => hash_file(signer, hasher()?, file).await,
    }
}

/// Hashes data in memory, beside the main thread where it takes long.
pub(super) async fn hash_data(signer: &Signer, hasher: Hasher, data: Arc<Vec<u8>>) -> Result<Vec<u8>, Error> {
    if data.len() <= INLINE_MAX {
        return Ok(digest_bytes(hasher, &data));
    }
    let turn = signer.service.hash_turns.take(&signer.call.caller.user).await?;
    blocking(move || {
        let _turn = turn;
        Ok(digest_bytes(hasher, &data))
    })
    .await
}

async fn hash_file(signer: &Signer, hasher: Hasher, file: OwnedFd) -> Result<Vec<u8>, Error> {
    let call: &Call = &signer.call;
    let counters = Arc::new(Counters::default());
    read(&signer.service, call, &counters, move |counters, over| {
        let document = Document::new(file)?;
        counters.total.store(document.size(), Ordering::Relaxed);
        digest_document(hasher, &document, &counters.done, over)
    })
    .await
}
