//! `Manager.VerifySignature`: needs no Key, no login and no leave from policy, only a caller that can be told apart.

use super::options::invalid;
use super::reading::blocking;
use super::service::Service;
use crate::certificate::key_kind;
use crate::prompt::Caller;
use crate::signing::{Document, digest_document, hasher, verify};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use ukey_dbus::{Algorithm, Error, ErrorKind, UnknownName};
use ukey_formats::Certificate;
use zbus::Variant;
use zbus::message::Header;

/// The call has no option for its time: enough for some 50 GiB.
const LIMIT: Duration = Duration::from_secs(120);

/// Answers `valid b` and `reason s`: empty, or `signature` when it does not fit.
pub(super) async fn verify_signature(
    service: &Service,
    header: &Header<'_>,
    certificate: &[u8],
    algorithm: &str,
    data: OwnedFd,
    signature: &[u8],
) -> Result<HashMap<&'static str, Variant<'static>>, Error> {
    let caller = service.callers.of(header).await?;
    let _room = service.quota.take(&caller.user, certificate.len() + signature.len())?;
    let certificate = Certificate::from_der(certificate)
        .map_err(|error| invalid(format!("the certificate cannot be read: {error}")))?;
    let unsupported = |message: String| Error::new(ErrorKind::AlgorithmUnsupported, message);
    let algorithm: Algorithm = algorithm.parse().map_err(|error: UnknownName| unsupported(error.to_string()))?;
    let kind = key_kind(&certificate.public_key);
    if !kind.algorithms().contains(&algorithm) {
        return Err(unsupported(format!("a key of type {kind} cannot do {algorithm}")));
    }
    let hasher = hasher(algorithm, &certificate.public_key)?;
    let over = service.stopping.child_token();
    let _stop_when_dropped = over.clone().drop_guard();
    let digest =
        in_time(service, &caller, move || digest_document(hasher, &Document::new(data)?, &AtomicU64::new(0), &over))
            .await?;
    let reason = match verify(&certificate.public_key, algorithm, &digest, signature) {
        Ok(()) => "",
        Err(error) if error.kind() == ErrorKind::SignatureInvalid => "signature",
        Err(error) => return Err(error),
    };
    Ok(HashMap::from([("valid", Variant::from(reason.is_empty())), ("reason", Variant::from(reason))]))
}

/// Runs what reads a document on another thread, in the caller's turn, as long as the caller is there and within
/// [`LIMIT`].
pub(super) async fn in_time<T: Send + 'static>(
    service: &Service,
    caller: &Caller,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let work = async {
        let turn = service.hash_turns.take(&caller.user).await?;
        blocking(move || {
            // The turn is kept as long as the thread, however long the file system takes.
            let _turn = turn;
            work()
        })
        .await
    };
    tokio::select! {
        result = work => result,
        () = caller.gone.cancelled() => Err(Error::new(ErrorKind::Cancelled, "the caller left the bus")),
        () = tokio::time::sleep(LIMIT) => Err(Error::new(ErrorKind::Timeout, "the document takes too long")),
    }
}
