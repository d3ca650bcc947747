//! Twenty connections of one program sign at once on one Key: one dialog, and no signature is mixed up with another's.

use futures_util::future::join_all;
use ukey_dbus::{Algorithm, Error, KeyKind};
use ukey_softhsm_tests::{CallingProgram, Document, Fixture, Person, no_options, staged, verify_data};

const CALLERS: usize = 20;
const ROUNDS: usize = 5;

#[test]
fn with_one_dialog() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type(fixture.key().pin());
        let program = CallingProgram::named(Person::Clerk, "orders");
        join_all((0..CALLERS).map(|caller| sign_in_rounds(&fixture, &program, caller))).await;
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}

async fn sign_in_rounds(fixture: &Fixture, program: &CallingProgram, caller: usize) {
    let connection = program.connect().await;
    let (kind, algorithm) = [
        (KeyKind::Rsa2048, Algorithm::RsaPssSha256),
        (KeyKind::EcP256, Algorithm::EcdsaSha256),
        (KeyKind::EcP384, Algorithm::EcdsaSha384),
    ][caller % 3];
    let certificate = fixture.certificate_of(fixture.key(), kind, &connection).await;
    for round in 0..ROUNDS {
        let document = Document::with(&format!("{caller}-{round}"), format!("order {caller}/{round}").as_bytes());
        let data = std::fs::read(document.path()).unwrap();
        let signature = certificate.sign_data(algorithm.as_str(), &data, no_options()).await;
        let signature = signature.map_err(Error::from).unwrap();
        assert!(verify_data(fixture.key().certificate(kind), algorithm, document.path(), &signature));
    }
}
