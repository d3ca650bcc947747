//! A signature that does not fit the certificate, by one bit, is an error and no result, is on record as such, and ends
//! nothing: the next one is right.

use ukey_dbus::{Algorithm, ErrorKind, KeyKind};
use ukey_softhsm_tests::{Call, Document, Fault, Fixture, When, no_options, refusal, staged, verify_data};

#[test]
fn it_is_an_error_and_recorded() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let kinds = [(KeyKind::Rsa2048, Algorithm::RsaPkcs1Sha256), (KeyKind::EcP256, Algorithm::EcdsaSha256)];
        for (kind, algorithm) in kinds {
            let certificate = fixture.certificate(kind).await;
            fixture.lab().fault(When::calling(Call::Sign), Fault::FlippedBit);
            let signed = certificate.sign_data(algorithm.as_str(), b"order", no_options()).await;
            assert_eq!(refusal(signed), ErrorKind::SignatureInvalid);
            fixture.lab().clear_faults();
            let signature = certificate.sign_data(algorithm.as_str(), b"order", no_options()).await.unwrap();
            let document = Document::with("order", b"order");
            assert!(verify_data(fixture.key().certificate(kind), algorithm, document.path(), &signature));
        }
        assert_eq!(fixture.daemon.records().matches("SignatureInvalid").count(), 2);
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}
