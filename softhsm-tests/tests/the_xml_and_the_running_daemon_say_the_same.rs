//! `dbus-interfaces/xml` is what other languages build on: each interface of the running daemon is there, member for
//! member, and nothing more; a standard interface is not repeated there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use ukey_dbus::names::{AGENT, AUDIT, BUS_NAME, CERTIFICATE, MANAGER, MODULE, REQUEST, ROOT_PATH, STATISTICS, TOKEN};
use ukey_dbus::{KeyKind, names, options};
use ukey_softhsm_tests::{Fixture, option, staged};
use zbus::fdo::IntrospectableProxy;
use zbus_xml::{Interface, Node};

/// Interface name → lines, one for each member with its types, names and annotations.
type Contract = BTreeMap<String, BTreeSet<String>>;

#[test]
fn member_for_member() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let token = fixture.token().await;
        let module = token.module().await.unwrap();
        // A request object exists while its call runs.
        let (path, waiting) = (certificate.inner().path().to_string(), certificate.clone());
        let call =
            tokio::spawn(
                async move { waiting.sign_data("ECDSA-SHA256", b"order", option(options::REQUEST, "r1")).await },
            );
        fixture.pinentry().dialog(1).await;
        let request = names::request_path(fixture.clerk.unique_name().unwrap().as_str(), "r1");
        let mut live = Contract::new();
        for path in [ROOT_PATH, module.as_str(), token.inner().path().as_str(), &path, &request] {
            let proxy =
                IntrospectableProxy::builder(&fixture.clerk).destination(BUS_NAME).path(path).build().await.unwrap();
            let xml = proxy.introspect().await.unwrap();
            add(&mut live, &xml);
        }
        call.abort();
        live.retain(|name, _| name.starts_with(BUS_NAME));

        let mut written = Contract::new();
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../dbus-interfaces/xml")).unwrap() {
            add(&mut written, &fs::read_to_string(file.unwrap().path()).unwrap());
        }
        assert!(written.contains_key(AGENT), "the agent's interface is written down too");
        assert!(written.keys().all(|name| name.starts_with(BUS_NAME)), "{:?}", written.keys());
        written.remove(AGENT);
        let expected =
            BTreeSet::from([AUDIT, CERTIFICATE, MANAGER, MODULE, REQUEST, STATISTICS, TOKEN].map(ToOwned::to_owned));
        assert_eq!(written.keys().cloned().collect::<BTreeSet<_>>(), expected);
        for (interface, members) in &written {
            assert_eq!(Some(members), live.get(interface), "left: xml, right: daemon, {interface}");
        }
        assert_eq!(written.len(), live.len(), "the daemon has more: {:?}", live.keys());
    });
}

fn add(contract: &mut Contract, xml: &str) {
    let node = Node::try_from(xml).unwrap();
    for interface in node.interfaces() {
        contract.entry(interface.name().to_string()).or_default().extend(members(interface));
    }
}

fn members(interface: &Interface<'_>) -> Vec<String> {
    let methods = interface.methods().map(|method| {
        let arguments = method.args().iter().map(|argument| {
            let direction = argument.direction().map_or("in".to_owned(), |direction| format!("{direction:?}"));
            format!("{} {}: {}", direction.to_lowercase(), argument.name().unwrap_or_default(), argument.ty())
        });
        format!("method {}({})", method.name(), arguments.collect::<Vec<_>>().join(", "))
    });
    let signals = interface.signals().map(|signal| {
        let arguments =
            signal.args().iter().map(|argument| format!("{}: {}", argument.name().unwrap_or_default(), argument.ty()));
        format!("signal {}({})", signal.name(), arguments.collect::<Vec<_>>().join(", "))
    });
    let properties = interface
        .properties()
        .map(|property| format!("property {}: {} {:?}", property.name(), property.ty(), property.access()));
    methods.chain(signals).chain(properties).collect()
}
