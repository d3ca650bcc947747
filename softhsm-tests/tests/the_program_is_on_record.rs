//! Records name the program: the one that a PIN was typed for, the one that signed under its login, the script of an
//! interpreter; a program that nobody can name has none.

use std::path::Path;
use ukey_dbus::{AuditProxy, KeyKind};
use ukey_softhsm_tests::{CallingProgram, Document, Fixture, Person, STAGE, as_person, no_options, staged};

#[test]
fn of_logins_signatures_and_changes() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let (orders, invoices) =
            (CallingProgram::named(Person::Clerk, "orders"), CallingProgram::named(Person::Clerk, "invoices"));
        let (orders, invoices) = (orders.connect().await, invoices.connect().await);
        fixture.log_in_through(&orders).await;
        for (connection, is_asked) in [(&orders, false), (&invoices, true), (&fixture.clerk, true)] {
            if is_asked {
                fixture.pinentry().will_confirm();
            }
            let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, connection).await;
            certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        }
        fixture.pinentry().will_confirm();
        let script = Path::new(STAGE).join("examples/sign_with_jeepney.py");
        let (order, out) = (Document::order(), format!("{}/out", Person::Clerk.home()));
        as_person(Person::Clerk, &script, &[order.path().to_str().unwrap(), &out, "ec-p256"]).await.succeeded();
        for _ in 0..3 {
            fixture.pinentry().will_type(fixture.key().pin());
        }
        fixture.token_of(fixture.key(), &invoices).await.change_pin(no_options()).await.unwrap();

        let audit = AuditProxy::new(&fixture.clerk).await.unwrap();
        let records = audit.mine(no_options(), 0, 100).await.unwrap();
        let text = |record: &std::collections::HashMap<String, zbus::OwnedVariant>, key: &str| {
            String::try_from(record[key].clone()).unwrap()
        };
        let found: Vec<_> = records
            .iter()
            .map(|record| (text(record, "kind"), text(record, "program")))
            .filter(|(kind, _)| kind != "logout")
            .collect();
        let python = found[4].1.clone();
        assert!(python.starts_with("/usr/bin/python3") && python.ends_with(" (sign_with_jeepney.py)"), "{python}");
        let program = |name: &str| format!("{STAGE}/programs/{name}");
        let expected = [
            ("login", program("orders")),
            ("sign", program("orders")),
            ("sign", program("invoices")),
            ("sign", String::new()),
            ("sign", python),
            ("change-pin", program("invoices")),
        ];
        assert_eq!(found, expected.map(|(kind, program)| (kind.to_owned(), program)));
    });
}
