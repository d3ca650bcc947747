//! One signature, from the caller's argument to a verified answer.

use super::call::Call;
use super::options::{PromptPolicy, invalid};
use super::service::{Service, unix_now};
use crate::audit::{Intent, Operation};
use crate::certificate::CertificateFacts;
use crate::prompt::{Notice, Purpose};
use crate::signing::{Document, check_digest, digest_bytes, digest_document, hasher, sign_scheme, verify, wire_form};
use crate::token::{KeyHandle, PinTask, Takeover};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ukey_dbus::options::DATA_MAX;
use ukey_dbus::{Algorithm, Error, ErrorKind, KeyUse, NoticeKind, Validity};
use ukey_formats::Hasher;

/// Data up to this size is hashed in place; it takes less time than going to another thread and back.
const INLINE_MAX: usize = 64 << 10;
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

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
pub(super) async fn sign(
    service: &Arc<Service>,
    key: &KeyHandle,
    facts: &Arc<CertificateFacts>,
    algorithm: &str,
    input: Input,
    call: &Arc<Call>,
) -> Result<Vec<u8>, Error> {
    let algorithm = usable_algorithm(key, facts, algorithm)?;
    check_usable(facts)?;
    let digest = digest_of(service, facts, algorithm, input, call).await?;
    log_in(service, key, facts, call).await?;
    if key.wants_pin_each_time(&facts.key) {
        return sign_with_pin(service, key, facts, algorithm, digest, call).await;
    }

    // On its own: once the Key was asked, the result is recorded whatever becomes of the call.
    let (on_its_own, key) = (Arc::clone(service), key.clone());
    let (facts, call) = (Arc::clone(facts), Arc::clone(call));
    let work = service.calls.spawn(async move {
        let notice = match key.has_button() {
            true => Some(tell_to_press(&on_its_own, &key, &facts, &call).await),
            false => None,
        };
        let signed = recorded_signature(&on_its_own, &key, &facts, algorithm, digest, &call).await;
        if let Some(notice) = notice {
            tokio::spawn(notice.close());
        }
        signed
    });
    work.await.unwrap_or_else(|error| Err(Error::new(ErrorKind::Internal, error.to_string())))
}

/// Signs a digest and verifies the signature. The intent is written while the Key works, and must be on disk before
/// the signature leaves.
pub(super) async fn recorded_signature(
    service: &Service,
    key: &KeyHandle,
    facts: &CertificateFacts,
    algorithm: Algorithm,
    digest: Vec<u8>,
    call: &Call,
) -> Result<Vec<u8>, Error> {
    let mut record = service.journal.begin(Intent {
        operation: Operation::Sign,
        uid: call.caller.user.uid,
        pid: call.caller.user.pid,
        caller: call.caller.user.name.clone(),
        token: key.id().to_string(),
        certificate: facts.fingerprint.clone(),
        algorithm: algorithm.as_str(),
        digest: digest.clone(),
        reason: call.options.reason.clone(),
    });
    let signed = async {
        let scheme = sign_scheme(algorithm, &facts.content.public_key, facts.sm2.as_ref())?;
        let raw = key.sign(call.caller.user.uid, facts.key.clone(), scheme, digest.clone()).await?;
        checked(facts, algorithm, &digest, raw)
    };
    let (durable, signed) = tokio::join!(record.durable(), signed);
    // A result without its intent would say nothing.
    durable.map_err(|error| Error::new(ErrorKind::AuditUnavailable, error.to_string()))?;
    record.finish(signed.as_ref().map_or_else(|error: &Error| error.kind().short_name(), |_| "ok"));
    signed
}

pub(super) async fn tell_to_press(
    service: &Service,
    key: &KeyHandle,
    facts: &Arc<CertificateFacts>,
    call: &Call,
) -> Notice {
    let purpose = Purpose {
        task: PinTask::Login(Takeover::Refused),
        reason: call.options.reason.clone(),
        certificate: Some(Arc::clone(facts)),
    };
    service.broker.tell(key, &call.caller, &purpose, NoticeKind::Press).await
}

pub(super) fn usable_algorithm(key: &KeyHandle, facts: &CertificateFacts, name: &str) -> Result<Algorithm, Error> {
    let unsupported = |message: String| Error::new(ErrorKind::AlgorithmUnsupported, message);
    let algorithm: Algorithm = name.parse().map_err(|error: ukey_dbus::UnknownName| unsupported(error.to_string()))?;
    if facts.algorithms().contains(&algorithm) {
        Ok(algorithm)
    } else if facts.key_kind().algorithms().contains(&algorithm) {
        Err(unsupported(format!("no vendor profile says how this Key does {algorithm}: {}", key.maker())))
    } else {
        Err(unsupported(format!("a key of type {} cannot do {algorithm}", facts.key_kind())))
    }
}

pub(super) fn check_usable(facts: &CertificateFacts) -> Result<(), Error> {
    match facts.validity(unix_now()) {
        Validity::Expired => Err(Error::new(ErrorKind::CertificateExpired, "the certificate has expired")),
        Validity::NotYetValid => {
            Err(Error::new(ErrorKind::CertificateNotYetValid, "the certificate is not valid yet; check the clock"))
        }
        Validity::Valid | Validity::Expiring if facts.key_use() == KeyUse::Encryption => {
            Err(Error::new(ErrorKind::WrongKeyUse, "the certificate's key usage does not allow signatures"))
        }
        Validity::Valid | Validity::Expiring => Ok(()),
    }
}

/// Makes sure that the caller's user is logged in.
pub(super) async fn log_in(
    service: &Service,
    key: &KeyHandle,
    facts: &Arc<CertificateFacts>,
    call: &Call,
) -> Result<(), Error> {
    if key.is_logged_in(call.caller.user.uid) {
        return Ok(());
    }
    if call.options.prompt == PromptPolicy::Never {
        return Err(Error::new(ErrorKind::LoginRequired, "nobody is logged in for you, and prompt is never"));
    }
    let purpose = Purpose {
        task: PinTask::Login(Takeover::Refused),
        reason: call.options.reason.clone(),
        certificate: Some(Arc::clone(facts)),
    };
    let result = service.broker.use_pin(key, &call.caller, &purpose, &call.cancelled).await;
    service.tree.refresh(key.id()).await;
    result.map(drop)
}

/// A signature by a key that wants the PIN for each: the try is on record before the Key is asked.
async fn sign_with_pin(
    service: &Service,
    key: &KeyHandle,
    facts: &Arc<CertificateFacts>,
    algorithm: Algorithm,
    digest: Vec<u8>,
    call: &Call,
) -> Result<Vec<u8>, Error> {
    if call.options.prompt == PromptPolicy::Never {
        return Err(Error::new(ErrorKind::LoginRequired, "this key wants the PIN each time, and prompt is never"));
    }
    let task = PinTask::Sign {
        key: facts.key.clone(),
        scheme: sign_scheme(algorithm, &facts.content.public_key, facts.sm2.as_ref())?,
        digest: digest.clone(),
        certificate: facts.fingerprint.clone(),
        algorithm: algorithm.as_str(),
    };
    let purpose = Purpose { task, reason: call.options.reason.clone(), certificate: Some(Arc::clone(facts)) };
    let raw = service.broker.use_pin(key, &call.caller, &purpose, &call.cancelled).await;
    service.tree.refresh(key.id()).await;
    checked(facts, algorithm, &digest, raw?)
}

/// The signature in the form of the contract, verified.
fn checked(facts: &CertificateFacts, algorithm: Algorithm, digest: &[u8], raw: Vec<u8>) -> Result<Vec<u8>, Error> {
    let signature = wire_form(algorithm, &facts.content.public_key, facts.sm2.as_ref(), raw)?;
    verify(&facts.content.public_key, algorithm, digest, &signature)?;
    Ok(signature)
}

async fn digest_of(
    service: &Service,
    facts: &CertificateFacts,
    algorithm: Algorithm,
    input: Input,
    call: &Call,
) -> Result<Vec<u8>, Error> {
    let hasher = hasher(algorithm, &facts.content.public_key)?;
    match input {
        Input::Digest(_) if !service.settings.signing.blind_digests => {
            Err(Error::new(ErrorKind::NotAuthorized, "SignDigest is switched off here (signing.blind-digests)"))
        }
        Input::Digest(digest) => check_digest(algorithm, &digest).map(|()| digest),
        Input::Data(data) if data.len() > DATA_MAX => {
            Err(invalid(format!("{} bytes of data; SignData takes {DATA_MAX}, SignFile any size", data.len())))
        }
        Input::Data(data) if data.len() <= INLINE_MAX => Ok(digest_bytes(hasher, &data)),
        Input::Data(data) => {
            let turn = service.hash_turns.take(&call.caller.user).await?;
            blocking(move || {
                let _turn = turn;
                Ok(digest_bytes(hasher, &data))
            })
            .await
        }
        Input::File(file) => digest_file(service, hasher, file, call).await,
    }
}

/// Hashes a document beside the main thread, and tells the caller how far it is.
async fn digest_file(service: &Service, hasher: Hasher, file: OwnedFd, call: &Call) -> Result<Vec<u8>, Error> {
    let turn = service.hash_turns.take(&call.caller.user).await?;
    let (size, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (seen, counted, over) = (Arc::clone(&size), Arc::clone(&done), call.over.clone());
    let mut hashing = std::pin::pin!(blocking(move || {
        // A file system of the caller's own making may never answer: the turn is kept as long as the thread.
        let _turn = turn;
        let document = Document::new(file)?;
        seen.store(document.size(), Ordering::Relaxed);
        digest_document(hasher, &document, &counted, &over)
    }));
    loop {
        tokio::select! {
            digest = &mut hashing => {
                if let Some(request) = call.request.as_ref().filter(|_| digest.is_ok()) {
                    let total = size.load(Ordering::Relaxed);
                    request.progress(total, total).await;
                }
                return digest;
            }
            () = tokio::time::sleep(PROGRESS_EVERY), if call.request.is_some() => {
                if let Some(request) = &call.request {
                    request.progress(done.load(Ordering::Relaxed), size.load(Ordering::Relaxed)).await;
                }
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::new(ErrorKind::Internal, error.to_string())))
}
