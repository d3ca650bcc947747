//! A PIN is typed for one program. Another program of the same user is asked about once for each login, by its name and
//! purpose and with the number of signatures; another connection of a program that may sign is not.

use ukey_dbus::{DialogKind, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{
    Call, CallingProgram, DialogCommand, Fixture, Outcome, Person, no_options, option, refusal, staged,
};
use zbus::Connection;

#[test]
fn by_its_name_and_purpose() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (first, second) = two_programs();
        fixture.log_in_through(&first.connect().await).await;
        sign(&fixture, &first.connect().await).await.unwrap();
        assert_eq!(
            fixture.pinentry().dialogs().len(),
            1,
            "another connection of the program that logged in is not asked"
        );

        fixture.pinentry().will_confirm();
        sign(&fixture, &second.connect().await).await.unwrap();
        let dialog = fixture.pinentry().dialog(2).await;
        assert_eq!(dialog.command(), DialogCommand::Confirm, "{:?}", DialogKind::Consent);
        let shown = dialog.text("setdesc");
        let expected = [
            "invoices",
            "/run/stage/programs",
            "clerk",
            "采购订单 117",
            "采购UKey",
            "示范人民医院",
            "Signatures wanted now: 1",
        ];
        for expected in expected {
            assert!(shown.contains(expected), "no {expected} in: {shown}");
        }
        for _ in 0..3 {
            sign(&fixture, &second.connect().await).await.unwrap();
            sign(&fixture, &first.connect().await).await.unwrap();
        }
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().pin_calls()), (2, 1));
    });
}

#[test]
fn with_the_number_of_signatures_of_a_batch() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let program = CallingProgram::named(Person::Clerk, "invoices");
        let connection = program.connect().await;
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
        fixture.pinentry().will_confirm();
        let digests: Vec<[u8; 32]> = (1..=117).map(|number| [number; 32]).collect();
        let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
        let results = certificate.sign_batch("ECDSA-SHA256", &digests, no_options()).await.unwrap();
        assert!(results.iter().all(|(error, _)| error.is_empty()));
        let shown = fixture.pinentry().dialog(2).await;
        assert!(shown.text("setdesc").contains("Signatures wanted now: 117"), "{}", shown.text("setdesc"));
        certificate.sign_batch("ECDSA-SHA256", &digests, no_options()).await.unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 2);
    });
}

#[test]
fn and_again_for_the_next_login() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (first, second) = two_programs();
        let (first, second) = (first.connect().await, second.connect().await);
        fixture.log_in_through(&first).await;
        fixture.pinentry().will_confirm();
        sign(&fixture, &second).await.unwrap();
        fixture.token().await.logout().await.unwrap();

        fixture.log_in_through(&first).await;
        let before = fixture.lab().count(Call::Sign);
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(sign(&fixture, &second).await), ErrorKind::ConsentDenied);
        assert_eq!(fixture.lab().count(Call::Sign), before);
        fixture.token().await.logout().await.unwrap();

        // Whose program it is now is the one that the PIN is typed for.
        fixture.pinentry().will_type(fixture.key().pin());
        sign(&fixture, &second).await.unwrap();
        fixture.pinentry().will_confirm();
        sign(&fixture, &first).await.unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 6);
    });
}

#[test]
fn and_a_login_of_its_own_does_not_stand_for_it() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let (first, second) = two_programs();
        fixture.log_in_through(&first.connect().await).await;
        let second = second.connect().await;
        // The user is logged in already.
        fixture.token_of(fixture.key(), &second).await.login(no_options()).await.unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &second).await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        assert_eq!(refusal(certificate.sign_data("ECDSA-SHA256", b"order", never).await), ErrorKind::ConsentDenied);
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(sign(&fixture, &second).await), ErrorKind::ConsentDenied);
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Refused);
    });
}

fn two_programs() -> (CallingProgram, CallingProgram) {
    (CallingProgram::named(Person::Clerk, "orders"), CallingProgram::named(Person::Clerk, "invoices"))
}

async fn sign(fixture: &Fixture, connection: &Connection) -> zbus::Result<Vec<u8>> {
    let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, connection).await;
    certificate.sign_data("ECDSA-SHA256", b"order", option(options::REASON, "采购订单 117")).await
}
