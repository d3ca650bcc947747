//! `Manager.VerifyMessage`: each signer, each check and each reason on its own. Needs no Key, no login and no leave from
//! policy, only a caller that can be told apart.

use super::dictionary::{Answer, Value};
use super::options::{RawOptions, invalid};
use super::reasons;
use super::service::{Service, unix_now};
use super::verify::in_time;
use crate::certificate::{Trust, fingerprint};
use crate::signing::{Document, read_document};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio_util::sync::CancellationToken;
use ukey_dbus::Error;
use ukey_dbus::options::{AT, CERTIFICATE, ENCODING_CMS, ENCODING_GMT0010, MESSAGE_MAX};
use ukey_formats::cms::{ContentDigest, DigestCheck, Encoding, Message, SignatureCheck, SignerReport, SigningTime};
use ukey_formats::{Certificate, Hasher, Uscc};
use zbus::message::Header;

/// What the caller adds to a message.
struct VerifyOptions {
    /// Certificates that signers may have.
    certificates: Vec<Certificate>,
    /// The time for which certificates are checked, Unix seconds.
    at: u64,
}

impl VerifyOptions {
    fn parse(mut raw: RawOptions) -> Result<Self, Error> {
        let certificates = match raw.remove(CERTIFICATE) {
            Some(value) => vec![certificate(value)?],
            None => Vec::new(),
        };
        let at = match raw.remove(AT) {
            Some(Value::Large(at)) => at,
            Some(_) => return Err(invalid(format!("option {AT} must be an unsigned 64-bit number"))),
            None => unix_now(),
        };
        match raw.into_iter().next() {
            Some((key, _)) => Err(invalid(format!("unknown option \"{}\"", ukey_formats::text::one_line(&key, 40)))),
            None => Ok(Self { certificates, at }),
        }
    }
}

fn certificate(value: Value) -> Result<Certificate, Error> {
    let Value::Bytes(der) = value else { return Err(invalid(format!("option {CERTIFICATE} must be bytes"))) };
    Certificate::from_der(&der).map_err(|error| invalid(format!("the certificate cannot be read: {error}")))
}

/// Checks a message; its content is in it, or in the descriptor.
pub(super) async fn verify_message(
    service: &Service,
    header: &Header<'_>,
    message: Vec<u8>,
    content: OwnedFd,
    options: RawOptions,
) -> Result<Answer, Error> {
    let caller = service.callers.of(header).await?;
    let _room = service.quota.take(&caller.user, message.len())?;
    if message.len() > MESSAGE_MAX {
        return Err(invalid(format!("a message of {} bytes; VerifyMessage takes {MESSAGE_MAX}", message.len())));
    }
    let options = VerifyOptions::parse(options)?;
    let over = service.stopping.child_token();
    let _stop_when_dropped = over.clone().drop_guard();
    let trust = Arc::clone(&service.trust);
    in_time(service, &caller, move || {
        let message =
            Message::from_ber(&message).map_err(|error| invalid(format!("the message cannot be read: {error}")))?;
        let document = Document::new(content)?;
        let needed = message.needed_digests(&options.certificates);
        let digests = match message.content() {
            Some(attached) => {
                check_same(attached, &document, &over)?;
                needed.into_iter().map(|needed| (needed, needed.of(attached))).collect()
            }
            None => digests_of(&document, needed, &over)?,
        };
        let digest_of = |wanted: &ContentDigest| {
            digests.iter().find(|(digest, _)| digest == wanted).map(|(_, digest)| digest.clone())
        };
        let verification = message.verify(&options.certificates, digest_of);
        let mut all_good = verification.is_valid();
        let mut signers: Vec<Answer> = Vec::new();
        for signer in &verification.signers {
            let (answer, good) = signer_answer(signer, &trust, message.certificates(), options.at);
            all_good &= good;
            signers.push(answer);
        }
        let deviations: Vec<String> =
            verification.deviations.iter().map(|deviation| reasons::deviation(*deviation).to_owned()).collect();
        let encoding = match message.encoding() {
            Encoding::Cms => ENCODING_CMS,
            Encoding::Gmt0010 => ENCODING_GMT0010,
        };
        let mut answer = Answer::from([
            ("valid", Value::from(all_good)),
            ("encoding", Value::from(encoding)),
            ("attached", Value::from(message.content().is_some())),
            ("signers", Value::Dictionaries(signers)),
            ("deviations", Value::Texts(deviations)),
        ]);
        if let Some(content) = message.content() {
            answer.insert("content", Value::from(content.to_vec()));
        }
        Ok(answer)
    })
    .await
}

/// Beside a message with its content the descriptor has to be empty or hold the same.
fn check_same(attached: &[u8], document: &Document, over: &CancellationToken) -> Result<(), Error> {
    let differs = || invalid("the message has its content in it, and the file holds something else");
    if ![0, attached.len() as u64].contains(&document.size()) {
        return Err(differs());
    }
    let mut rest = attached;
    read_document(document, &AtomicU64::new(0), over, |chunk| {
        rest = rest.strip_prefix(chunk).ok_or_else(differs)?;
        Ok(())
    })
}

/// Every digest that is needed, in one reading.
fn digests_of(
    document: &Document,
    needed: Vec<ContentDigest>,
    over: &CancellationToken,
) -> Result<Vec<(ContentDigest, Vec<u8>)>, Error> {
    let mut hashers: Vec<_> = needed.into_iter().map(|needed| (needed, needed.hasher())).collect();
    read_document(document, &AtomicU64::new(0), over, |chunk| {
        hashers.iter_mut().for_each(|(_, hasher)| hasher.update(chunk));
        Ok(())
    })?;
    Ok(hashers.into_iter().map(|(needed, hasher): (_, Hasher)| (needed, hasher.finish())).collect())
}

/// What is told of one signer, and whether it is good with its certificate.
fn signer_answer(signer: &SignerReport<'_>, trust: &Trust, candidates: &[Certificate], at: u64) -> (Answer, bool) {
    let digest_ok = matches!(signer.digest, DigestCheck::Matches)
        || (signer.digest == DigestCheck::InSignature && signer.signature == SignatureCheck::Valid);
    let signature_ok = signer.signature == SignatureCheck::Valid;
    let mut answer = Answer::from([
        ("digest-ok", Value::from(digest_ok)),
        ("digest", Value::from(reasons::digest(signer.digest))),
        ("signature-ok", Value::from(signature_ok)),
        ("signature", Value::from(reasons::signature(signer.signature))),
        ("content-type", Value::from(reasons::content_type(signer.content_type))),
        ("certificate-reference", Value::from(reasons::reference(signer.certificate_reference))),
        ("algorithms", Value::from(reasons::algorithms(signer.algorithms))),
        ("key-use", Value::from(reasons::key_use(signer.key_use))),
    ]);
    match signer.signing_time {
        SigningTime::At(time) => drop(answer.insert("signing-time", Value::from(time))),
        SigningTime::Malformed => drop(answer.insert("signing-time-malformed", Value::from(true))),
        SigningTime::Absent => {}
    }
    let mut certificate_ok = false;
    if let Some(certificate) = signer.certificate {
        let report = trust.check(certificate, candidates, at);
        certificate_ok = trust.accepts(&report);
        answer.extend([
            ("certificate", Value::from(certificate.der.clone())),
            ("fingerprint", Value::from(fingerprint(&certificate.der))),
            ("holder-name", Value::from(certificate.holder_name.clone())),
            ("holder-id", Value::from(certificate.holder_id.as_ref().map_or("", Uscc::as_str).to_owned())),
            ("dates", Value::from(reasons::dates(report.dates))),
            ("chain", Value::from(reasons::chain(report.chain))),
            ("revocation", Value::from(reasons::revocation(report.revocation))),
        ]);
    }
    answer.insert("certificate-ok", Value::from(certificate_ok));
    (answer, certificate_ok)
}
