//! One PIN typed is at most one `C_Login`, counted by a spy that knows nothing of this project. SoftHSM2 counts no
//! tries, so the number left must be shown as unknown. Proves the count at the module's door, not inside a real card.

use ukey_dbus::{Error, ErrorKind, KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{Fixture, eventually, no_options, refusal, staged};

#[test]
fn a_wrong_pin_is_one_login_and_tries_are_unknown() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let token = fixture.token().await;
        assert_eq!(fixture.spy().count("C_Login"), 0, "a Key is read without a login");
        fixture.pinentry().will_type("wrong-pin");
        let refused = Error::from(token.login(no_options()).await.unwrap_err());
        assert_eq!(refused.kind(), ErrorKind::PinIncorrect);
        assert!(refused.message().contains("tries left: unknown"), "{refused}");
        assert_eq!(fixture.spy().count("C_Login"), 1);
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        assert_eq!(token.pin_tries_remaining().await.unwrap(), -1);
        assert_eq!(token.so_pin_tries_remaining().await.unwrap(), -1);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());

        fixture.log_in().await;
        assert_eq!(fixture.spy().count("C_Login"), 2);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
    });
}

#[test]
fn signing_with_a_wrong_pin_is_one_login_too() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type("wrong-pin");
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::PinIncorrect);
        assert_eq!(fixture.spy().count("C_Login"), 1);
        assert_eq!(fixture.spy().count("C_Sign"), 0);
    });
}

#[test]
fn an_empty_pin_and_a_closed_dialog_are_no_login() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let token = fixture.token().await;
        fixture.pinentry().will_type("");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinInvalid);
        fixture.pinentry().will_type(&"9".repeat(256));
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinInvalid);
        fixture.pinentry().will_cancel();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(fixture.spy().count("C_Login"), 0);
    });
}

#[test]
fn no_session_stays_open_after_a_refused_pin() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinIncorrect);
        let spy = fixture.spy();
        eventually("every session closed", async || {
            let open = spy.count("C_OpenSession");
            let closed = spy.count("C_CloseSession");
            (open > 0 && (open == closed || spy.count("C_CloseAllSessions") > 0)).then_some(())
        })
        .await;
    });
}
