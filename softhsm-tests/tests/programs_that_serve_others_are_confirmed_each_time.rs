//! What runs in Python, or is called by busctl, or can't be named at all, is agreed to for one connection only; and a file
//! that takes a program's place is another program.

use ukey_dbus::names::{BUS_NAME, CERTIFICATE};
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{CallingProgram, Fixture, Person, STAGE, Tool, as_person, no_options, refusal, staged};
use zbus::Connection;

#[test]
fn each_run_of_busctl() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let path = certificate.inner().path().as_str();
        let call =
            ["--system", "call", BUS_NAME, path, CERTIFICATE, "SignData", "saya{sv}", "ECDSA-SHA256", "1", "7", "0"];
        // The first of them logs in.
        fixture.pinentry().will_type(fixture.key().pin());
        for run in 1..=3 {
            as_person(Person::Clerk, &Tool::Busctl.path(), &call).await.succeeded();
            let shown = fixture.pinentry().dialog(run).await;
            assert!(shown.text("setdesc").contains("busctl"), "{}", shown.text("setdesc"));
            fixture.pinentry().will_confirm();
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 3);
    });
}

#[test]
fn each_run_of_a_script() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let (order, signature) = (ukey_softhsm_tests::Document::order(), format!("{}/out", Person::Clerk.home()));
        let script = std::path::Path::new(STAGE).join("examples/sign_with_jeepney.py");
        for run in 2..=3 {
            fixture.pinentry().will_confirm();
            let arguments = [order.path().to_str().unwrap(), &signature, "ec-p256"];
            as_person(Person::Clerk, &script, &arguments).await.succeeded();
            let shown = fixture.pinentry().dialog(run).await;
            let shown = shown.text("setdesc");
            assert!(shown.contains("python") && shown.contains("sign_with_jeepney.py"), "{shown}");
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 3);
    });
}

/// A test that borrows a user id has a process of another user: nobody can tell what it is.
#[test]
fn each_connection_of_an_unknown_program() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        for number in 2..=3 {
            let connection = fixture.bus.connect(Person::Clerk).await;
            fixture.pinentry().will_confirm();
            sign(&fixture, &connection).await.unwrap();
            let shown = fixture.pinentry().dialog(number).await;
            assert!(shown.text("setdesc").contains("Program: unknown"), "{}", shown.text("setdesc"));
            sign(&fixture, &connection).await.unwrap();
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 3);
    });
}

#[test]
fn and_a_replaced_program_is_another_one() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let path = CallingProgram::install("invoices");
        let before = CallingProgram::start(Person::Clerk, &path);
        fixture.pinentry().will_confirm();
        sign(&fixture, &before.connect().await).await.unwrap();
        sign(&fixture, &before.connect().await).await.unwrap();

        assert_eq!(CallingProgram::install("invoices"), path);
        let after = CallingProgram::start(Person::Clerk, &path);
        let after = after.connect().await;
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(sign(&fixture, &after).await), ErrorKind::ConsentDenied);
        // What runs on in a file that is gone is as good as unknown.
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(sign(&fixture, &before.connect().await).await), ErrorKind::ConsentDenied);
        assert_eq!(fixture.pinentry().dialogs().len(), 4);
    });
}

async fn sign(fixture: &Fixture, connection: &Connection) -> zbus::Result<Vec<u8>> {
    let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, connection).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await
}
