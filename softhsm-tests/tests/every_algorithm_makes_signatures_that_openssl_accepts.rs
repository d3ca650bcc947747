//! The whole path: a program of the clerk calls, the clerk types the PIN once, OpenSSL accepts each signature, and so does
//! a second library: RustCrypto for elliptic curves, the plain arithmetic of RFC 8017 for RSA.

use std::collections::HashMap;
use std::os::fd::AsFd;
use ukey_dbus::{Algorithm, Error, Hash, KeyKind};
use ukey_softhsm_tests::{
    DialogCommand, Document, Fixture, KeyBuilder, Signed, Tool, accepted_by_openssl, accepted_by_rfc_8017,
    accepted_by_rustcrypto, message_count, random_messages, rfc_8017_accepts_file, run, rustcrypto_accepts, sign_many,
    staged, verify_data, verify_digest,
};

const KINDS: [KeyKind; 3] = [KeyKind::Rsa2048, KeyKind::EcP256, KeyKind::EcP384];

#[test]
fn by_file_by_data_and_by_digest_with_one_pin_entry() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let order = Document::order();
        let data = std::fs::read(order.path()).unwrap();
        fixture.pinentry().will_type(fixture.key().pin());
        for kind in KINDS {
            let certificate = fixture.certificate(kind).await;
            let known = fixture.key().certificate(kind);
            let offered = certificate.algorithms().await.unwrap();
            assert_eq!(offered, kind.algorithms().iter().map(ToString::to_string).collect::<Vec<_>>());
            for algorithm in kind.algorithms().iter().copied() {
                let name = algorithm.as_str();
                let file = certificate.sign_file(name, order.open().as_fd().into(), HashMap::new()).await;
                let file = file.map_err(Error::from).unwrap();
                assert!(verify_data(known, algorithm, order.path(), &file), "SignFile {kind} {name}");
                let message = certificate.sign_data(name, &data, HashMap::new()).await.map_err(Error::from).unwrap();
                assert!(verify_data(known, algorithm, order.path(), &message), "SignData {kind} {name}");
                let digest = digest(algorithm, &order);
                let signed = certificate.sign_digest(name, &digest, HashMap::new()).await.map_err(Error::from).unwrap();
                assert!(verify_digest(known, algorithm, &digest, &signed), "SignDigest {kind} {name}");
            }
        }
        let dialogs = fixture.pinentry().dialogs();
        assert_eq!(dialogs.len(), 1, "{dialogs:?}");
        assert_eq!(dialogs[0].command(), DialogCommand::GetPin);
    });
}

#[test]
fn empty_and_large_data_too() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let known = fixture.key().certificate(KeyKind::EcP256);
        let algorithm = Algorithm::EcdsaSha256;
        for size in [0, 1, ukey_dbus::options::DATA_MAX] {
            let document = Document::with("data", &vec![7; size]);
            let data = std::fs::read(document.path()).unwrap();
            let signature = certificate.sign_data(algorithm.as_str(), &data, HashMap::new()).await;
            let signature = signature.map_err(Error::from).unwrap();
            assert!(verify_data(known, algorithm, document.path(), &signature), "{size} bytes");
            let signature =
                certificate.sign_file(algorithm.as_str(), document.open().as_fd().into(), HashMap::new()).await;
            assert!(verify_data(known, algorithm, document.path(), &signature.unwrap()), "file of {size} bytes");
        }
    });
}

#[test]
fn random_messages_verify_in_two_libraries() {
    const CASES: [(KeyKind, Algorithm); 6] = [
        (KeyKind::Rsa2048, Algorithm::RsaPkcs1Sha256),
        (KeyKind::Rsa2048, Algorithm::RsaPssSha256),
        (KeyKind::Rsa3072, Algorithm::RsaPkcs1Sha512),
        (KeyKind::Rsa3072, Algorithm::RsaPssSha384),
        (KeyKind::EcP256, Algorithm::EcdsaSha256),
        (KeyKind::EcP384, Algorithm::EcdsaSha384),
    ];
    staged(async || {
        let kinds = [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::EcP256, KeyKind::EcP384];
        let key = kinds.into_iter().fold(KeyBuilder::default(), |key, kind| key.certificate(kind, Default::default()));
        let fixture = Fixture::builder().key(key).module("sessions = 2").start().await;
        fixture.log_in().await;
        let count = message_count(100);
        for (kind, algorithm) in CASES {
            let certificate = fixture.certificate(kind).await;
            let signed = sign_many(&certificate, algorithm, random_messages(count)).await;
            let known = fixture.key().certificate(kind);
            let second = |signed: &[Signed]| match kind {
                KeyKind::EcP256 | KeyKind::EcP384 => accepted_by_rustcrypto(known, signed),
                _ => accepted_by_rfc_8017(known, algorithm, signed),
            };
            assert_eq!(accepted_by_openssl(known, algorithm, &signed), count, "{kind} {algorithm}");
            assert_eq!(second(&signed), count, "{kind} {algorithm}");
            let tampered: Vec<Signed> = signed.iter().take(5).map(Signed::tampered).collect();
            assert_eq!(accepted_by_openssl(known, algorithm, &tampered), 0, "{kind} {algorithm}");
            assert_eq!(second(&tampered), 0, "{kind} {algorithm}");
        }
    });
}

#[test]
fn a_file_of_100_mebibytes_verifies_in_two_libraries() {
    const SIZE: usize = 100 << 20;
    staged(async || {
        let kinds = [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::EcP256, KeyKind::EcP384];
        let key = kinds.into_iter().fold(KeyBuilder::default(), |key, kind| key.certificate(kind, Default::default()));
        let fixture = Fixture::builder().key(key).start().await;
        fixture.log_in().await;
        let content: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
        let document = Document::with("large", &content);
        for kind in kinds {
            let (certificate, known) = (fixture.certificate(kind).await, fixture.key().certificate(kind));
            let algorithm = kind.algorithms()[0];
            let file = document.open();
            let signature = certificate.sign_file(algorithm.as_str(), file.as_fd().into(), HashMap::new());
            let signature = signature.await.map_err(Error::from).unwrap();
            assert!(verify_data(known, algorithm, document.path(), &signature), "{kind}");
            let second = match kind {
                KeyKind::EcP256 | KeyKind::EcP384 => rustcrypto_accepts(known, &content, &signature),
                _ => rfc_8017_accepts_file(known, algorithm, document.path(), &signature),
            };
            assert!(second, "{kind}");
        }
    });
}

fn digest(algorithm: Algorithm, document: &Document) -> Vec<u8> {
    let name = match algorithm.hash() {
        Hash::Sha256 => "-sha256",
        Hash::Sha384 => "-sha384",
        Hash::Sha512 => "-sha512",
        Hash::Sm3 => "-sm3",
    };
    run(Tool::Openssl, ["dgst", name, "-binary", document.path().to_str().unwrap()])
}
