//! The daemon's shims use the lab module as any program does: its Keys are ready, a wrong PIN of the dialog is one call,
//! and a Key that is unplugged is noticed. Proves the way through, not what the daemon makes of each fault.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Call, Fixture, Who, eventually, no_options, refusal, staged};

#[test]
fn a_wrong_pin_of_the_dialog_is_one_call() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 6, 6)).start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        assert_eq!(lab.pin_calls(), 0);
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!(lab.count_of(key, Call::Login(Who::User)), 1);
        assert_eq!(lab.tries_left(key, Who::User), 5);
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!((lab.pin_calls(), lab.tries_left(key, Who::User)), (2, 6));
    });
}

#[test]
fn an_unplugged_key_is_noticed() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.lab().remove(fixture.key());
        eventually("the Key's end", async || {
            let objects = fixture.objects().await;
            let tokens = objects.values().filter(|interfaces| interfaces.contains_key(ukey_dbus::names::TOKEN));
            (tokens.count() == 0).then_some(())
        })
        .await;
        fixture.lab().insert(fixture.key());
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    });
}
