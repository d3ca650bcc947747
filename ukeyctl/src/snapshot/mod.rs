//! What the service shows at one moment: modules, Keys and their certificates, read from one
//! `GetManagedObjects` answer. Pure: no bus in here.

mod certificate;
mod key;
mod module;

pub(crate) use certificate::Certificate;
pub(crate) use key::Key;
pub(crate) use module::Module;
pub(crate) use ukey_agent::properties::{Properties, TEXT_MAX};

use crate::time::Time;
use serde::Serialize;
use ukey_dbus::names;
use zbus::fdo::ManagedObjects;

/// Everything at one moment. Texts of Keys are one line and bounded already.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Snapshot {
    /// Version of the service; empty when it did not say.
    pub(crate) version: String,
    /// The vendor modules, by name.
    pub(crate) modules: Vec<Module>,
    /// The Keys, by label and serial number; each holds its certificates.
    pub(crate) keys: Vec<Key>,
}

impl Snapshot {
    /// Reads the objects of the service. Days are counted from `now`.
    pub(crate) fn new(version: String, objects: &ManagedObjects, now: Time) -> Self {
        let mut modules = Vec::new();
        let mut keys = Vec::new();
        let mut certificates = Vec::new();
        for (path, interfaces) in objects {
            for (interface, properties) in interfaces {
                let properties = Properties::new(properties);
                match interface.as_str() {
                    names::MODULE => modules.push(Module::new(path, properties)),
                    names::TOKEN => keys.push(Key::new(path, properties)),
                    names::CERTIFICATE => certificates.push(Certificate::new(path, properties, now)),
                    _ => {}
                }
            }
        }
        certificates.sort_by(|a, b| (&a.holder_name, &a.key_type, &a.id).cmp(&(&b.holder_name, &b.key_type, &b.id)));
        for certificate in certificates {
            if let Some(key) = keys.iter_mut().find(|key| key.path == certificate.token) {
                key.certificates.push(certificate);
            }
        }
        for key in &mut keys {
            if let Some(module) = modules.iter().find(|module| module.path == key.module_path) {
                key.module.clone_from(&module.name);
            }
        }
        modules.sort_by(|a, b| a.name.cmp(&b.name));
        keys.sort_by(|a, b| (&a.label, &a.serial_number, &a.id).cmp(&(&b.label, &b.serial_number, &b.id)));
        Self { version, modules, keys }
    }

    /// Every certificate with the Key that holds it.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = (&Key, &Certificate)> {
        self.keys.iter().flat_map(|key| key.certificates.iter().map(move |certificate| (key, certificate)))
    }
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests {
    use super::fixture::{now, objects};
    use super::*;

    #[test]
    fn certificates_stand_under_their_key_and_keys_name_their_module() {
        let snapshot = Snapshot::new("0.1.0".to_owned(), &objects(), now());
        assert_eq!(snapshot.modules.len(), 1);
        let key = &snapshot.keys[0];
        assert_eq!((key.label.as_str(), key.module.as_str()), ("采购 一", "softhsm2"));
        assert_eq!(key.certificates.len(), 2);
        assert_eq!(key.certificates[0].key_type, "ec-p256");
        assert_eq!(key.certificates[0].days_left, 20);
    }

    #[test]
    fn a_hostile_label_becomes_one_line() {
        let snapshot = Snapshot::new(String::new(), &objects(), now());
        assert_eq!(snapshot.keys[1].label, "采购 二");
    }

    #[test]
    fn negative_tries_are_unknown() {
        let snapshot = Snapshot::new(String::new(), &objects(), now());
        assert_eq!(snapshot.keys[0].pin_tries_remaining, None);
        assert_eq!(snapshot.keys[1].pin_tries_remaining, Some(0));
        let json = serde_json::to_value(&snapshot).unwrap();
        assert!(json["keys"][0]["pin_tries_remaining"].is_null());
        assert_eq!(json["keys"][0]["certificates"][0]["not_after"]["unix"], 20 * 86_400 + 1_800_000_000);
        assert!(json["keys"][0].get("path").is_none());
    }
}
