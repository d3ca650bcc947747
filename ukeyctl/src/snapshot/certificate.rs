//! A certificate on a Key.

use super::Properties;
use crate::time::Time;
use serde::Serialize;
use ukey_dbus::{KeyUse, Validity};
use zbus::OwnedObjectPath;

/// A certificate, as `Certificate` shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Certificate {
    /// Its object.
    #[serde(skip)]
    pub(crate) path: OwnedObjectPath,
    /// The object of its Key.
    #[serde(skip)]
    pub(crate) token: OwnedObjectPath,
    /// The first 16 hexadecimal digits of the fingerprint.
    pub(crate) id: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub(crate) fingerprint: String,
    /// Unit or person that it names.
    pub(crate) holder_name: String,
    /// The unit's USCC; may be empty.
    pub(crate) holder_id: String,
    /// Who issued it.
    pub(crate) issuer: String,
    /// Its serial number, hexadecimal.
    pub(crate) serial_number: String,
    /// `rsa-2048`, `ec-p256` …
    pub(crate) key_type: String,
    /// `signature`, `encryption` or `both`.
    pub(crate) key_use: String,
    /// `valid`, `expiring`, `expired` or `not-yet-valid`.
    pub(crate) validity: String,
    /// Valid from here.
    pub(crate) not_before: Time,
    /// Valid to here.
    pub(crate) not_after: Time,
    /// Days of the local calendar left; negative after the last one.
    pub(crate) days_left: i64,
    /// Algorithms of its key, the preferred one first.
    pub(crate) algorithms: Vec<String>,
}

impl Certificate {
    /// Reads the object at `path`.
    pub(crate) fn new(path: &OwnedObjectPath, properties: Properties<'_>, now: Time) -> Self {
        let not_after = Time::from_unix(properties.long("NotAfter"));
        Self {
            path: path.clone(),
            token: properties.path("Token"),
            id: path.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
            fingerprint: properties.text("Fingerprint").to_ascii_lowercase().replace(':', ""),
            holder_name: properties.text("HolderName"),
            holder_id: properties.text("HolderId"),
            issuer: properties.text("Issuer"),
            serial_number: properties.text("SerialNumber"),
            key_type: properties.text("KeyType"),
            key_use: properties.text("KeyUse"),
            validity: properties.text("Validity"),
            not_before: Time::from_unix(properties.long("NotBefore")),
            not_after,
            days_left: not_after.days_from(now),
            algorithms: properties.texts("Algorithms"),
        }
    }

    /// Its validity, unless this program does not know the word.
    pub(crate) fn known_validity(&self) -> Option<Validity> {
        self.validity.parse().ok()
    }

    /// Whether it is for encryption only.
    pub(crate) fn encrypts_only(&self) -> bool {
        self.key_use.parse() == Ok(KeyUse::Encryption)
    }

    /// Whether its key can make signatures: not for encryption only, and with an algorithm that the service knows.
    pub(crate) fn signs(&self) -> bool {
        !self.encrypts_only() && !self.algorithms.is_empty()
    }

    /// Whether today lies within its dates.
    pub(crate) fn in_force(&self) -> bool {
        !matches!(self.known_validity(), Some(Validity::Expired | Validity::NotYetValid))
    }

    /// The algorithm that the user asked for, or the preferred one. A certificate without any goes to the service as it
    /// is, whose answer says why it can't sign.
    pub(crate) fn algorithm<'a>(&'a self, wanted: Option<&'a str>) -> &'a str {
        wanted.or(self.algorithms.first().map(String::as_str)).unwrap_or_default()
    }

    /// What to call it: its holder, else its serial number.
    pub(crate) fn name(&self) -> &str {
        if self.holder_name.is_empty() { &self.serial_number } else { &self.holder_name }
    }
}
