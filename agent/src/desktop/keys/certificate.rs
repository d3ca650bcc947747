//! A certificate on a Key.

use crate::properties::Properties;
use std::collections::HashMap;
use ukey_dbus::{KeyUse, Validity};
use ukey_formats::expiry::Term;
use zbus::{OwnedObjectPath, OwnedVariant};

/// A certificate, as `Certificate` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) path: OwnedObjectPath,
    /// The object of its Key.
    pub(crate) token: OwnedObjectPath,
    /// SHA-256 of the certificate, hexadecimal.
    pub(crate) fingerprint: String,
    /// Unit or person that it names.
    pub(crate) holder_name: String,
    /// The unit's USCC; may be empty.
    pub(crate) holder_id: String,
    /// Distinguished name of its issuer.
    pub(crate) issuer: String,
    /// Its serial number, hexadecimal.
    pub(crate) serial_number: String,
    /// Start of its validity, Unix seconds.
    pub(crate) not_before: u64,
    /// End of its validity, Unix seconds.
    pub(crate) not_after: u64,
    /// `None` where this program does not know the word.
    pub(crate) validity: Option<Validity>,
    /// `None` where this program does not know the word.
    pub(crate) key_use: Option<KeyUse>,
    /// `rsa-2048`, `sm2` …
    pub(crate) key_type: String,
    /// Whether ukeyd knows an algorithm for its key.
    pub(crate) has_algorithm: bool,
    /// What only [`Details`] say; empty until they are read, or where they may not be read.
    pub(crate) details: Details,
}

/// What `GetCertificate` says beyond the properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Details {
    /// The unit's name as the subject has it.
    pub(crate) unit_name: String,
    /// Fingerprint of the other certificate of its pair (双证书).
    pub(crate) partner: String,
}

impl Details {
    /// Reads the dictionary of `GetCertificate`.
    pub(super) fn read(details: &HashMap<String, OwnedVariant>) -> Self {
        let details = Properties::new(details);
        Self { unit_name: details.text("unit-name"), partner: details.text("partner") }
    }
}

impl Certificate {
    /// Reads the object at `path`.
    pub(super) fn read(path: &OwnedObjectPath, properties: Properties<'_>) -> Self {
        Self {
            path: path.clone(),
            token: properties.path("Token"),
            fingerprint: properties.text("Fingerprint"),
            holder_name: properties.text("HolderName"),
            holder_id: properties.text("HolderId"),
            issuer: properties.text("Issuer"),
            serial_number: properties.text("SerialNumber"),
            not_before: properties.long("NotBefore"),
            not_after: properties.long("NotAfter"),
            validity: properties.text("Validity").parse().ok(),
            key_use: properties.text("KeyUse").parse().ok(),
            key_type: properties.text("KeyType"),
            has_algorithm: !properties.texts("Algorithms").is_empty(),
            details: Details::default(),
        }
    }

    /// Whether its key can make signatures.
    pub(crate) fn signs(&self) -> bool {
        self.has_algorithm && self.key_use != Some(KeyUse::Encryption)
    }

    /// Whether today lies within its dates.
    pub(crate) fn is_in_force(&self) -> bool {
        !matches!(self.validity, Some(Validity::Expired | Validity::NotYetValid))
    }

    /// The unit's name: the subject's organisation, else the holder.
    pub(crate) fn unit(&self) -> &str {
        if self.details.unit_name.is_empty() { &self.holder_name } else { &self.details.unit_name }
    }

    /// Whether `other`, on the same Key, does what this one does and ends later: this one was renewed.
    pub(super) fn is_replaced_by(&self, other: &Self) -> bool {
        // One that begins later does not replace it yet; ukeyd knows by the same clock.
        other.validity != Some(Validity::NotYetValid) && other.term().renews(&self.term(), other.not_before)
    }

    /// What tells whether it has taken another's place.
    pub(crate) fn term(&self) -> Term<'_> {
        Term {
            holder_name: &self.holder_name,
            holder_id: &self.holder_id,
            issuer: &self.issuer,
            key_use: self.key_use.map_or("", KeyUse::as_str),
            key_type: &self.key_type,
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}
