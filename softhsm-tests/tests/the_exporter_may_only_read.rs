//! The exporter's user, whose process talks to the network, may read states and counters of ukeyd and nothing else: the bus
//! passes on no other call, and where a bus would, polkit refuses.

use std::collections::HashMap;
use ukey_dbus::names::{BUS_NAME, ROOT_PATH};
use ukey_dbus::{AuditProxy, CertificateProxy, ErrorKind, KeyKind, StatisticsProxy, TokenProxy};
use ukey_softhsm_tests::{BusPolicy, Fixture, Person, no_options, refusal, staged};
use zbus::fdo::{IntrospectableProxy, ObjectManagerProxy};
use zbus::{Connection, Proxy};
use zbus_xml::Node;

#[test]
fn the_bus_passes_on_nothing_else() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let module = token.module().await.unwrap();
        let exporter = fixture.bus.connect(Person::Exporter).await;
        ObjectManagerProxy::new(&exporter, BUS_NAME, ROOT_PATH).await.unwrap().get_managed_objects().await.unwrap();
        StatisticsProxy::new(&exporter).await.unwrap().read(0).await.unwrap();
        let mut refused = 0;
        for path in [ROOT_PATH, module.as_str(), token.inner().path(), certificate.inner().path()] {
            for (interface, method) in methods(&fixture.clerk, path).await {
                let allowed = [
                    ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects"),
                    ("org.ukeyd.UKey1.Statistics", "Read"),
                ];
                if allowed.contains(&(interface.as_str(), method.as_str())) {
                    continue;
                }
                let proxy = Proxy::new(&exporter, BUS_NAME, path.to_owned(), interface.clone()).await.unwrap();
                // The bus does not look at arguments.
                let error = proxy.call_method(method.as_str(), &()).await.unwrap_err();
                let denied = matches!(&error, zbus::Error::MethodError(name, ..) if name.ends_with(".AccessDenied"))
                    || matches!(&error, zbus::Error::FDO(error) if matches!(**error, zbus::fdo::Error::AccessDenied(_)));
                assert!(denied, "{interface}.{method}: {error:?}");
                refused += 1;
            }
        }
        assert!(refused > 40, "only {refused} methods were there");
    });
}

#[test]
fn polkit_refuses_too() {
    staged(async || {
        let fixture = Fixture::builder().policy(BusPolicy::Open).start().await;
        fixture.log_in().await;
        let exporter = fixture.bus.connect(Person::Exporter).await;
        StatisticsProxy::new(&exporter).await.unwrap().read(0).await.unwrap();
        let path = fixture.certificate(KeyKind::EcP256).await.inner().path().to_owned();
        let certificate = CertificateProxy::new(&exporter, path).await.unwrap();
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(signed), ErrorKind::NotAuthorized);
        assert_eq!(refusal(certificate.get_certificate().await), ErrorKind::NotAuthorized);
        let path = fixture.token().await.inner().path().to_owned();
        let token = TokenProxy::new(&exporter, path).await.unwrap();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::NotAuthorized);
        assert_eq!(refusal(token.unblock_pin(no_options()).await), ErrorKind::NotAuthorized);
        let audit = AuditProxy::new(&exporter).await.unwrap();
        assert_eq!(refusal(audit.list(HashMap::new(), 0, 10).await), ErrorKind::NotAuthorized);
        assert!(audit.mine(HashMap::new(), 0, 10).await.unwrap().is_empty(), "others' records");
        // Nobody else reads the counters just because the bus lets the call through.
        for person in [Person::Clerk, Person::Outsider, Person::Technician] {
            let connection = fixture.bus.connect(person).await;
            let read = StatisticsProxy::new(&connection).await.unwrap().read(0).await;
            assert_eq!(refusal(read), ErrorKind::NotAuthorized, "{person:?}");
        }
    });
}

/// Interface and name of every method of an object.
async fn methods(connection: &Connection, path: &str) -> Vec<(String, String)> {
    let proxy = IntrospectableProxy::builder(connection).destination(BUS_NAME).path(path.to_owned());
    let xml = proxy.build().await.unwrap().introspect().await.unwrap();
    let node = Node::try_from(xml.as_str()).unwrap();
    let of = |interface: &zbus_xml::Interface<'_>| {
        let name = interface.name().to_string();
        interface.methods().map(|method| (name.clone(), method.name().to_string())).collect::<Vec<_>>()
    };
    node.interfaces().iter().flat_map(of).collect()
}
