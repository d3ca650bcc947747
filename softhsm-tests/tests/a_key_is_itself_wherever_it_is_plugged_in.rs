//! What a Key is called on the bus depends on the Key: not on the port, not on how long it takes to be read, not on how
//! many slots it shows; and two Keys that look alike are two, each with its own PIN.

use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use ukey_dbus::names::{BUS_NAME, ROOT_PATH, TOKEN};
use ukey_dbus::{KeyKind, TokenProxy, TokenState};
use ukey_softhsm_tests::{Call, Fixture, KeyBuilder, PATIENCE, Who, eventually, no_options, staged};
use zbus::OwnedObjectPath;
use zbus::fdo::ObjectManagerProxy;

#[test]
fn in_another_port() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let before = tokens(&fixture).await;
        fixture.log_in().await;
        fixture.lab().remove(fixture.key());
        eventually("the Key's end", async || tokens(&fixture).await.is_empty().then_some(())).await;
        fixture.lab().insert_elsewhere(fixture.key());
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        assert_eq!(tokens(&fixture).await, before);
        fixture.log_in().await;
        assert_eq!(fixture.lab().pin_calls(), 2);
    });
}

#[test]
fn though_its_serial_number_comes_late() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.settles_after(&keys[0], Duration::from_secs(1))).start();
        let fixture = fixture.await;
        let before = tokens(&fixture).await;
        fixture.lab().remove(fixture.key());
        eventually("the Key's end", async || tokens(&fixture).await.is_empty().then_some(())).await;
        let manager = ObjectManagerProxy::new(&fixture.clerk, BUS_NAME, ROOT_PATH).await.unwrap();
        let mut added = manager.receive_interfaces_added().await.unwrap();
        fixture.lab().insert(fixture.key());
        let first = loop {
            let signal = timeout(PATIENCE, added.next()).await.expect("InterfacesAdded").unwrap();
            let arguments = signal.args().unwrap();
            if arguments.interfaces_and_properties.contains_key(TOKEN) {
                break arguments.object_path.to_string();
            }
        };
        assert_eq!(first, before[0].as_str(), "it was shown before it could be told who it is");
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        assert_eq!(tokens(&fixture).await, before);
        fixture.log_in().await;
    });
}

#[test]
fn two_with_one_label_are_two() {
    staged(async || {
        let second = KeyBuilder::default().label("耗材UKey").pin("second-pin");
        let fixture = Fixture::builder().key(KeyBuilder::default()).key(second).lab(|_, _| ()).start().await;
        let (lab, keys) = (fixture.lab(), &fixture.keys);
        lab.show_label(&keys[1], keys[0].label());
        eventually("the new label", async || {
            let labels = labels(&fixture).await;
            (labels.len() == 2 && labels.iter().all(|label| label == keys[0].label())).then_some(())
        })
        .await;
        for key in keys {
            let token = by_serial_number(&fixture, key.serial_number()).await;
            fixture.pinentry().will_type(key.pin());
            token.login(no_options()).await.unwrap();
            assert_eq!(lab.count_of(key, Call::Login(Who::User)), 1);
        }
    });
}

#[test]
fn one_with_two_slots_is_one() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.second_slot(&keys[0])).start().await;
        assert_eq!(tokens(&fixture).await.len(), 1);
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(fixture.lab().pin_calls(), 1);
    });
}

/// Paths of all Keys.
async fn tokens(fixture: &Fixture) -> Vec<OwnedObjectPath> {
    let objects = fixture.objects().await;
    let tokens = objects.into_iter().filter(|(_, interfaces)| interfaces.contains_key(TOKEN));
    tokens.map(|(path, _)| path).collect()
}

async fn labels(fixture: &Fixture) -> Vec<String> {
    let tokens = fixture.objects().await.into_values().filter_map(|mut interfaces| interfaces.remove(TOKEN));
    tokens.map(|token| String::try_from(token["Label"].clone()).unwrap()).collect()
}

async fn by_serial_number(fixture: &Fixture, serial: &str) -> TokenProxy<'static> {
    for path in tokens(fixture).await {
        let token = TokenProxy::new(&fixture.clerk, path).await.unwrap();
        if token.serial_number().await.unwrap() == serial {
            return token;
        }
    }
    panic!("no Key has the serial number {serial}");
}
