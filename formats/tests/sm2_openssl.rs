//! SM2 and SM3 agree with OpenSSL in both directions: what OpenSSL signs with the standard user identity is accepted,
//! and what the `sm2` crate signs over our `e` OpenSSL accepts.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test, its helpers too")]

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::hazmat::PrehashSigner;
use std::fs;
use std::path::Path;
use std::process::Command;
use ukey_formats::verify::{verify_digest, verify_message};
use ukey_formats::{Certificate, HashAlgorithm, PublicKey, SignatureScheme};

const MESSAGES: usize = 100;
const DISTID: &str = "distid:1234567812345678";

fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The empty message and random ones of up to 300 bytes.
fn messages() -> Vec<Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    let mut random = || vec(any::<u8>(), 1..300).new_tree(&mut runner).unwrap().current();
    std::iter::once(Vec::new()).chain((1..MESSAGES).map(|_| random())).collect()
}

/// A key of OpenSSL in `key.pem` and `public.pem`, read from its certificate.
fn key(folder: &Path) -> PublicKey {
    openssl(folder, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "key.pem"]);
    openssl(folder, &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    let subject = ["-subj", "/CN=SM2", "-sm3", "-sigopt", DISTID, "-outform", "DER", "-out", "certificate.der"];
    openssl(folder, &[&["req", "-x509", "-new", "-key", "key.pem"], subject.as_slice()].concat());
    Certificate::from_der(&fs::read(folder.join("certificate.der")).unwrap()).unwrap().public_key
}

#[test]
fn signatures_of_openssl_are_accepted_and_ours_by_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = key(folder);
    let text = String::from_utf8(openssl(folder, &["pkey", "-in", "key.pem", "-noout", "-text"])).unwrap();
    let secret: String = text.split("priv:").nth(1).unwrap().split("pub:").next().unwrap().split_whitespace().collect();
    let secret: Vec<u8> = secret.split(':').map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect();
    let secret = [vec![0; 32_usize.saturating_sub(secret.len())], secret].concat();
    let signer = SigningKey::from_slice("1234567812345678", &secret[secret.len() - 32..]).unwrap();

    for message in messages() {
        fs::write(folder.join("message"), &message).unwrap();
        let sign = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", DISTID, "-in", "message"];
        let theirs = openssl(folder, &[sign.as_slice(), &["-inkey", "key.pem"]].concat());
        verify_message(&key, SignatureScheme::Sm2, &message, &theirs).unwrap();
        assert!(verify_message(&key, SignatureScheme::Sm2, &[&message, &b"x"[..]].concat(), &theirs).is_err());

        let mut hasher = SignatureScheme::Sm2.hasher(&key).unwrap();
        hasher.update(&message);
        let e = hasher.finish();
        let ours: sm2::dsa::Signature = signer.sign_prehash(&e).unwrap();
        let ours = ukey_formats::sm2::to_der(&ours.to_bytes().into()).unwrap();
        verify_digest(&key, SignatureScheme::Sm2, &e, &ours).unwrap();
        fs::write(folder.join("signature"), &ours).unwrap();
        let verify = ["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pkeyopt", DISTID, "-in", "message"];
        openssl(folder, &[verify.as_slice(), &["-pubin", "-inkey", "public.pem", "-sigfile", "signature"]].concat());

        let digest = openssl(folder, &["dgst", "-sm3", "-binary", "message"]);
        assert_eq!(HashAlgorithm::Sm3.digest(&message), digest);
    }
}
