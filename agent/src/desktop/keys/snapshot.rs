//! Everything that ukeyd shows at one moment.

use super::{Certificate, Details, Key, Module};
use crate::properties::Properties;
use std::collections::HashMap;
use ukey_dbus::names;
use zbus::OwnedObjectPath;
use zbus::fdo::ManagedObjects;

/// Everything at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Whether ukeyd is there; without it there is nothing else.
    pub(crate) service: bool,
    /// The vendor modules, by name.
    pub(crate) modules: Vec<Module>,
    /// The Keys, by label and serial number; each holds its certificates.
    pub(crate) keys: Vec<Key>,
}

impl Snapshot {
    /// Reads the objects of the service, with what is known of certificates by their fingerprints.
    pub(super) fn read(objects: &ManagedObjects, details: &HashMap<String, Details>) -> Self {
        let mut snapshot = Self { service: true, ..Self::default() };
        let mut certificates = Vec::new();
        for (path, interfaces) in objects {
            for (interface, properties) in interfaces {
                let properties = Properties::new(properties);
                match interface.as_str() {
                    names::MODULE => snapshot.modules.push(Module::read(path, properties)),
                    names::TOKEN => snapshot.keys.push(Key::read(path, properties)),
                    names::CERTIFICATE => certificates.push(Certificate::read(path, properties)),
                    _ => {}
                }
            }
        }
        certificates.sort_by(|a, b| {
            let order = |one: &Certificate| (one.holder_name.clone(), one.key_type.clone(), one.not_after);
            order(a).cmp(&order(b)).then_with(|| a.path.as_str().cmp(b.path.as_str()))
        });
        for mut certificate in certificates {
            certificate.details = details.get(&certificate.fingerprint).cloned().unwrap_or_default();
            if let Some(key) = snapshot.keys.iter_mut().find(|key| key.path == certificate.token) {
                key.certificates.push(certificate);
            }
        }
        snapshot.modules.sort_by(|a, b| a.name.cmp(&b.name));
        snapshot.keys.sort_by(|a, b| {
            (&a.label, &a.serial_number, a.path.as_str()).cmp(&(&b.label, &b.serial_number, b.path.as_str()))
        });
        snapshot
    }

    /// The Keys that something can be done with.
    pub(crate) fn used_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| !key.is_blank())
    }

    /// The Key with this object.
    pub(crate) fn key(&self, path: &OwnedObjectPath) -> Option<&Key> {
        self.keys.iter().find(|key| key.path == *path)
    }

    /// Every certificate with the Key that holds it.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = (&Key, &Certificate)> {
        self.keys.iter().flat_map(|key| key.certificates.iter().map(move |certificate| (key, certificate)))
    }

    /// The Key and the certificate with this fingerprint.
    pub(crate) fn certificate(&self, fingerprint: &str) -> Option<(&Key, &Certificate)> {
        self.certificates().find(|(_, certificate)| certificate.fingerprint == fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use ukey_dbus::TokenState;

    #[test]
    fn certificates_stand_under_their_key_and_details_in_their_certificate() {
        let partner = Details { unit_name: "某县人民医院".to_owned(), partner: "bb".repeat(32) };
        let details = HashMap::from([("aa".repeat(32), partner)]);
        let snapshot = Snapshot::read(&fixture::objects(), &details);
        assert_eq!(snapshot.keys.len(), 2);
        let key = &snapshot.keys[0];
        assert_eq!((key.name(), key.state), ("采购", Some(TokenState::Ready)));
        assert_eq!(key.certificates.len(), 2);
        assert_eq!(key.unit(), "某县人民医院");
        assert_eq!(snapshot.certificate(&"bb".repeat(32)).unwrap().0.name(), "采购");
    }

    #[test]
    fn hostile_texts_become_one_line_and_unknown_words_are_unknown() {
        let snapshot = Snapshot::read(&fixture::objects(), &HashMap::new());
        let other = &snapshot.keys[1];
        assert_eq!(other.name(), "验收 Key");
        assert_eq!((other.state, other.tries), (None, None));
    }

    #[test]
    fn a_renewed_certificate_is_not_current() {
        let snapshot = Snapshot::read(&fixture::objects(), &HashMap::new());
        let key = &snapshot.keys[0];
        let current: Vec<_> = key.current().map(|certificate| certificate.fingerprint.as_str()).collect();
        assert_eq!(current, ["bb".repeat(32)]);
        let mut other_use = key.clone();
        other_use.certificates[1].key_use = Some(ukey_dbus::KeyUse::Encryption);
        assert_eq!(other_use.current().count(), 2);
        let mut later = key.clone();
        later.certificates[1].validity = Some(ukey_dbus::Validity::NotYetValid);
        assert_eq!(later.current().count(), 2);
    }
}
