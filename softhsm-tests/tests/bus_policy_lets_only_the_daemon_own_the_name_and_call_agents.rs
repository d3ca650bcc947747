//! `packaging/dbus/org.ukeyd.UKey1.conf` on Debian's own system bus: who may own the name, call the service, call an
//! agent. Proves the file, not the programs' own checks.

use std::collections::HashMap;
use ukey_dbus::names::{AGENT, AGENT_PATH, AUDIT, BUS_NAME, CERTIFICATE, MANAGER, MODULE, REQUEST, ROOT_PATH, TOKEN};
use ukey_softhsm_tests::{Bus, BusPolicy, Person, staged};
use zbus::{Connection, Variant};

const EVERYBODY_ELSE: [Person; 5] = [Person::Root, Person::Clerk, Person::Nurse, Person::Outsider, Person::Technician];

#[test]
fn only_the_daemons_user_owns_the_name() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        for person in EVERYBODY_ELSE {
            let connection = bus.connect(person).await;
            let refused = connection.request_name(BUS_NAME).await;
            assert!(is_denied(refused), "{person:?} owns the name");
        }
        let service = bus.connect(Person::Service).await;
        service.request_name(BUS_NAME).await.unwrap();
    });
}

#[test]
fn only_the_daemons_user_calls_an_agent() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        let agent = bus.serve(Person::Clerk, AGENT_PATH, SpeechlessAgent).await;
        let name = agent.unique_name().unwrap().to_string();
        for person in EVERYBODY_ELSE {
            let connection = bus.connect(person).await;
            for member in ["RequestPin", "Confirm", "Notify", "Cancel", "Identify"] {
                let with_interface = connection.call_method(Some(&*name), AGENT_PATH, Some(AGENT), member, &()).await;
                assert!(is_denied(with_interface.map(drop)), "{person:?} calls {member}");
                let without = connection.call_method(Some(&*name), AGENT_PATH, None::<&str>, member, &()).await;
                assert!(is_denied(without.map(drop)), "{person:?} calls {member} without the interface");
            }
        }
        let service = bus.connect(Person::Service).await;
        service.call_method(Some(&*name), AGENT_PATH, Some(AGENT), "Cancel", &("any",)).await.unwrap();
    });
}

#[test]
fn everybody_calls_the_interfaces_of_the_service_and_no_other() {
    staged(async || {
        let bus = Bus::start(BusPolicy::Shipped);
        // Whoever exports nothing does not even answer.
        let service = bus.serve(Person::Service, AGENT_PATH, SpeechlessAgent).await;
        service.request_name(BUS_NAME).await.unwrap();
        let standard = ["Properties", "ObjectManager", "Introspectable", "Peer"];
        let standard = standard.map(|name| format!("org.freedesktop.DBus.{name}"));
        let own = [AUDIT, MANAGER, MODULE, TOKEN, CERTIFICATE, REQUEST].map(ToOwned::to_owned);
        for person in EVERYBODY_ELSE {
            let connection = bus.connect(person).await;
            for interface in standard.iter().chain(&own) {
                assert!(!is_denied(call(&connection, interface).await), "{person:?} can't call {interface}");
            }
            for interface in ["org.ukeyd.UKey1.Debug", "org.freedesktop.DBus.Debug.Stats", AGENT] {
                assert!(is_denied(call(&connection, interface).await), "{person:?} calls {interface}");
            }
        }
    });
}

/// Nothing is exported there: what the bus lets through fails in another way.
async fn call(connection: &Connection, interface: &str) -> zbus::Result<()> {
    connection.call_method(Some(BUS_NAME), ROOT_PATH, Some(interface), "NoSuchMethod", &()).await.map(drop)
}

fn is_denied(result: zbus::Result<()>) -> bool {
    let Err(zbus::Error::FDO(error)) = result else {
        return false;
    };
    matches!(*error, zbus::fdo::Error::AccessDenied(_))
}

struct SpeechlessAgent;

#[zbus::interface(name = "org.ukeyd.UKey1.Agent")]
impl SpeechlessAgent {
    fn notify(&self, _token: zbus::ObjectPath<'_>, _kind: &str, _context: HashMap<&str, Variant<'_>>) {}
    fn cancel(&self, _request: &str) {}
}
