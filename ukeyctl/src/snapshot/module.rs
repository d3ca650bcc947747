//! A vendor module.

use super::Properties;
use serde::Serialize;
use ukey_dbus::ModuleState;
use zbus::OwnedObjectPath;

/// A vendor module, as `Module` shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Module {
    /// Its object.
    #[serde(skip)]
    pub(crate) path: OwnedObjectPath,
    /// Name of its configuration file.
    pub(crate) name: String,
    /// Path of the vendor's library.
    pub(crate) library: String,
    /// What the library calls its version.
    pub(crate) version: String,
    /// `starting`, `ready`, `failed` or `quarantined`; a newer service may know more.
    pub(crate) state: String,
    /// Why it is not ready; else empty.
    pub(crate) reason: String,
    /// How often it was restarted.
    pub(crate) restarts: u32,
    /// Whether somebody ran its profile on hardware.
    pub(crate) verified: bool,
}

impl Module {
    /// Reads the object at `path`.
    pub(crate) fn new(path: &OwnedObjectPath, properties: Properties<'_>) -> Self {
        Self {
            path: path.clone(),
            name: properties.text("Name"),
            library: properties.text("Library"),
            version: properties.text("Version"),
            state: properties.text("State"),
            reason: properties.text("Reason"),
            restarts: properties.number("Restarts"),
            verified: properties.flag("Verified"),
        }
    }

    /// Its state, unless this program does not know the word.
    pub(crate) fn known_state(&self) -> Option<ModuleState> {
        self.state.parse().ok()
    }
}
