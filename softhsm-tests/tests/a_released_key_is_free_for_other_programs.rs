//! `Release` leaves no session open, so that a browser or a CA's own program can use the Key, even as security officer;
//! so does every other end of a login. Sessions are counted at the module's door.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Fixture, Spy, eventually, no_options, refusal, staged};

#[test]
fn no_session_is_left_and_the_security_officer_gets_in() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let token = fixture.token().await;
        token.release().await.unwrap();
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_ne!(open_sessions(fixture.spy()), 0);
        token.release().await.unwrap();
        assert_eq!(open_sessions(fixture.spy()), 0);
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
        assert!(!token.get_login().await.unwrap().0);

        let mut other = fixture.other_program();
        assert_eq!(other.ask("initialize"), "ok");
        let slot = other.ask("slots").split(' ').nth(1).unwrap().to_owned();
        assert_eq!(other.ask(&format!("open {slot}")), "ok");
        assert_eq!(other.ask(&format!("login so {}", fixture.key().so_pin())), "ok");
        other.ask("logout");
        assert_eq!(other.ask(&format!("login user {}", fixture.key().pin())), "ok");

        fixture.pinentry().will_type(fixture.key().pin());
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn nor_after_pins_were_changed_refused_or_not_used() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let token = fixture.token().await;
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!(open_sessions(fixture.spy()), 0);
        for entry in ["wrong-pin", "new-pin-1", "new-pin-1"] {
            fixture.pinentry().will_type(entry);
        }
        assert_eq!(refusal(token.change_pin(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!(open_sessions(fixture.spy()), 0);
        fixture.pinentry().will_confirm();
        for entry in [fixture.key().pin(), "new-pin-1", "new-pin-1"] {
            fixture.pinentry().will_type(entry);
        }
        token.change_pin(no_options()).await.unwrap();
        assert_eq!(open_sessions(fixture.spy()), 0);
    });
}

#[test]
fn another_users_release_ends_no_login() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(ukey_softhsm_tests::Person::Nurse).await;
        assert!(fixture.token_of(fixture.key(), &nurse).await.release().await.is_err());
        assert!(fixture.token().await.get_login().await.unwrap().0);
        eventually("the state", async || {
            (fixture.token().await.state().await.ok()? == TokenState::LoggedIn.as_str()).then_some(())
        })
        .await;
    });
}

/// Opened and not closed, of all the daemon's processes.
fn open_sessions(spy: &Spy) -> usize {
    assert_eq!(spy.count("C_CloseAllSessions"), 0, "this count knows nothing of that");
    spy.count("C_OpenSession") - spy.count("C_CloseSession")
}
