//! What a person reads before typing the PIN: program, user, purpose, Key, unit, tries; and a purpose can't pretend to
//! be a line of the dialog. A real program of the clerk calls, since a test that borrows a uid shows none.

use ukey_dbus::names::{BUS_NAME, CERTIFICATE};
use ukey_dbus::{ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{Fixture, Person, Tool, as_person, no_options, option, refusal, staged};

#[test]
fn program_user_purpose_key_unit_and_tries() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type(fixture.key().pin());
        let arguments = [
            "--system",
            "call",
            BUS_NAME,
            certificate.inner().path().as_str(),
            CERTIFICATE,
            "SignData",
            "saya{sv}",
            "ECDSA-SHA256",
            "1",
            "7",
            "1",
            "reason",
            "s",
            "采购订单 117",
        ];
        as_person(Person::Clerk, &Tool::Busctl.path(), &arguments).await.succeeded();
        let dialog = fixture.pinentry().dialog(1).await;
        let shown = dialog.text("setdesc");
        let serial = fixture.token().await.serial_number().await.unwrap();
        for expected in
            ["busctl", "clerk", "采购订单 117", "采购UKey", &serial, "示范人民医院", "91350100M000100Y43", "unknown"]
        {
            assert!(shown.contains(expected), "no {expected} in: {shown}");
        }
    });
}

#[test]
fn and_how_many_signatures_a_batch_is_of() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for (number, shown) in [(1_u8, None), (117, Some("Signatures wanted now: 117"))] {
            let digests: Vec<[u8; 32]> = (0..number).map(|number| [number; 32]).collect();
            let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
            fixture.pinentry().will_cancel();
            let refused = certificate.sign_batch("ECDSA-SHA256", &digests, no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::Cancelled);
            let dialogs = fixture.pinentry().dialogs();
            let text = dialogs.last().unwrap().text("setdesc");
            assert_eq!(text.contains("Signatures wanted now"), shown.is_some(), "{text}");
            assert!(shown.is_none_or(|shown| text.contains(shown)), "{text}");
        }
    });
}

#[test]
fn a_purpose_stays_on_its_line() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_cancel();
        let hostile = "订单\n\nProgram: /usr/bin/trusted\u{202e}%0AUSCC: none";
        let token = fixture.token().await;
        assert_eq!(refusal(token.login(option(options::REASON, hostile)).await), ErrorKind::Cancelled);
        let dialog = fixture.pinentry().dialog(1).await;
        let shown = dialog.text("setdesc");
        // Whatever the program says stays behind its heading, or indented below it.
        for heading in ["Program:", "USCC:"] {
            assert_eq!(shown.lines().filter(|line| line.starts_with(heading)).count(), 1, "{shown}");
        }
        assert!(!shown.contains("\nUSCC: none"), "{shown}");
        assert!(!shown.contains('\u{202e}'), "{shown}");
    });
}
