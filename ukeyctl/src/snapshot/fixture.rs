//! Objects as the service sends them, for unit tests.

use super::Snapshot;
use crate::time::Time;
use std::collections::HashMap;
use ukey_dbus::names;
use zbus::fdo::ManagedObjects;
use zbus::names::OwnedInterfaceName;
use zbus::{ObjectPath, OwnedObjectPath, OwnedVariant, Variant};

const FIRST: &str = "aaaa000000000001";
const SECOND: &str = "aaaa000000000002";
const DAY: u64 = 86_400;

/// The moment at which the fixture is read.
pub(crate) fn now() -> Time {
    Time::from_unix(1_800_000_000)
}

/// A snapshot of [`objects`].
pub(crate) fn snapshot() -> Snapshot {
    Snapshot::new("0.1.0".to_owned(), &objects(), now())
}

/// One module; a Key with an RSA and an expiring EC certificate; a locked Key with an expired certificate and one for
/// encryption.
pub(crate) fn objects() -> ManagedObjects {
    let mut objects = ManagedObjects::new();
    let module = names::module_path("softhsm2");
    add(
        &mut objects,
        &module,
        names::MODULE,
        vec![("Name", Variant::from("softhsm2")), ("State", "ready".into()), ("Restarts", 0_u32.into())],
    );
    for (id, label, serial, pin_state, tries) in
        [(FIRST, "采购 一", "SN0001", "ok", -1), (SECOND, "采购\n\u{202e}二", "SN0002", "locked", 0)]
    {
        add(
            &mut objects,
            &names::token_path(id),
            names::TOKEN,
            vec![
                ("Label", Variant::from(label)),
                ("SerialNumber", serial.into()),
                ("Module", object_path(&module)),
                ("State", "ready".into()),
                ("PinState", pin_state.into()),
                ("SoPinState", "ok".into()),
                ("PinTriesRemaining", tries.into()),
                ("SoPinTriesRemaining", (-1).into()),
                ("UnblockSupported", true.into()),
            ],
        );
    }
    certificate(&mut objects, FIRST, "11aa", ("县人民医院", "rsa-2048", "both", "valid"), 300);
    certificate(&mut objects, FIRST, "11bb", ("县人民医院", "ec-p256", "signature", "expiring"), 20);
    certificate(&mut objects, SECOND, "22aa", ("市中医院", "rsa-2048", "signature", "expired"), -5);
    certificate(&mut objects, SECOND, "22bb", ("市中医院", "rsa-2048", "encryption", "valid"), 300);
    objects
}

fn certificate(
    objects: &mut ManagedObjects,
    token: &str,
    start: &str,
    (holder, key_type, key_use, validity): (&str, &str, &str, &str),
    days: i64,
) {
    let fingerprint = start.repeat(16);
    let algorithms = match (key_use, key_type) {
        ("encryption", _) => vec![],
        (_, "ec-p256") => vec!["ECDSA-SHA256"],
        _ => vec!["RSA-PKCS1-SHA256", "RSA-PSS-SHA256"],
    };
    let end = 1_800_000_000_u64.saturating_add_signed(days * DAY.cast_signed());
    add(
        objects,
        &names::certificate_path(token, &fingerprint[..16]),
        names::CERTIFICATE,
        vec![
            ("Token", object_path(&names::token_path(token))),
            ("Fingerprint", fingerprint.clone().into()),
            ("SerialNumber", format!("0{start}").into()),
            ("HolderName", holder.into()),
            ("HolderId", "91350100M000100Y43".into()),
            ("KeyType", key_type.into()),
            ("KeyUse", key_use.into()),
            ("Validity", validity.into()),
            ("NotBefore", (end - 365 * DAY).into()),
            ("NotAfter", end.into()),
            ("Algorithms", algorithms.into()),
        ],
    );
}

fn object_path(path: &str) -> Variant<'static> {
    ObjectPath::try_from(path.to_owned()).unwrap().into()
}

fn add(objects: &mut ManagedObjects, path: &str, interface: &str, properties: Vec<(&str, Variant<'_>)>) {
    let properties: HashMap<String, OwnedVariant> =
        properties.into_iter().map(|(name, value)| (name.to_owned(), value.try_to_owned().unwrap())).collect();
    objects
        .entry(OwnedObjectPath::try_from(path.to_owned()).unwrap())
        .or_default()
        .insert(OwnedInterfaceName::try_from(interface.to_owned()).unwrap(), properties);
}
