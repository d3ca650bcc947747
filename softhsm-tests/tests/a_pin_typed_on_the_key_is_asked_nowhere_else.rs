//! A Key with a keypad of its own: the dialog only asks to type there, no PIN passes the agent, each entry on the Key is
//! one try, and its cancel key is a cancel. The lab refuses every PIN that is handed to such a Key.

use ukey_dbus::{DialogKind, ErrorKind, KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{Call, Fixture, Monitor, Outcome, Person, Who, no_options, refusal, staged};

#[test]
fn a_login() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.keypad(&keys[0])).start().await;
        let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
        let monitor = Monitor::start(&fixture.bus).await;
        fixture.pinentry().will_confirm();
        lab.type_on_key(key, "wrong-pin");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!((lab.pin_calls(), lab.tries_left(key, Who::User)), (1, 9));

        fixture.pinentry().will_confirm();
        lab.cancel_on_key(key);
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(lab.tries_left(key, Who::User), 9);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());

        fixture.pinentry().will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(lab.pin_calls(), 2, "not wanted, and yet the Key was asked");

        fixture.pinentry().will_confirm();
        lab.type_on_key(key, key.pin());
        token.login(no_options()).await.unwrap();
        monitor.will_have_asked(&[DialogKind::Pinpad; 4]).await;
        assert_eq!((lab.pin_calls(), lab.tries_left(key, Who::User)), (3, 10));
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn what_to_do_is_shown_as_long_as_the_key_waits() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.keypad(&keys[0])).start().await;
        let token = fixture.token().await;
        fixture.pinentry().will_confirm();
        let call = tokio::spawn(async move { token.login(no_options()).await });
        assert_eq!(fixture.pinentry().dialog(2).await.outcome(), Outcome::Open);
        fixture.lab().type_on_key(fixture.key(), fixture.key().pin());
        call.await.unwrap().unwrap();
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);
        assert_eq!(fixture.token().await.state().await.unwrap(), TokenState::LoggedIn.as_str());
    });
}

#[test]
fn a_change_and_an_unblock() {
    staged(async || {
        let builder = Fixture::builder().agent_for(Person::Technician);
        let fixture = builder.lab(|lab, keys| lab.keypad(&keys[0])).start().await;
        let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
        fixture.pinentry().will_confirm();
        lab.type_on_key(key, key.pin());
        lab.type_on_key(key, "new-pin-1");
        token.change_pin(no_options()).await.unwrap();
        fixture.pinentry().read_message().await;
        assert_eq!((lab.pin_calls(), lab.count(Call::SetPin(Who::User))), (1, 1));

        let connection = fixture.bus.connect(Person::Technician).await;
        let technicians = fixture.agents[&Person::Technician].pinentry();
        technicians.will_confirm();
        technicians.will_confirm();
        lab.type_on_key(key, key.so_pin());
        lab.type_on_key(key, "new-pin-2");
        fixture.token_of(key, &connection).await.unblock_pin(no_options()).await.unwrap();
        technicians.read_message().await;
        assert_eq!((lab.count(Call::Login(Who::So)), lab.count(Call::InitPin)), (1, 1));

        fixture.pinentry().will_confirm();
        lab.type_on_key(key, "new-pin-2");
        token.login(no_options()).await.unwrap();
    });
}
