//! Connections of a program that need a login at the same time: a person is asked once, the module gets one PIN, and all go on; a wrong
//! entry is one try, and only the program that asked for it has failed.

use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{Call, CallingProgram, Fixture, Person, Who, eventually, no_options, refusal, staged};

#[test]
fn the_right_pin_serves_all() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let program = CallingProgram::named(Person::Clerk, "orders");
        let mut calls = Vec::new();
        for _ in 0..4 {
            let connection = program.connect().await;
            let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
            calls.push(tokio::spawn(async move {
                let signature = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
                drop(connection);
                signature
            }));
        }
        fixture.pinentry().dialog(1).await;
        fixture.pinentry().will_type(fixture.key().pin());
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().pin_calls()), (1, 1));
    });
}

#[test]
fn a_wrong_pin_is_the_failure_of_the_one_that_asked() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let token = fixture.token().await;
        let first = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().dialog(1).await;
        let connection = fixture.bus.connect(Person::Clerk).await;
        let token = fixture.token_of(fixture.key(), &connection).await;
        let second = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(first.await.unwrap()), ErrorKind::PinIncorrect);
        fixture.pinentry().dialog(2).await;
        assert_eq!(fixture.lab().count(Call::Login(Who::User)), 1);
        fixture.pinentry().will_type(fixture.key().pin());
        second.await.unwrap().unwrap();
        eventually("both tries", async || (fixture.lab().pin_calls() == 2).then_some(())).await;
    });
}
