//! `org.ukeyd.UKey1.Certificate`.

use super::authorize::Action;
use super::batch::sign_batch;
use super::call::{self, Asked, Call};
use super::dictionary::{Answer, Value};
use super::line::Line;
use super::message::{MessageOptions, sign_message, sign_message_file};
use super::options::RawOptions;
use super::reasons;
use super::service::{Service, unix_now};
use super::sign::{Input, sign};
use super::signer::Signer;
use crate::certificate::CertificateFacts;
use crate::token::KeyHandle;
use serde_bytes::ByteBuf;
use std::sync::Arc;
use ukey_dbus::{Error, ErrorKind, names};
use ukey_formats::certificate::partner;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{ObjectPath, OwnedFd, OwnedObjectPath};

/// A certificate on a Key.
pub(super) struct CertificateObject {
    service: Arc<Service>,
    key: KeyHandle,
    facts: Arc<CertificateFacts>,
    /// The line that it is called over; none on the bus.
    line: Option<Arc<Line>>,
}

impl CertificateObject {
    pub(super) fn new(service: Arc<Service>, key: KeyHandle, facts: Arc<CertificateFacts>) -> Self {
        Self { service, key, facts, line: None }
    }

    /// The same for calls that come over this line.
    pub(super) fn over(self, line: &Arc<Line>) -> Self {
        Self { line: Some(Arc::clone(line)), ..self }
    }

    fn asked<'a>(&'a self, header: &'a Header<'a>) -> Asked<'a> {
        Asked { header, line: self.line.as_ref() }
    }

    /// Fingerprint of the certificate that makes a pair with this one: for encryption where this one is for signatures,
    /// or the other way round.
    fn partner(&self) -> Option<String> {
        let snapshot = self.key.snapshot();
        let all = &snapshot.certificates;
        let among: Vec<_> = all.iter().map(|facts| facts.on_key()).collect();
        all.get(partner(&self.facts.on_key(), &among)?).map(|facts| facts.fingerprint.clone())
    }

    fn signer(&self, algorithm: &str, call: &Arc<Call>) -> Result<Signer, Error> {
        Signer::new((&self.service, &self.key, &self.facts), algorithm, call)
    }

    async fn sign(
        &self,
        header: &Header<'_>,
        algorithm: &str,
        input: Input,
        options: RawOptions,
    ) -> Result<ByteBuf, Error> {
        let signature =
            call::run(&self.service, self.asked(header), (options, input.kept()), Action::Sign, async |call| {
                sign(&self.signer(algorithm, &call)?, input).await
            })
            .await?;
        Ok(ByteBuf::from(signature))
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Certificate")]
impl CertificateObject {
    #[zbus(out_args("der", "details"))]
    async fn get_certificate(&self, #[zbus(header)] header: Header<'_>) -> Result<(ByteBuf, Answer), Error> {
        let caller = self.asked(&header).caller(&self.service).await?;
        self.service.authorizer.check(&caller, &header, Action::ReadCertificate).await?;
        let content = &self.facts.content;
        let report = self.service.trust.check(content, &[], unix_now());
        let mut details = Answer::from([
            ("issuer", Value::from(content.issuer.clone())),
            ("subject", Value::from(content.subject.clone())),
            ("serial-number", Value::from(content.serial_number.clone())),
            ("fingerprint", Value::from(self.facts.fingerprint.clone())),
            ("holder-name", Value::from(content.holder_name.clone())),
            ("unit-name", Value::from(content.unit_name.clone())),
            ("holder-id", Value::from(self.facts.holder_id())),
            ("not-before", Value::from(content.not_before)),
            ("not-after", Value::from(content.not_after)),
            ("dates", Value::from(reasons::dates(report.dates))),
            ("chain", Value::from(reasons::chain(report.chain))),
            ("revocation", Value::from(reasons::revocation(report.revocation))),
            ("trusted", Value::from(self.service.trust.accepts(&report))),
        ]);
        if let Some(partner) = self.partner() {
            details.insert("partner", Value::from(partner));
        }
        Ok((ByteBuf::from(content.der.clone()), details))
    }

    #[zbus(out_args("signature"))]
    async fn sign_digest(
        &self,
        algorithm: &str,
        digest: ByteBuf,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ByteBuf, Error> {
        self.sign(&header, algorithm, Input::Digest(digest.into_vec()), options).await
    }

    #[zbus(out_args("signature"))]
    async fn sign_data(
        &self,
        algorithm: &str,
        data: ByteBuf,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ByteBuf, Error> {
        self.sign(&header, algorithm, Input::Data(data.into_vec()), options).await
    }

    #[zbus(out_args("signature"))]
    async fn sign_file(
        &self,
        algorithm: &str,
        file: OwnedFd,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ByteBuf, Error> {
        self.sign(&header, algorithm, Input::File(file.into()), options).await
    }

    #[zbus(out_args("results"))]
    async fn sign_batch(
        &self,
        algorithm: &str,
        digests: Vec<ByteBuf>,
        options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<(String, ByteBuf)>, Error> {
        let digests: Vec<_> = digests.into_iter().map(ByteBuf::into_vec).collect();
        let kept = digests.iter().map(Vec::len).sum();
        let outcomes = call::run(&self.service, self.asked(&header), (options, kept), Action::Sign, async |call| {
            sign_batch(&self.signer(algorithm, &call)?, digests).await
        })
        .await?;
        let wire = |outcome: Result<Vec<u8>, ErrorKind>| match outcome {
            Ok(signature) => (String::new(), ByteBuf::from(signature)),
            Err(kind) => (kind.dbus_name().to_owned(), ByteBuf::new()),
        };
        Ok(outcomes.into_iter().map(wire).collect())
    }

    #[zbus(out_args("message"))]
    async fn sign_message(
        &self,
        content: ByteBuf,
        mut options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ByteBuf, Error> {
        let wanted = MessageOptions::take(&mut options)?;
        let kept = content.len();
        let message = call::run(&self.service, self.asked(&header), (options, kept), Action::Sign, async |call| {
            let signer = self.signer(&wanted.algorithm(&self.facts), &call)?;
            sign_message(&signer, content.into_vec(), &wanted).await
        })
        .await?;
        Ok(ByteBuf::from(message))
    }

    #[zbus(out_args("result"))]
    async fn sign_message_file(
        &self,
        content: OwnedFd,
        message: OwnedFd,
        mut options: RawOptions,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Answer, Error> {
        let wanted = MessageOptions::take(&mut options)?;
        let length = call::run(&self.service, self.asked(&header), (options, 0), Action::Sign, async |call| {
            let signer = self.signer(&wanted.algorithm(&self.facts), &call)?;
            sign_message_file(&signer, (content.into(), message.into()), &wanted).await
        })
        .await?;
        Ok(Answer::from([("length", Value::from(length))]))
    }

    #[zbus(signal)]
    pub(super) async fn expiry_warning(emitter: &SignalEmitter<'_>, days: i32, threshold: i32) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "const"))]
    fn token(&self) -> OwnedObjectPath {
        // An id is 16 hexadecimal digits.
        ObjectPath::from_string_unchecked(names::token_path(self.key.id().as_str())).into()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn issuer(&self) -> String {
        self.facts.content.issuer.clone()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn serial_number(&self) -> String {
        self.facts.content.serial_number.clone()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn fingerprint(&self) -> String {
        self.facts.fingerprint.clone()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn not_before(&self) -> u64 {
        self.facts.content.not_before
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn not_after(&self) -> u64 {
        self.facts.content.not_after
    }

    #[zbus(property)]
    fn validity(&self) -> String {
        self.facts.validity(unix_now()).to_string()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn holder_name(&self) -> String {
        self.facts.content.holder_name.clone()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn holder_id(&self) -> String {
        self.facts.holder_id().to_owned()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn key_use(&self) -> String {
        self.facts.key_use().to_string()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn key_type(&self) -> String {
        self.facts.key_kind().to_string()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn algorithms(&self) -> Vec<String> {
        self.facts.algorithms().iter().map(ToString::to_string).collect()
    }
}
