//! `SignMessage` and `SignMessageFile`: the content is hashed, the Key signs what the message says of it, and the message
//! is written around the content. A file is read twice and never held in memory.

use super::dictionary::Value;
use super::options::{RawOptions, invalid, text};
use super::reading::{Counters, read};
use super::service::unix_now;
use super::sign::hash_data;
use super::signer::Signer;
use crate::certificate::CertificateFacts;
use crate::signing::{
    ContentPlace, Document, MessageForm, Output, UnsignedMessage, content_hash, digest_document, read_document,
};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ukey_dbus::options::{
    ALGORITHM, DETACHED, ENCODING, ENCODING_CMS, ENCODING_GMT0010, INCLUDE_CHAIN, MESSAGE_CONTENT_MAX, SIGNING_TIME,
};
use ukey_dbus::{Algorithm, Error};
use ukey_formats::cms::{Content, Encoding};
use ukey_formats::{Certificate, Hasher};

/// What the caller wants of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MessageOptions {
    algorithm: Option<String>,
    encoding: Encoding,
    content: ContentPlace,
    chain: Included,
    signing_time: Included,
}

/// Is this in the message?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Included {
    Yes,
    No,
}

impl MessageOptions {
    /// Takes them out of the others.
    pub(super) fn take(raw: &mut RawOptions) -> Result<Self, Error> {
        let encoding = match raw.remove(ENCODING).map(|value| text(ENCODING, value)).transpose()?.as_deref() {
            None | Some(ENCODING_CMS) => Encoding::Cms,
            Some(ENCODING_GMT0010) => Encoding::Gmt0010,
            Some(_) => return Err(invalid(format!("{ENCODING} must be {ENCODING_CMS} or {ENCODING_GMT0010}"))),
        };
        let content = match included(raw, DETACHED, Included::No)? {
            Included::Yes => ContentPlace::Detached,
            Included::No => ContentPlace::Attached,
        };
        Ok(Self {
            algorithm: raw.remove(ALGORITHM).map(|value| text(ALGORITHM, value)).transpose()?,
            encoding,
            content,
            chain: included(raw, INCLUDE_CHAIN, Included::Yes)?,
            signing_time: included(raw, SIGNING_TIME, Included::Yes)?,
        })
    }

    /// The algorithm to sign with: the certificate's preferred one, unless the caller named another.
    pub(super) fn algorithm(&self, facts: &CertificateFacts) -> String {
        let preferred = || facts.key_kind().algorithms().first().copied().map_or("", Algorithm::as_str).to_owned();
        self.algorithm.clone().unwrap_or_else(preferred)
    }

    fn form(&self) -> MessageForm {
        MessageForm {
            encoding: self.encoding,
            content: self.content,
            signing_time: (self.signing_time == Included::Yes).then(unix_now),
        }
    }
}

fn included(raw: &mut RawOptions, key: &str, default: Included) -> Result<Included, Error> {
    match raw.remove(key) {
        None => Ok(default),
        Some(Value::Flag(true)) => Ok(Included::Yes),
        Some(Value::Flag(false)) => Ok(Included::No),
        Some(_) => Err(invalid(format!("option {key} must be a boolean"))),
    }
}

/// A message that is signed, but for its content.
struct Signed {
    message: UnsignedMessage,
    signature: Vec<u8>,
    chain: Vec<Certificate>,
}

impl Signed {
    async fn sign(signer: &Signer, options: &MessageOptions, digest: &[u8]) -> Result<Self, Error> {
        let certificate = &signer.facts.content;
        let message = UnsignedMessage::new(&options.form(), signer.algorithm, certificate, digest)?;
        let signature = signer.sign(message.digest(&certificate.public_key)?).await?;
        let chain = match options.chain {
            Included::Yes => signer.service.trust.issuers(certificate, unix_now()),
            Included::No => Vec::new(),
        };
        Ok(Self { message, signature, chain })
    }
}

fn plain_hasher(signer: &Signer) -> Hasher {
    Hasher::new(content_hash(signer.algorithm))
}

/// Signs a content in memory and returns the message.
pub(super) async fn sign_message(
    signer: &Signer,
    content: Vec<u8>,
    options: &MessageOptions,
) -> Result<Vec<u8>, Error> {
    if content.len() > MESSAGE_CONTENT_MAX {
        let length = content.len();
        return Err(invalid(format!(
            "{length} bytes of content; SignMessage takes {MESSAGE_CONTENT_MAX}, SignMessageFile any size"
        )));
    }
    let content = Arc::new(content);
    let digest = hash_data(signer, plain_hasher(signer), Arc::clone(&content)).await?;
    let Signed { message, signature, chain } = Signed::sign(signer, options, &digest).await?;
    let (place, content): (_, &[u8]) = match options.content {
        ContentPlace::Attached => (Content::Attached { length: content.len() as u64 }, &content),
        ContentPlace::Detached => (Content::Detached, &[]),
    };
    Ok(message.frame(place, &signature, &chain)?.around(content))
}

/// Signs a document and writes the message; returns its length in bytes.
pub(super) async fn sign_message_file(
    signer: &Signer,
    (input, output): (OwnedFd, OwnedFd),
    options: &MessageOptions,
) -> Result<u64, Error> {
    let counters = Arc::new(Counters::default());
    let readings = match options.content {
        ContentPlace::Attached => 2,
        ContentPlace::Detached => 1,
    };
    let hasher = plain_hasher(signer);
    let (document, mut output, digest) = read(&signer.service, &signer.call, &counters, move |counters, over| {
        let (document, output) = (Document::new(input)?, Output::new(output)?);
        output.check_is_not(&document)?;
        counters.total.store(document.size().saturating_mul(readings), Ordering::Relaxed);
        let digest = digest_document(hasher, &document, &counters.done, over)?;
        Ok((document, output, digest))
    })
    .await?;

    let Signed { message, signature, chain } = Signed::sign(signer, options, &digest).await?;
    let attached = options.content == ContentPlace::Attached;
    let place = if attached { Content::Attached { length: document.size() } } else { Content::Detached };
    let frame = message.frame(place, &signature, &chain)?;
    let mut hasher = plain_hasher(signer);
    read(&signer.service, &signer.call, &counters, move |counters, over| {
        output.write(&frame.header)?;
        if attached {
            read_document(&document, &counters.done, over, |chunk| {
                hasher.update(chunk);
                output.write(chunk)
            })?;
            if hasher.finish() != digest {
                return Err(invalid("the file changed while it was signed"));
            }
        }
        output.write(&frame.trailer)?;
        Ok(output.finish())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use ukey_dbus::ErrorKind;

    fn take(entries: &[(&str, Value)]) -> Result<MessageOptions, Error> {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        MessageOptions::take(&mut RawOptions(entries.collect()))
    }

    #[test]
    fn a_message_is_attached_with_time_and_chain_unless_said_otherwise() {
        let options = take(&[]).unwrap();
        assert_eq!((options.content, options.encoding), (ContentPlace::Attached, Encoding::Cms));
        assert_eq!((options.chain, options.signing_time), (Included::Yes, Included::Yes));
        let options = take(&[
            ("detached", Value::from(true)),
            ("encoding", Value::from("gmt0010")),
            ("signing-time", Value::from(false)),
        ])
        .unwrap();
        assert_eq!((options.content, options.encoding), (ContentPlace::Detached, Encoding::Gmt0010));
        assert_eq!(options.form().signing_time, None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (key, value) in
            [("encoding", Value::from("pkcs7")), ("detached", Value::Small(1)), ("algorithm", Value::from(true))]
        {
            assert_eq!(take(&[(key, value)]).unwrap_err().kind(), ErrorKind::InvalidArgument, "{key}");
        }
    }
}
