//! Who says no has said it for a while: whatever way the program signs, the Key is not used, nobody is asked again, and
//! other programs go on.

use std::collections::HashMap;
use ukey_dbus::{CertificateProxy, ErrorKind, KeyKind};
use ukey_softhsm_tests::{Call, CallingProgram, Document, Fixture, Person, STAGE, no_options, refusal, staged};
use zbus::Fd;

#[test]
fn by_any_method() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let program = CallingProgram::named(Person::Clerk, "invoices");
        let (one, other) = (program.connect().await, program.connect().await);
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &one).await;
        fixture.pinentry().will_refuse();
        for refused in all_ways(&certificate).await {
            assert_eq!(refused, ErrorKind::ConsentDenied);
        }
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &other).await;
        for refused in all_ways(&certificate).await {
            assert_eq!(refused, ErrorKind::ConsentDenied);
        }
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().count(Call::Sign)), (2, 0));
        assert!(fixture.token().await.get_login().await.unwrap().0);

        let own = fixture.certificate(KeyKind::EcP256).await;
        own.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        let third = CallingProgram::named(Person::Clerk, "stock");
        let third = third.connect().await;
        fixture.pinentry().will_confirm();
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &third).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().count(Call::Sign)), (3, 2));
    });
}

async fn all_ways(certificate: &CertificateProxy<'_>) -> Vec<ErrorKind> {
    let algorithm = "ECDSA-SHA256";
    let order = Document::order();
    let file = std::fs::File::open(order.path()).unwrap();
    let message = std::fs::File::create_new(format!("{STAGE}/message")).unwrap();
    let refused = vec![
        refusal(certificate.sign_digest(algorithm, &[1; 32], no_options()).await),
        refusal(certificate.sign_data(algorithm, b"order", no_options()).await),
        refusal(certificate.sign_file(algorithm, Fd::from(&file), no_options()).await),
        refusal(certificate.sign_batch(algorithm, &[&[1; 32], &[2; 32]], no_options()).await),
        refusal(certificate.sign_message(b"order", HashMap::new()).await),
        refusal(certificate.sign_message_file(Fd::from(&file), Fd::from(&message), no_options()).await),
    ];
    std::fs::remove_file(format!("{STAGE}/message")).unwrap();
    refused
}
