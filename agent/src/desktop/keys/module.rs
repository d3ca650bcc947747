//! A vendor module.

use crate::properties::Properties;
use ukey_dbus::ModuleState;
use zbus::OwnedObjectPath;

/// A vendor module, as `Module` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) path: OwnedObjectPath,
    /// Name of its configuration file.
    pub(crate) name: String,
    /// `None` where this program does not know the word.
    pub(crate) state: Option<ModuleState>,
}

impl Module {
    /// Reads the object at `path`.
    pub(super) fn read(path: &OwnedObjectPath, properties: Properties<'_>) -> Self {
        Self { path: path.clone(), name: properties.text("Name"), state: properties.text("State").parse().ok() }
    }

    /// Can its Keys not be used?
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.state, Some(ModuleState::Failed | ModuleState::Quarantined))
    }
}
