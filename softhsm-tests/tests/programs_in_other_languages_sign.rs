//! Programs that know nothing of this project's code sign over the bus: each example of `docs/examples`, run by the
//! clerk as it stands there, and its signature accepted by OpenSSL.

use std::path::Path;
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{Document, Fixture, Person, STAGE, Tool, as_person, staged, verify_data};

#[test]
fn busctl() {
    staged(async || {
        let _needed = (Tool::Busctl.path(), Tool::Openssl.path());
        example_signs("sign-with-busctl.sh", &[], KeyKind::Rsa2048, Algorithm::RsaPkcs1Sha256).await;
    });
}

#[test]
fn gdbus() {
    staged(async || {
        let _needed = (Tool::Gdbus.path(), Tool::Openssl.path());
        example_signs("sign-with-gdbus.sh", &[], KeyKind::EcP256, Algorithm::EcdsaSha256).await;
    });
}

#[test]
fn python_jeepney() {
    staged(async || {
        let _needed = Tool::Python.path();
        example_signs("sign_with_jeepney.py", &["ec-p384"], KeyKind::EcP384, Algorithm::EcdsaSha384).await;
    });
}

#[test]
fn an_example_tells_the_error_by_its_name() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let order = Document::order();
        for example in ["sign-with-busctl.sh", "sign-with-gdbus.sh", "sign_with_jeepney.py"] {
            fixture.pinentry().will_cancel();
            let path = Path::new(STAGE).join("examples").join(example);
            let ended = as_person(Person::Clerk, &path, &[order.path().to_str().unwrap(), "signature"]).await;
            assert_ne!(ended.code, Some(0), "{example}");
            let told = ended.stderr.contains("Cancelled") || ended.stderr.contains("closed");
            assert!(told, "{example}: {}", ended.stderr);
        }
    });
}

async fn example_signs(example: &str, more: &[&str], kind: KeyKind, algorithm: Algorithm) {
    let fixture = Fixture::builder().start().await;
    let order = Document::order();
    fixture.pinentry().will_type(fixture.key().pin());
    let path = Path::new(STAGE).join("examples").join(example);
    let arguments = [&[order.path().to_str().unwrap(), "signature"], more].concat();
    as_person(Person::Clerk, &path, &arguments).await.succeeded();
    let signature = std::fs::read(Path::new(&Person::Clerk.home()).join("signature")).unwrap();
    assert!(verify_data(fixture.key().certificate(kind), algorithm, order.path(), &signature), "{example}");
    let dialog = fixture.pinentry().dialog(1).await;
    let shown = dialog.text("setdesc");
    assert!(shown.contains("Sign "), "the purpose is not shown: {shown}");
}
