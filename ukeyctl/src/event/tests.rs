use super::{Names, What};
use crate::snapshot::fixture::{objects, snapshot};
use crate::texts::catalogue;
use std::collections::HashMap;
use ukey_agent::texts::Language;
use ukey_dbus::names;
use zbus::{Message, Variant};

const KEY: &str = "aaaa000000000002";

fn known() -> Names {
    let mut known = Names::default();
    assert_eq!(known.learn(&snapshot()).len(), 7);
    known
}

fn changed(path: &str, changes: &[(&str, Variant<'_>)]) -> Message {
    let changes: HashMap<&str, &Variant<'_>> = changes.iter().map(|(name, value)| (*name, value)).collect();
    Message::signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged")
        .build(&(names::TOKEN, changes, Vec::<&str>::new()))
        .unwrap()
}

#[test]
fn a_change_names_the_key_and_its_new_values() {
    let events = known().read(&changed(&names::token_path(KEY), &[("PinState", "locked".into())]));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.text(&catalogue(Language::English)), "Key 采购 二: PinState=locked");
    let json = serde_json::to_value(event).unwrap();
    assert_eq!((&json["event"], &json["kind"], &json["id"]), (&"changed".into(), &"key".into(), &KEY.into()));
    assert_eq!(json["properties"]["PinState"], "locked");
    assert!(json["time"]["unix"].is_i64());
}

#[test]
fn what_is_unknown_or_malformed_is_no_event() {
    let mut known = known();
    assert!(known.read(&changed("/org/ukeyd/UKey1/token/x", &[("PinState", "ok".into())])).is_empty());
    assert!(known.read(&changed(&names::token_path(KEY), &[])).is_empty());
    let odd = Message::signal(names::ROOT_PATH, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");
    assert!(known.read(&odd.build(&"text").unwrap()).is_empty());
}

#[test]
fn a_key_that_leaves_and_comes_back_is_called_by_its_name() {
    let mut known = known();
    let path = names::token_path(KEY);
    let path = zbus::ObjectPath::try_from(path.as_str()).unwrap();
    let signal = |member| Message::signal(names::ROOT_PATH, "org.freedesktop.DBus.ObjectManager", member);
    let removed = signal("InterfacesRemoved").build(&(&path, vec![names::TOKEN])).unwrap();
    let events = known.read(&removed);
    assert_eq!(events[0].text(&catalogue(Language::English)), "Key 采购 二 removed");
    assert!(known.read(&removed).is_empty());
    let objects = objects();
    let interfaces = &objects[&zbus::OwnedObjectPath::from(path)];
    let path = names::token_path(KEY);
    let path = zbus::ObjectPath::try_from(path.as_str()).unwrap();
    let events = known.read(&signal("InterfacesAdded").build(&(&path, interfaces)).unwrap());
    assert_eq!((events[0].event, events[0].name.as_str()), (What::Added, "采购 二"));
}

#[test]
fn an_expiry_warning_tells_the_days() {
    let path = names::certificate_path("aaaa000000000001", "11bb11bb11bb11bb");
    let signal = Message::signal(path.as_str(), names::CERTIFICATE, "ExpiryWarning");
    let events = known().read(&signal.build(&(20_i32, 30_i32)).unwrap());
    assert_eq!(
        events[0].text(&catalogue(Language::English)),
        "Certificate 县人民医院 (ec-p256) expires within 20 days"
    );
    let ended = Message::signal(path.as_str(), names::CERTIFICATE, "ExpiryWarning");
    let events = known().read(&ended.build(&(-3_i32, 0_i32)).unwrap());
    assert_eq!(events[0].text(&catalogue(Language::English)), "Certificate 县人民医院 (ec-p256) has expired");
}
