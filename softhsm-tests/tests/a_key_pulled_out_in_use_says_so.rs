//! A Key that is pulled out while a dialog is open or while it signs: the caller gets a named error, no PIN is handed to
//! anything, and after it was plugged in again it asks anew.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, When, eventually, no_options, refusal, staged};

const REMOVED: Fault = Fault::Fail(Code::DEVICE_REMOVED);

#[test]
fn while_a_dialog_is_open() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
        let bystander = fixture.bystander().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        // The bystander's login was the first.
        fixture.pinentry().dialog(2).await;
        lab.remove(key);
        fixture.wait_until_gone(key).await;
        fixture.pinentry().will_type(key.pin());
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::TokenRemoved);
        assert_eq!(lab.pin_calls(), 0);
        comes_back(&fixture).await;
        bystander.noticed_nothing();
    });
}

#[test]
fn while_it_signs() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        lab.fault(When::calling(Call::Sign).after_it().times(1), Fault::Delay(300));
        lab.fault(When::calling(Call::Sign).after_it().times(1), REMOVED);
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        eventually("the signature", async || (lab.count(Call::Sign) > 0).then_some(())).await;
        lab.remove(key);
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::TokenRemoved);
        // The person is told.
        fixture.pinentry().read_message().await;
        fixture.wait_until_gone(key).await;
        comes_back(&fixture).await;
    });
}

async fn comes_back(fixture: &Fixture) {
    let pin_calls = fixture.lab().pin_calls();
    fixture.lab().insert(fixture.key());
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    assert!(!fixture.token().await.get_login().await.unwrap().0, "a login outlived its Key");
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    fixture.pinentry().will_type(fixture.key().pin());
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(fixture.lab().pin_calls(), pin_calls + 1);
}
