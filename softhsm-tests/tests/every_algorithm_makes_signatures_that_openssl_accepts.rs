//! The whole path: a program of the clerk calls, the clerk types the PIN once, OpenSSL accepts each signature.

use std::collections::HashMap;
use std::os::fd::AsFd;
use ukey_dbus::{Algorithm, Error, Hash, KeyKind};
use ukey_softhsm_tests::{DialogCommand, Document, Fixture, Tool, run, staged, verify_data, verify_digest};

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

fn digest(algorithm: Algorithm, document: &Document) -> Vec<u8> {
    let name = match algorithm.hash() {
        Hash::Sha256 => "-sha256",
        Hash::Sha384 => "-sha384",
        Hash::Sha512 => "-sha512",
        Hash::Sm3 => "-sm3",
    };
    run(Tool::Openssl, ["dgst", name, "-binary", document.path().to_str().unwrap()])
}
