//! `pcscd` asks polkit about each of its clients, and lets in active sessions only; the shipped rule lets the service's
//! user in, and nobody else. Real polkitd, asked about `pcscd`'s actions as its package defines them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use ukey_softhsm_tests::{Bus, BusPolicy, Person, Polkit, STAGE, Seat, staged};
use zbus::{Connection, Variant};

const ACTIONS: [&str; 2] = ["org.debian.pcsc-lite.access_pcsc", "org.debian.pcsc-lite.access_card"];

#[test]
fn and_nobody_else_by_the_rule() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        let polkit = Path::new(STAGE).join("polkit");
        let rule = "packaging/polkit/50-ukeyd-pcscd.rules";
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::write(polkit.join("actions/org.debian.pcsc-lite.policy"), policy()).unwrap();
        fs::copy(sources.join(rule), polkit.join("rules/50-ukeyd-pcscd.rules")).unwrap();
        let _polkit = Polkit::start(&bus, Seat::Empty).await;
        let pcscd = bus.connect(Person::Root).await;
        for (person, expected) in [(Person::Service, true), (Person::Clerk, false), (Person::Technician, false)] {
            let client = bus.connect(person).await;
            for action in ACTIONS {
                assert_eq!(may(&pcscd, &client, action).await, expected, "{person:?} {action}");
            }
        }
    });
}

/// `CheckAuthorization` without interaction.
async fn may(pcscd: &Connection, client: &Connection, action: &str) -> bool {
    let name = client.unique_name().unwrap().as_str();
    let subject = ("system-bus-name", HashMap::from([("name", Variant::from(name))]));
    let details: HashMap<&str, &str> = HashMap::new();
    let reply = pcscd
        .call_method(
            Some("org.freedesktop.PolicyKit1"),
            "/org/freedesktop/PolicyKit1/Authority",
            Some("org.freedesktop.PolicyKit1.Authority"),
            "CheckAuthorization",
            &(subject, action, details, 0_u32, ""),
        )
        .await
        .unwrap();
    let (authorized, _, _): (bool, bool, HashMap<String, String>) = reply.body().deserialize().unwrap();
    authorized
}

/// The actions of `pcscd`'s package, with its defaults.
fn policy() -> String {
    let defaults = "<allow_any>no</allow_any><allow_inactive>no</allow_inactive><allow_active>yes</allow_active>";
    let action = |id| {
        format!(
            "<action id=\"{id}\"><description>a</description><message>a</message><defaults>{defaults}</defaults></action>"
        )
    };
    format!("<policyconfig>{}</policyconfig>", ACTIONS.map(action).concat())
}
