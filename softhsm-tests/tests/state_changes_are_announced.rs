//! Every change of state is a signal: objects that come, properties that change; and properties are updated before an
//! error reply leaves.

use futures_util::StreamExt;
use tokio::time::timeout;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, ROOT_PATH, TOKEN};
use ukey_dbus::{KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{Fixture, PATIENCE, kill, no_options, staged};
use zbus::fdo::{ObjectManagerProxy, PropertiesProxy};

#[test]
fn a_login_and_a_logout_change_the_state_property() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        let path = token.inner().path().to_string();
        let properties = PropertiesProxy::new(&fixture.clerk, BUS_NAME, path).await.unwrap();
        let mut changes = properties.receive_properties_changed().await.unwrap();
        fixture.log_in().await;
        assert_eq!(next_state(&mut changes).await, TokenState::LoggedIn.as_str());
        token.logout().await.unwrap();
        assert_eq!(next_state(&mut changes).await, TokenState::Ready.as_str());
    });
}

#[test]
fn a_wrong_pin_is_seen_before_its_error() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        let path = token.inner().path().to_string();
        let properties = PropertiesProxy::new(&fixture.clerk, BUS_NAME, path).await.unwrap();
        fixture.pinentry().will_type("wrong-pin");
        assert!(token.login(no_options()).await.is_err());
        let state = properties.get(TOKEN.try_into().unwrap(), "PinState").await.unwrap();
        assert_eq!(String::try_from(state).unwrap(), PinState::Low.as_str());
    });
}

#[test]
fn keys_that_go_and_come_are_announced_with_all_they_have() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificates = fixture.key().certificates().len();
        let manager = ObjectManagerProxy::new(&fixture.clerk, BUS_NAME, ROOT_PATH).await.unwrap();
        let mut removed = manager.receive_interfaces_removed().await.unwrap();
        fixture.key().remove();
        restart_module(&fixture);
        let mut gone = Vec::new();
        while count(&gone, TOKEN) < 1 || count(&gone, CERTIFICATE) < certificates {
            let signal = timeout(PATIENCE, removed.next()).await.expect("InterfacesRemoved").unwrap();
            gone.extend(signal.args().unwrap().interfaces.iter().map(ToString::to_string));
        }
        let mut added = manager.receive_interfaces_added().await.unwrap();
        fixture.key().put_back();
        restart_module(&fixture);
        let mut come = Vec::new();
        while count(&come, TOKEN) < 1 || count(&come, CERTIFICATE) < certificates {
            let signal = timeout(PATIENCE, added.next()).await.expect("InterfacesAdded").unwrap();
            for (interface, properties) in &signal.args().unwrap().interfaces_and_properties {
                assert!(interface.as_str() != CERTIFICATE || properties.contains_key("HolderName"));
                come.push(interface.to_string());
            }
        }
        assert_eq!((count(&come, TOKEN), count(&come, CERTIFICATE)), (1, certificates));
    });
}

/// SoftHSM2 reads its tokens only once; a new process sees what is there now.
fn restart_module(fixture: &Fixture) {
    for shim in fixture.daemon.shims() {
        kill(shim, rustix::process::Signal::KILL);
    }
}

fn count(interfaces: &[String], name: &str) -> usize {
    interfaces.iter().filter(|interface| *interface == name).count()
}

#[test]
fn certificates_show_holder_dates_and_use() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        for kind in [KeyKind::Rsa2048, KeyKind::EcP256, KeyKind::EcP384] {
            let certificate = fixture.certificate(kind).await;
            let known = fixture.key().certificate(kind);
            assert_eq!(certificate.holder_name().await.unwrap(), known.profile.holder_name);
            assert_eq!(certificate.holder_id().await.unwrap(), known.profile.holder_id);
            assert_eq!(certificate.key_use().await.unwrap(), known.profile.key_use.as_str());
            assert_eq!(certificate.validity().await.unwrap(), "valid");
            let (from, to) = known.profile.validity;
            let seconds = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            assert_eq!(certificate.not_before().await.unwrap(), seconds(from));
            assert_eq!(certificate.not_after().await.unwrap(), seconds(to));
            let (der, _details) = certificate.get_certificate().await.unwrap();
            assert_eq!(der, std::fs::read(&known.der).unwrap());
        }
    });
}

async fn next_state(changes: &mut zbus::fdo::PropertiesChangedStream) -> String {
    loop {
        let change = timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
        let change = change.args().unwrap();
        if let Some(state) = change.changed_properties.get("State") {
            return String::try_from(state.try_clone().unwrap()).unwrap();
        }
    }
}
