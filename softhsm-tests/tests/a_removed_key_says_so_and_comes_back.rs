//! A Key that goes away takes its login along and has a named error; its return is seen. SoftHSM2 shows a removal only
//! as failing calls, so this proves the way from there on, not the notice of real slot events.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Fixture, KeyBuilder, eventually, no_options, refusal, staged};

#[test]
fn its_calls_fail_by_name_and_work_again_afterwards() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        fixture.key().remove();
        eventually("a named refusal", async || {
            let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
            let gone = matches!(&signed, Err(zbus::Error::FDO(_)));
            if gone || signed.is_ok() {
                // Its object may be gone already; a key that is in memory may sign once more.
                return gone.then_some(());
            }
            let expected = [ErrorKind::TokenRemoved, ErrorKind::ModuleFailed, ErrorKind::LoginRequired];
            let kind = refusal(signed);
            assert!(expected.contains(&kind), "{kind:?}");
            if kind == ErrorKind::TokenRemoved {
                fixture.pinentry().read_message().await;
            }
            Some(())
        })
        .await;
        fixture.key().put_back();
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn another_key_of_the_same_module_goes_on() {
    staged(async || {
        let fixture = Fixture::builder()
            .key(KeyBuilder::default())
            .key(KeyBuilder::default().label("耗材UKey").pin("second-pin"))
            .start()
            .await;
        let second = &fixture.keys[1];
        fixture.pinentry().will_type(second.pin());
        let certificate = fixture.certificate_of(second, KeyKind::EcP256, &fixture.clerk).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        let token = fixture.token().await;
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str(), "a login is for one Key only");
    });
}
