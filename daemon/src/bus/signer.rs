//! One call's use of one certificate's key: may it sign, who logs in, and the way of a digest to a signature that is
//! verified and on record.

use super::call::Call;
use super::options::PromptPolicy;
use super::service::{Service, unix_now};
use crate::audit::{Intent, Operation};
use crate::certificate::CertificateFacts;
use crate::prompt::{Asking, Notice, Purpose};
use crate::signing::{sign_scheme, verify_own, wire_form};
use crate::token::{KeyHandle, Pass, PinTask, Signed, Takeover};
use std::sync::Arc;
use ukey_dbus::{Algorithm, Error, ErrorKind, KeyUse, NoticeKind, Validity};

/// What signs for one call.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) service: Arc<Service>,
    pub(super) key: KeyHandle,
    pub(super) facts: Arc<CertificateFacts>,
    pub(super) algorithm: Algorithm,
    pub(super) call: Arc<Call>,
}

impl Signer {
    /// Makes sure that this certificate's key can do this algorithm, and may sign now.
    pub(super) fn new(
        (service, key, facts): (&Arc<Service>, &KeyHandle, &Arc<CertificateFacts>),
        algorithm: &str,
        call: &Arc<Call>,
    ) -> Result<Self, Error> {
        let algorithm = usable_algorithm(key, facts, algorithm)?;
        check_usable(facts)?;
        call.course.is_about(algorithm, facts.short_id());
        Ok(Self {
            service: Arc::clone(service),
            key: key.clone(),
            facts: Arc::clone(facts),
            algorithm,
            call: Arc::clone(call),
        })
    }

    /// Signs a digest. Asks for the PIN where needed and allowed.
    pub(super) async fn sign(&self, digest: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.log_in(0).await?;
        if self.wants_pin_each_time() {
            // That dialog is the consent.
            return self.sign_with_pin(digest).await;
        }
        let pass = self.pass(1).await?;
        // On its own: once the Key was asked, the result is recorded whatever becomes of the call.
        let signer = self.clone();
        let work = self.service.calls.spawn(async move {
            let notice = signer.tell_to_press().await;
            let signed = signer.recorded(vec![digest], pass).await.and_then(only);
            if let Some(notice) = notice {
                tokio::spawn(notice.close());
            }
            signer.tell_of_removal(signed.as_ref().err().map(Error::kind));
            signed
        });
        work.await.unwrap_or_else(|error| Err(Error::new(ErrorKind::Internal, error.to_string())))
    }

    /// Makes sure that the caller's user is logged in: for so many signatures, where there is a number to say.
    pub(super) async fn log_in(&self, count: u32) -> Result<(), Error> {
        if self.is_logged_in() {
            return Ok(());
        }
        let purpose = Purpose { count, ..self.purpose(PinTask::Login(Takeover::Refused)) };
        self.use_pin(purpose, "nobody is logged in for you, and prompt is never").await.map(drop)
    }

    /// Leave for this program to use the login that is there, for so many signatures now: the person is asked once for each
    /// login.
    pub(super) async fn pass(&self, count: u32) -> Result<Pass, Error> {
        let asking = match self.call.options.prompt {
            PromptPolicy::Auto => Asking::Allowed,
            PromptPolicy::Never => Asking::Never,
        };
        let purpose = Purpose { count, ..self.purpose(PinTask::Login(Takeover::Refused)) };
        let call = &self.call;
        let _timed = call.course.leave();
        self.service.broker.pass(&self.key, &call.caller, (&purpose, asking), &call.cancelled).await
    }

    /// Is the caller's user logged in?
    pub(super) fn is_logged_in(&self) -> bool {
        self.key.is_logged_in(self.call.caller.user.uid)
    }

    /// Does this key want the PIN for each signature? Known once somebody is logged in.
    pub(super) fn wants_pin_each_time(&self) -> bool {
        self.key.wants_pin_each_time(&self.facts.key)
    }

    /// Where a button has to be pressed: tells the person. Close the notice after.
    pub(super) async fn tell_to_press(&self) -> Option<Notice> {
        if !self.key.has_button() {
            return None;
        }
        let purpose = self.purpose(PinTask::Login(Takeover::Refused));
        Some(self.service.broker.tell(&self.key, &self.call.caller, &purpose, NoticeKind::Press).await)
    }

    /// Tells the person whose program was signing that the Key was pulled out, when that is why it failed.
    pub(super) fn tell_of_removal(&self, failure: Option<ErrorKind>) {
        if failure == Some(ErrorKind::TokenRemoved) {
            let signer = self.clone();
            // Nobody waits for it, and it closes itself.
            tokio::spawn(async move {
                let purpose = signer.purpose(PinTask::Login(Takeover::Refused));
                signer.service.broker.tell(&signer.key, &signer.call.caller, &purpose, NoticeKind::TokenRemoved).await;
            });
        }
    }

    /// Signs digests, few enough to go to the Key together, under the login that the pass is for, and verifies the signatures.
    /// The intents are written while the Key works, and must be on disk before a signature leaves.
    pub(super) async fn recorded(&self, digests: Vec<Vec<u8>>, pass: Pass) -> Result<Vec<Signed>, Error> {
        let user = &self.call.caller.user;
        let intent = Intent {
            operation: Operation::Sign,
            uid: user.uid,
            pid: user.pid,
            caller: user.name.clone(),
            program: user.program_text(),
            token: self.key.id().to_string(),
            certificate: self.facts.fingerprint.clone(),
            algorithm: self.algorithm.as_str(),
            reason: self.call.options.reason.clone(),
        };
        let begin = async {
            // The request for one signature goes first. While many are signed together the Key is busy with others.
            if digests.len() == 1 {
                tokio::task::yield_now().await;
            }
            self.service.journal.begin_all(intent, &digests)
        };
        let (signed, (durable, records)) = futures_util::join!(self.timed(&digests, pass), begin);
        // Not sooner: intents that are there by now have woken nobody.
        let durable = durable.reached().await;
        // A result without its intent would say nothing.
        durable.map_err(|error| Error::new(ErrorKind::AuditUnavailable, error.to_string()))?;
        for (record, signed) in records.into_iter().zip(&signed) {
            record.finish(signed.as_ref().map_or_else(|error| error.kind().short_name(), |_| "ok"));
        }
        Ok(signed)
    }

    /// Signs, and counts; of those that were made together each has its part of the time.
    async fn timed(&self, digests: &[Vec<u8>], pass: Pass) -> Vec<Signed> {
        let (key, count) = (self.call.course.key(), digests.len());
        let signed = self.signed(digests, pass).await.unwrap_or_else(|error| vec![Err(error); count]);
        let time = key.so_far().checked_div(u32::try_from(count).unwrap_or(u32::MAX));
        for signed in &signed {
            let result = signed.as_ref().map_err(Error::kind);
            self.service.statistics.signature(&self.call.course, self.algorithm, result, time);
        }
        signed
    }

    async fn signed(&self, digests: &[Vec<u8>], pass: Pass) -> Result<Vec<Signed>, Error> {
        let scheme = sign_scheme(self.algorithm, &self.facts.content.public_key, self.facts.sm2.as_ref())?;
        let by = (self.call.caller.user.uid, pass);
        let raw = self.key.sign(by, self.facts.key.clone(), scheme, digests.to_vec()).await?;
        Ok(digests.iter().zip(raw).map(|(digest, raw)| self.checked(digest, raw?)).collect())
    }

    /// A signature by a key that wants the PIN for each: the try is on record before the Key is asked.
    async fn sign_with_pin(&self, digest: Vec<u8>) -> Result<Vec<u8>, Error> {
        let task = PinTask::Sign {
            key: self.facts.key.clone(),
            scheme: sign_scheme(self.algorithm, &self.facts.content.public_key, self.facts.sm2.as_ref())?,
            digest: digest.clone(),
            certificate: self.facts.fingerprint.clone(),
            algorithm: self.algorithm.as_str(),
        };
        let raw = self.use_pin(self.purpose(task), "this key wants the PIN each time, and prompt is never").await?;
        let signed = self.checked(&digest, raw);
        let result = signed.as_ref().map_err(Error::kind);
        self.service.statistics.signature(&self.call.course, self.algorithm, result, None);
        signed
    }

    async fn use_pin(&self, purpose: Purpose, never: &str) -> Result<Vec<u8>, Error> {
        if self.call.options.prompt == PromptPolicy::Never {
            return Err(Error::new(ErrorKind::LoginRequired, never));
        }
        let _timed = self.call.course.leave();
        let (broker, call) = (&self.service.broker, &self.call);
        // Boxed, as it is seldom.
        let result = Box::pin(broker.use_pin(&self.key, &call.caller, &purpose, &call.cancelled)).await;
        self.service.tree.refresh(self.key.id()).await;
        result
    }

    fn purpose(&self, task: PinTask) -> Purpose {
        let reason = self.call.options.reason.clone();
        Purpose { task, count: 0, reason, certificate: Some(Arc::clone(&self.facts)) }
    }

    /// The signature in the form of the contract, verified.
    fn checked(&self, digest: &[u8], raw: Vec<u8>) -> Result<Vec<u8>, Error> {
        let key = &self.facts.content.public_key;
        let signature = wire_form(self.algorithm, key, self.facts.sm2.as_ref(), raw)?;
        verify_own(&self.facts.verifier, self.algorithm, digest, &signature)?;
        Ok(signature)
    }
}

/// What the one digest came to.
fn only(mut signed: Vec<Signed>) -> Signed {
    signed.pop().unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "no digest")))
}

fn usable_algorithm(key: &KeyHandle, facts: &CertificateFacts, name: &str) -> Result<Algorithm, Error> {
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

fn check_usable(facts: &CertificateFacts) -> Result<(), Error> {
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
