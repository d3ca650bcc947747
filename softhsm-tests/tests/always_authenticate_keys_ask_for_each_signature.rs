//! A key with `CKA_ALWAYS_AUTHENTICATE`: each signature has its own dialog and its own one try, and is not made without.

use ukey_dbus::{Algorithm, DialogKind, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{
    Call, Document, Fixture, KeyBuilder, Monitor, Who, no_options, option, refusal, staged, verify_data,
};

const CONTEXT: Call = Call::Login(Who::Context);

#[test]
fn one_dialog_and_one_try_each() {
    staged(async || {
        let fixture = Fixture::builder().key(KeyBuilder::default().always_authenticate()).lab(|_, _| ()).start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        let monitor = Monitor::start(&fixture.bus).await;
        let mut asked = vec![DialogKind::UserPin];
        fixture.pinentry().will_type(key.pin());
        for (made, kind) in [(1, KeyKind::Rsa2048), (2, KeyKind::EcP256), (3, KeyKind::EcP256)] {
            fixture.pinentry().will_type(key.pin());
            asked.push(DialogKind::SignaturePin);
            let algorithm = Algorithm::ALL.iter().find(|one| kind.algorithms().first() == Some(*one)).unwrap();
            let certificate = fixture.certificate(kind).await;
            let signature = certificate.sign_data(algorithm.as_str(), b"order", no_options()).await.unwrap();
            let document = Document::with("order", b"order");
            assert!(verify_data(key.certificate(kind), *algorithm, document.path(), &signature));
            monitor.will_have_asked(&asked).await;
            assert_eq!((lab.count(Call::Login(Who::User)), lab.count(CONTEXT)), (1, made));
        }
    });
}

#[test]
fn a_wrong_pin_is_one_try_and_no_signature() {
    staged(async || {
        let fixture = Fixture::builder().key(KeyBuilder::default().always_authenticate()).lab(|_, _| ()).start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.pinentry().will_type("wrong-pin");
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(signed), ErrorKind::PinIncorrect);
        assert_eq!((lab.count(CONTEXT), lab.count(Call::Sign), lab.tries_left(key, Who::User)), (1, 0, 9));

        fixture.pinentry().will_cancel();
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(signed), ErrorKind::Cancelled);
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", never).await;
        assert_eq!(refusal(signed), ErrorKind::LoginRequired);
        assert_eq!((lab.count(CONTEXT), lab.count(Call::Sign)), (1, 0));

        fixture.pinentry().will_type(key.pin());
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(lab.tries_left(key, Who::User), 10);
    });
}
