//! Arguments and options that can't be right are refused by name, before a dialog is shown.

use ukey_dbus::{ErrorKind, KeyKind, KeyUse, options};
use ukey_softhsm_tests::{CertificateProfile, Fixture, KeyBuilder, Options, no_options, option, refusal, staged};
use zbus::Variant;

#[test]
fn algorithms_and_digests() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let rsa = fixture.certificate(KeyKind::Rsa2048).await;
        let p256 = fixture.certificate(KeyKind::EcP256).await;
        for unknown in ["", "RSA", "rsa-pkcs1-sha256", "RSA-PKCS1-SHA1", "ECDSA-SHA256", "SM2-SM3"] {
            let refused = rsa.sign_data(unknown, b"order", no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::AlgorithmUnsupported, "{unknown:?} on RSA");
        }
        let refused = p256.sign_data("RSA-PKCS1-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::AlgorithmUnsupported);
        for length in [0, 20, 31, 33, 48, 64, 1000] {
            let refused = rsa.sign_digest("RSA-PKCS1-SHA256", &vec![1; length], no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument, "{length} bytes");
        }
        let refused = rsa.sign_data("RSA-PKCS1-SHA256", &vec![0; options::DATA_MAX + 1], no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::InvalidArgument);
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

#[test]
fn call_options() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let bad: [(&str, Options); 8] = [
            ("unknown", option("prompts", "never")),
            ("of another type", option(options::PROMPT, 1_u32)),
            ("not a word", option(options::PROMPT, "sometimes")),
            ("too long", option(options::REASON, "字".repeat(options::REASON_MAX + 1))),
            ("too short a time", option(options::TIMEOUT_MS, options::TIMEOUT_MIN_MS - 1)),
            ("too long a time", option(options::TIMEOUT_MS, options::TIMEOUT_MAX_MS + 1)),
            ("no path element", option(options::REQUEST, "../token")),
            ("of the wrong width", option(options::TIMEOUT_MS, Variant::from(1000_i64))),
        ];
        for (what, options) in bad {
            let refused = certificate.sign_data("ECDSA-SHA256", b"order", options).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument, "{what}");
        }
        let refused = fixture.token().await.login(option("pin", "1234")).await;
        assert_eq!(refusal(refused), ErrorKind::InvalidArgument, "no PIN comes over the bus");
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

#[test]
fn certificates_that_may_not_sign() {
    staged(async || {
        let encryption = CertificateProfile { key_use: KeyUse::Encryption, ..CertificateProfile::default() };
        let key = KeyBuilder::default()
            .certificate(KeyKind::Rsa2048, CertificateProfile::default().days(-400, -35))
            .certificate(KeyKind::EcP256, CertificateProfile::default().days(2, 365))
            .certificate(KeyKind::EcP384, encryption);
        let fixture = Fixture::builder().key(key).start().await;
        for (kind, algorithm, validity, expected) in [
            (KeyKind::Rsa2048, "RSA-PKCS1-SHA256", "expired", ErrorKind::CertificateExpired),
            (KeyKind::EcP256, "ECDSA-SHA256", "not-yet-valid", ErrorKind::CertificateNotYetValid),
            (KeyKind::EcP384, "ECDSA-SHA384", "valid", ErrorKind::WrongKeyUse),
        ] {
            let certificate = fixture.certificate(kind).await;
            assert_eq!(certificate.validity().await.unwrap(), validity);
            assert_eq!(refusal(certificate.sign_data(algorithm, b"order", no_options()).await), expected);
        }
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}
