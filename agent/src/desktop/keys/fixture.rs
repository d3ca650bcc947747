//! What a service could show, for tests.

use std::collections::HashMap;
use ukey_dbus::names;
use zbus::fdo::ManagedObjects;
use zbus::names::OwnedInterfaceName;
use zbus::{ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

/// A Key with a certificate and its renewal, and a Key of a newer service with a hostile label.
pub(crate) fn objects() -> ManagedObjects {
    HashMap::from([
        object(
            &names::module_path("softhsm2"),
            names::MODULE,
            &[("Name", "softhsm2".into()), ("State", "ready".into())],
        ),
        key(1, &[("Label", "采购".into()), ("State", "ready".into()), ("PinTriesRemaining", 10_i32.into())]),
        key(
            2,
            &[
                ("Label", "验收\n\u{202e}Key".into()),
                ("State", "later-word".into()),
                ("PinTriesRemaining", (-1).into()),
            ],
        ),
        certificate(1, "aa", 1_700_000_000, &[]),
        certificate(1, "bb", 1_800_000_000, &[]),
    ])
}

/// A Key.
pub(crate) fn key(number: u8, changes: &[(&str, Variant<'_>)]) -> (OwnedObjectPath, Interfaces) {
    let module = ObjectPath::try_from(names::module_path("softhsm2")).unwrap();
    let mut values: Vec<(&str, Variant<'_>)> = vec![
        ("SerialNumber", format!("SN000{number}").into()),
        ("Module", module.into()),
        ("PinState", "ok".into()),
        ("SoPinState", "ok".into()),
        ("UnblockSupported", true.into()),
    ];
    values.extend(changes.iter().map(|(name, value)| (*name, value.try_clone().unwrap())));
    object(&token(number), names::TOKEN, &values)
}

/// A certificate on it, whose fingerprint repeats `digits` and whose end is this.
pub(crate) fn certificate(
    number: u8,
    digits: &str,
    not_after: u64,
    changes: &[(&str, Variant<'_>)],
) -> (OwnedObjectPath, Interfaces) {
    let key = ObjectPath::try_from(token(number)).unwrap();
    let mut values: Vec<(&str, Variant<'_>)> = vec![
        ("Token", key.into()),
        ("Fingerprint", digits.repeat(32).into()),
        ("HolderName", "某县人民医院".into()),
        ("HolderId", "91350100M000100Y43".into()),
        ("Issuer", "CN=CA".into()),
        ("SerialNumber", format!("0{digits}").into()),
        ("NotBefore", 1_600_000_000_u64.into()),
        ("NotAfter", not_after.into()),
        ("Validity", "valid".into()),
        ("KeyUse", "signature".into()),
        ("KeyType", "sm2".into()),
        ("Algorithms", vec!["SM2-SM3"].into()),
    ];
    values.extend(changes.iter().map(|(name, value)| (*name, value.try_clone().unwrap())));
    object(&names::certificate_path(&format!("{number:016x}"), &digits.repeat(8)), names::CERTIFICATE, &values)
}

fn token(number: u8) -> String {
    names::token_path(&format!("{number:016x}"))
}

type Interfaces = HashMap<OwnedInterfaceName, HashMap<String, OwnedVariant>>;

fn object(path: &str, interface: &str, values: &[(&str, Variant<'_>)]) -> (OwnedObjectPath, Interfaces) {
    let owned = |value: &Variant<'_>| OwnedVariant::try_from(value.try_clone().unwrap()).unwrap();
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), owned(value))).collect();
    let path = ObjectPath::try_from(path.to_owned()).unwrap();
    (path.into(), HashMap::from([(OwnedInterfaceName::try_from(interface.to_owned()).unwrap(), values)]))
}

/// The snapshot of it all.
pub(crate) fn snapshot() -> super::Snapshot {
    super::Snapshot::read(&objects(), &HashMap::new())
}
