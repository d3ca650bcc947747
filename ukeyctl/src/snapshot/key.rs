//! A Key.

use super::{Certificate, Properties};
use serde::Serialize;
use ukey_dbus::{PinState, TokenState};
use zbus::OwnedObjectPath;

/// A Key, as `Token` shows it, with its certificates.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Key {
    /// Its object.
    #[serde(skip)]
    pub(crate) path: OwnedObjectPath,
    /// The object of its module.
    #[serde(skip)]
    pub(crate) module_path: OwnedObjectPath,
    /// 16 hexadecimal digits, the same each time the Key is plugged in.
    pub(crate) id: String,
    /// Its label.
    pub(crate) label: String,
    /// Its serial number.
    pub(crate) serial_number: String,
    /// Who made it.
    pub(crate) manufacturer: String,
    /// Its model.
    pub(crate) model: String,
    /// Name of its module.
    pub(crate) module: String,
    /// `present`, `ready`, `logged-in`, `uninitialized` or `module-failed`; a newer service may know more.
    pub(crate) state: String,
    /// State of the user PIN.
    pub(crate) pin_state: String,
    /// User PIN tries left, unless unknown.
    pub(crate) pin_tries_remaining: Option<u32>,
    /// State of the SO PIN.
    pub(crate) so_pin_state: String,
    /// SO PIN tries left, unless unknown.
    pub(crate) so_pin_tries_remaining: Option<u32>,
    /// Whether a locked user PIN can be unlocked with the SO PIN.
    pub(crate) unblock_supported: bool,
    /// Its certificates, by holder and key type.
    pub(crate) certificates: Vec<Certificate>,
}

impl Key {
    /// Reads the object at `path`; its certificates and the module's name are filled in by the snapshot.
    pub(crate) fn new(path: &OwnedObjectPath, properties: Properties<'_>) -> Self {
        Self {
            path: path.clone(),
            module_path: properties.path("Module"),
            id: path.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
            label: properties.text("Label"),
            serial_number: properties.text("SerialNumber"),
            manufacturer: properties.text("Manufacturer"),
            model: properties.text("Model"),
            module: String::new(),
            state: properties.text("State"),
            pin_state: properties.text("PinState"),
            pin_tries_remaining: properties.known_count("PinTriesRemaining"),
            so_pin_state: properties.text("SoPinState"),
            so_pin_tries_remaining: properties.known_count("SoPinTriesRemaining"),
            unblock_supported: properties.flag("UnblockSupported"),
            certificates: Vec::new(),
        }
    }

    /// Its state, unless this program does not know the word.
    pub(crate) fn known_state(&self) -> Option<TokenState> {
        self.state.parse().ok()
    }

    /// State of the user PIN, unless this program does not know the word.
    pub(crate) fn known_pin_state(&self) -> Option<PinState> {
        self.pin_state.parse().ok()
    }

    /// State of the SO PIN, unless this program does not know the word.
    pub(crate) fn known_so_pin_state(&self) -> Option<PinState> {
        self.so_pin_state.parse().ok()
    }

    /// What to call it: its label, else its serial number, else its id.
    pub(crate) fn name(&self) -> &str {
        [&self.label, &self.serial_number].into_iter().find(|text| !text.is_empty()).unwrap_or(&self.id)
    }

    /// The holders of its certificates, each once.
    pub(crate) fn holders(&self) -> Vec<&str> {
        let mut holders: Vec<&str> = Vec::new();
        for certificate in &self.certificates {
            let holder = certificate.holder_name.as_str();
            if !holder.is_empty() && !holders.contains(&holder) {
                holders.push(holder);
            }
        }
        holders
    }
}
