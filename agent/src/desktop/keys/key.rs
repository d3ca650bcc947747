//! A Key.

use super::Certificate;
use crate::properties::Properties;
use ukey_dbus::{PinState, TokenState};
use zbus::OwnedObjectPath;

/// A Key, as `Token` shows it, with its certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) path: OwnedObjectPath,
    /// The object of its module.
    pub(crate) module: OwnedObjectPath,
    pub(crate) label: String,
    pub(crate) serial_number: String,
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    /// `None` where this program does not know the word.
    pub(crate) state: Option<TokenState>,
    /// State of the user PIN; `None` where this program does not know the word.
    pub(crate) pin_state: Option<PinState>,
    /// User PIN tries left, unless unknown.
    pub(crate) tries: Option<u32>,
    /// State of the SO PIN; `None` where this program does not know the word.
    pub(crate) so_pin_state: Option<PinState>,
    /// Whether a locked user PIN can be unlocked with the SO PIN.
    pub(crate) unblock_supported: bool,
    pub(crate) login: Login,
    /// Its certificates, by holder, kind of key and end.
    pub(crate) certificates: Vec<Certificate>,
}

/// Who is logged in to a Key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Login {
    /// Nobody.
    #[default]
    Nobody,
    /// This agent's user.
    Mine,
    /// Somebody else.
    Another,
}

impl Key {
    /// Reads the object at `path`; its certificates are filled in by the snapshot.
    pub(super) fn read(path: &OwnedObjectPath, properties: Properties<'_>) -> Self {
        Self {
            path: path.clone(),
            module: properties.path("Module"),
            label: properties.text("Label"),
            serial_number: properties.text("SerialNumber"),
            manufacturer: properties.text("Manufacturer"),
            model: properties.text("Model"),
            state: properties.text("State").parse().ok(),
            pin_state: properties.text("PinState").parse().ok(),
            tries: properties.known_count("PinTriesRemaining"),
            so_pin_state: properties.text("SoPinState").parse().ok(),
            unblock_supported: properties.flag("UnblockSupported"),
            login: Login::Nobody,
            certificates: Vec::new(),
        }
    }

    /// Its id: 16 hexadecimal digits, the same each time it is plugged in.
    pub(crate) fn id(&self) -> &str {
        self.path.as_str().rsplit('/').next().unwrap_or_default()
    }

    /// What to call it: its label, else its serial number, else its id.
    pub(crate) fn name(&self) -> &str {
        [self.label.as_str(), self.serial_number.as_str()]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| self.id())
    }

    /// The certificates that no newer one on this Key replaces.
    pub(crate) fn current(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().filter(|certificate| !self.is_replaced(certificate))
    }

    /// Whether a newer certificate on this Key does what this one does.
    pub(crate) fn is_replaced(&self, certificate: &Certificate) -> bool {
        self.certificates.iter().any(|other| certificate.is_replaced_by(other))
    }

    /// The certificates that an account can be bound to: for signatures, within their dates.
    pub(crate) fn bindable(&self) -> impl Iterator<Item = &Certificate> {
        self.current().filter(|certificate| certificate.signs() && certificate.is_in_force())
    }

    /// The unit whose Key it is: of the first current certificate that names one; empty when none does.
    pub(crate) fn unit(&self) -> &str {
        self.current().map(Certificate::unit).find(|unit| !unit.is_empty()).unwrap_or_default()
    }

    /// Nothing is on it, and nothing can be done with it: SoftHSM2 always shows one.
    pub(crate) fn is_blank(&self) -> bool {
        self.state == Some(TokenState::Uninitialized)
    }
}
