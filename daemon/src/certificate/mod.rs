//! What a certificate on a Key tells, and whether its issuers are trusted. Pure, but for reading whom to trust.

mod expiry;
mod trust;

pub(crate) use expiry::{Warned, next_moment};
pub(crate) use trust::Trust;

use crate::config::Sm2Profile;
use aws_lc_rs::digest::{SHA256, digest};
use base16ct::lower::encode_string as hex;
use std::sync::Arc;
use ukey_dbus::{Algorithm, KeyKind, KeyUse, Validity};
use ukey_formats::certificate::KeyCertificate;
use ukey_formats::expiry::{WINDOW_DAYS, days_left, moment};
use ukey_formats::verify::Verifier;
use ukey_formats::{Certificate, Curve, PublicKey};
use ukey_shim_protocol::{CertificateObject, KeyRef};

/// A certificate of a Key with the key that belongs to it.
#[derive(Debug)]
pub(crate) struct CertificateFacts {
    /// What the certificate says.
    pub content: Certificate,
    /// SHA-256 over its DER, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    /// What its signatures are checked with.
    pub verifier: Verifier,
    /// The private key on the Key.
    pub key: KeyRef,
    /// How the Key signs with SM2, for an SM2 key on a Key that a profile fits.
    pub sm2: Option<Sm2Profile>,
}

impl CertificateFacts {
    /// Reads the certificates of a token that signs with SM2 in this way. One that can't be parsed is left out and said
    /// so.
    pub(crate) fn read_all(objects: &[CertificateObject], sm2: Option<Sm2Profile>) -> Vec<Arc<Self>> {
        let mut all: Vec<Arc<Self>> = Vec::new();
        for object in objects {
            match Certificate::from_der(&object.der) {
                Ok(content) => {
                    let sm2 = sm2.filter(|_| key_kind(&content.public_key) == KeyKind::Sm2);
                    let (fingerprint, key) = (fingerprint(&object.der), object.key.clone());
                    let verifier = Verifier::new(content.public_key.clone());
                    let facts = Self { content, fingerprint, verifier, key, sm2 };
                    if all.iter().all(|other| other.fingerprint != facts.fingerprint) {
                        all.push(Arc::new(facts));
                    }
                }
                Err(error) => tracing::warn!(%error, "a certificate on the Key cannot be read"),
            }
        }
        all
    }

    /// With the name of its key on the Key.
    pub(crate) fn on_key(&self) -> KeyCertificate<'_> {
        KeyCertificate { key_id: &self.key.0, certificate: &self.content }
    }

    /// First 16 digits of the fingerprint: the last element of its object path.
    pub(crate) fn short_id(&self) -> &str {
        &self.fingerprint[..16]
    }

    /// The holder's USCC, empty when it names none.
    pub(crate) fn holder_id(&self) -> &str {
        self.content.holder_id.as_ref().map_or("", ukey_formats::Uscc::as_str)
    }

    /// The kind of its key.
    pub(crate) fn key_kind(&self) -> KeyKind {
        key_kind(&self.content.public_key)
    }

    /// The algorithms that the Key can do with it, the preferred one first. None for SM2 when no profile says how.
    pub(crate) fn algorithms(&self) -> &'static [Algorithm] {
        match self.key_kind() {
            KeyKind::Sm2 if self.sm2.is_none() => &[],
            kind => kind.algorithms(),
        }
    }

    /// What its key may be used for.
    pub(crate) fn key_use(&self) -> KeyUse {
        match self.content.key_use {
            ukey_formats::KeyUse::Signature => KeyUse::Signature,
            ukey_formats::KeyUse::Both => KeyUse::Both,
            ukey_formats::KeyUse::Encryption | ukey_formats::KeyUse::Neither => KeyUse::Encryption,
        }
    }

    /// How its dates stand to this time, in Unix seconds.
    pub(crate) fn validity(&self, now: u64) -> Validity {
        if now < self.content.not_before {
            Validity::NotYetValid
        } else if now > self.content.not_after {
            Validity::Expired
        } else if days_left(self.content.not_after, now) <= WINDOW_DAYS {
            Validity::Expiring
        } else {
            Validity::Valid
        }
    }

    /// The next time after `now` at which [`Self::validity`] changes.
    pub(crate) fn next_change(&self, now: u64) -> Option<u64> {
        let [expiring, expired] = [WINDOW_DAYS, 0].map(|days| moment(self.content.not_after, days));
        [self.content.not_before, expiring, expired].into_iter().filter(|time| *time > now).min()
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    hex(digest(&SHA256, der).as_ref())
}

/// The kind of a public key.
pub(crate) fn key_kind(key: &PublicKey) -> KeyKind {
    match key {
        PublicKey::Rsa { bits: 2048, .. } => KeyKind::Rsa2048,
        PublicKey::Rsa { bits: 3072, .. } => KeyKind::Rsa3072,
        PublicKey::Rsa { bits: 4096, .. } => KeyKind::Rsa4096,
        PublicKey::Ec { curve: Curve::P256, .. } => KeyKind::EcP256,
        PublicKey::Ec { curve: Curve::P384, .. } => KeyKind::EcP384,
        PublicKey::Ec { curve: Curve::Sm2, .. } => KeyKind::Sm2,
        PublicKey::Rsa { .. } | PublicKey::Other { .. } => KeyKind::Other,
    }
}
