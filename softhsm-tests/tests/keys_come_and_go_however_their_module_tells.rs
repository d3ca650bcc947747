//! Whether a module tells of its slots, has no such function, has one that never says anything, or froze its list when
//! it was initialized: a Key that is pulled out vanishes from the bus, and one that is plugged in is there and works.

use ukey_dbus::{KeyKind, TokenState};
use ukey_softhsm_tests::{Fixture, Key, KeyBuilder, Lab, SlotEvents, kill, no_options, staged};

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

#[test]
fn a_key_that_was_not_there_at_the_beginning_too() {
    staged(async || {
        let second = KeyBuilder::default().label("耗材UKey").pin("second-pin");
        let fixture = Fixture::builder().key(KeyBuilder::default()).key(second).lab(|lab, _| {
            lab.slot_events(SlotEvents::Silent);
            lab.freeze_slot_list();
        });
        let fixture = fixture.start().await;
        let late = &fixture.keys[1];
        fixture.lab().remove(late);
        fixture.wait_until_gone(late).await;
        for shim in fixture.daemon.shims_of(&Lab::library()) {
            kill(shim, rustix::process::Signal::KILL);
        }
        fixture.wait_for_state(fixture.key(), TokenState::ModuleFailed).await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        fixture.lab().insert(late);
        fixture.wait_for_state(late, TokenState::Ready).await;
        fixture.log_in_to(late).await;
    });
}

async fn goes_and_comes(prepare: fn(&Lab, &[Key])) {
    let fixture = Fixture::builder().lab(prepare).start().await;
    let (lab, key) = (fixture.lab(), fixture.key());
    fixture.log_in().await;
    let path = fixture.token().await.inner().path().to_owned();
    lab.remove(key);
    fixture.wait_until_gone(key).await;
    lab.insert(key);
    fixture.wait_for_state(key, TokenState::Ready).await;
    assert_eq!(*fixture.token().await.inner().path(), path);
    fixture.log_in().await;
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(lab.pin_calls(), 2);
}
