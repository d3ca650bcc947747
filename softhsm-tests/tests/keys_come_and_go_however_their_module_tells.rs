//! Whether a module tells of its slots, has no such function, has one that never says anything, or froze its list when
//! it was initialized: a Key that is pulled out vanishes from the bus, and one that is plugged in is there and works.

use ukey_dbus::names::TOKEN;
use ukey_dbus::{KeyKind, TokenState};
use ukey_softhsm_tests::{Fixture, Key, Lab, SlotEvents, eventually, no_options, staged};

#[test]
fn by_events() {
    staged(async || goes_and_comes(|lab, _| lab.slot_events(SlotEvents::Working)).await);
}

#[test]
fn without_such_a_function() {
    staged(async || goes_and_comes(|lab, _| lab.slot_events(SlotEvents::Missing)).await);
}

#[test]
fn by_a_function_that_says_nothing() {
    staged(async || goes_and_comes(|lab, _| lab.slot_events(SlotEvents::Silent)).await);
}

#[test]
fn with_a_list_that_was_read_once() {
    staged(async || {
        goes_and_comes(|lab, _| {
            lab.slot_events(SlotEvents::Silent);
            lab.freeze_slot_list();
        })
        .await;
    });
}

async fn goes_and_comes(prepare: fn(&Lab, &[Key])) {
    let fixture = Fixture::builder().lab(prepare).start().await;
    let (lab, key) = (fixture.lab(), fixture.key());
    fixture.log_in().await;
    let path = fixture.token().await.inner().path().to_owned();
    lab.remove(key);
    gone(&fixture, key).await;
    lab.insert(key);
    fixture.wait_for_state(key, TokenState::Ready).await;
    assert_eq!(*fixture.token().await.inner().path(), path);
    fixture.log_in().await;
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(lab.pin_calls(), 2);
}

async fn gone(fixture: &Fixture, key: &Key) {
    eventually("the Key's end", async || {
        let is_it = |value: &zbus::OwnedVariant| String::try_from(value.clone()).is_ok_and(|text| text == key.label());
        let mut tokens = fixture.objects().await.into_values().filter_map(|mut interfaces| interfaces.remove(TOKEN));
        tokens.all(|token| !is_it(&token["Label"])).then_some(())
    })
    .await;
}
