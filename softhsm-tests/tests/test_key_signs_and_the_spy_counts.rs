//! The Key of the tests without the daemon: OpenSSL accepts what it signs, refuses what it did not, its certificates
//! say what they should, and the spy counts logins.

use std::fs;
use std::process::Command;
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{
    Document, Key, KeyBuilder, Spy, TestCa, TokenStore, Tool, run, staged, verify_data, verify_digest,
};

#[test]
fn signatures_verify_and_logins_are_counted() {
    staged(async || {
        let store = TokenStore::create("keys");
        let ca = TestCa::create();
        let key = KeyBuilder::default().pin("12 34%ä").create(&store, &ca);
        let spy = Spy::create();
        let order = Document::order();
        for (number, kind, mechanism, algorithm) in [
            ("01", KeyKind::Rsa2048, "SHA256-RSA-PKCS", Algorithm::RsaPkcs1Sha256),
            ("02", KeyKind::EcP256, "ECDSA", Algorithm::EcdsaSha256),
        ] {
            let digest = sha256(&order);
            let input = if kind == KeyKind::EcP256 { Document::with("digest", &digest) } else { order.clone() };
            let signature = sign(&store, &spy, &key, number, mechanism, &input);
            let certificate = key.certificate(kind);
            assert!(verify_data(certificate, algorithm, order.path(), &signature));
            assert!(verify_digest(certificate, algorithm, &digest, &signature));
            let other = Document::with("other", b"something else");
            assert!(!verify_data(certificate, algorithm, other.path(), &signature));
            assert!(!verify_digest(certificate, algorithm, &[0; 32], &signature));
        }
        assert_eq!(spy.count("C_Login"), 2);
    });
}

#[test]
fn certificates_say_holder_and_uscc() {
    staged(async || {
        let store = TokenStore::create("keys");
        let key = KeyBuilder::default().create(&store, &TestCa::create());
        assert_eq!(key.certificates().len(), 3);
        for certificate in key.certificates() {
            let file = certificate.der.to_str().unwrap();
            let text =
                run(Tool::Openssl, ["x509", "-inform", "DER", "-noout", "-text", "-nameopt", "utf8", "-in", file]);
            let text = String::from_utf8(text).unwrap();
            assert!(text.contains("CN=示范人民医院"), "{text}");
            assert!(text.contains("91350100M000100Y43"), "{text}");
            assert!(text.contains("Digital Signature, Non Repudiation"), "{text}");
        }
    });
}

fn sign(store: &TokenStore, spy: &Spy, key: &Key, id: &str, mechanism: &str, input: &Document) -> Vec<u8> {
    let output = input.path().with_extension("sig");
    let status = Command::new(Tool::Pkcs11Tool.program())
        .arg("--module")
        .arg(Spy::library())
        .args(["--token-label", key.label(), "--login", "--pin", key.pin(), "--id", id])
        .args(["--sign", "--mechanism", mechanism, "--signature-format", "openssl"])
        .args(["--input-file".as_ref(), input.path().as_os_str(), "--output-file".as_ref(), output.as_os_str()])
        .env("SOFTHSM2_CONF", store.config())
        .envs(spy.environment())
        .status()
        .unwrap();
    assert!(status.success());
    fs::read(output).unwrap()
}

fn sha256(document: &Document) -> Vec<u8> {
    run(Tool::Openssl, ["dgst", "-sha256", "-binary", document.path().to_str().unwrap()])
}
