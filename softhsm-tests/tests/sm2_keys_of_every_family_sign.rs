//! SM2 keys in the form of each family of vendors, by the profiles that are shipped: their signatures are strict DER and
//! right for OpenSSL, RustCrypto and gmssl, whatever the module gives. What is no SM2 signature never leaves, and a Key
//! that no profile fits says so. Not proven: that the numbers are those of the vendors' hardware.

use futures_util::future::join_all;
use std::collections::HashMap;
use std::os::fd::AsFd;
use ukey_dbus::{Algorithm, Error, ErrorKind, KeyKind};
use ukey_softhsm_tests::{
    CertificateProfile, Document, Fixture, FixtureBuilder, Key, KeyBuilder, KeyStore, Lab, Signed, Sm2Family,
    Sm2Output, Sm2Pair, TokenStore, accepted_by_gmssl, accepted_by_openssl, accepted_by_rustcrypto, gmssl_accepts_e,
    message_count, no_options, random_messages, refusal, rustcrypto_accepts, sign_many, sm2_e, staged, verify_data,
    verify_digest,
};

const SM2: &str = "SM2-SM3";

const USB_KEY: &str = include_str!("../../packaging/modules.d/sm2-usb-key.toml");
const WESTONE: &str = include_str!("../../packaging/modules.d/sm2-westone.toml");
const THIRTIETH: &str = include_str!("../../packaging/modules.d/sm2-30th.toml");
const MK1: &str = include_str!("../../packaging/modules.d/sm2-mk1.toml");

/// A Key: model, shipped profile, the form that the profile names, how the Key is and what it gives.
struct Case(&'static str, &'static str, &'static str, Sm2Family, Sm2Output);

const CASES: [Case; 8] = [
    Case("usb-any", USB_KEY, "auto", Sm2Family::UsbKey, Sm2Output::Der),
    Case("usb-raw", USB_KEY, "raw", Sm2Family::UsbKey, Sm2Output::Raw),
    Case("usb-der", USB_KEY, "der", Sm2Family::UsbKey, Sm2Output::Der),
    Case("usb-negative", USB_KEY, "der", Sm2Family::UsbKey, Sm2Output::NegativeDer),
    Case("usb-blob", USB_KEY, "blob", Sm2Family::UsbKey, Sm2Output::Blob),
    Case("westone", WESTONE, "auto", Sm2Family::Westone, Sm2Output::Raw),
    Case("thirtieth", THIRTIETH, "auto", Sm2Family::Thirtieth, Sm2Output::Blob),
    Case("mk1", MK1, "auto", Sm2Family::Mk1, Sm2Output::NegativeDer),
];

impl Case {
    /// The shipped numbers, for this model.
    fn profile(&self) -> String {
        let (_, numbers) = self.1.split_once("[sm2]").unwrap();
        let numbers = numbers.replace("signature = \"auto\"", &format!("signature = \"{}\"", self.2));
        format!("[match]\nmodel = \"{}\"\n[sm2]{numbers}", self.0)
    }

    fn key(&self) -> KeyBuilder {
        KeyBuilder::default().label(self.0).certificate(KeyKind::Sm2, CertificateProfile::default())
    }
}

/// A Key for each case, all of one module.
fn every_family() -> FixtureBuilder {
    let builder = Fixture::builder().module("sessions = 2").lab(|lab, keys| {
        for (Case(model, _, _, family, output), key) in CASES.iter().zip(keys) {
            lab.show_model(key, model);
            lab.sm2(key, *family, *output);
        }
    });
    CASES.iter().fold(builder, |builder, case| builder.key(case.key()).profile(case.0, &case.profile()))
}

/// One Key of this family that gives this.
fn one_key(case: &Case, prepare: fn(&Lab, &[Key])) -> FixtureBuilder {
    Fixture::builder().lab(prepare).key(case.key()).profile(case.0, &case.profile())
}

#[test]
fn random_messages_verify_everywhere() {
    staged(async || {
        let fixture = every_family().start().await;
        let count = message_count(100);
        let signed = join_all(CASES.iter().zip(&fixture.keys).map(async |(case, key)| {
            fixture.log_in_to(key).await;
            let certificate = fixture.certificate_of(key, KeyKind::Sm2, &fixture.clerk).await;
            assert_eq!(certificate.algorithms().await.unwrap(), [SM2], "{}", case.0);
            sign_many(&certificate, Algorithm::Sm2Sm3, random_messages(count)).await
        }))
        .await;
        std::thread::scope(|scope| {
            for ((case, key), signed) in CASES.iter().zip(&fixture.keys).zip(&signed) {
                scope.spawn(move || {
                    let certificate = key.certificate(KeyKind::Sm2);
                    assert_eq!(accepted_by_openssl(certificate, Algorithm::Sm2Sm3, signed), count, "{}", case.0);
                    assert_eq!(accepted_by_rustcrypto(certificate, signed), count, "{}", case.0);
                    // Slow: all of them only when asked for as many.
                    let some: Vec<Signed> = signed.iter().take(message_count(10)).cloned().collect();
                    assert_eq!(accepted_by_gmssl(certificate, &some), some.len(), "{}", case.0);
                    let tampered: Vec<Signed> = signed.iter().take(5).map(Signed::tampered).collect();
                    assert_eq!(accepted_by_openssl(certificate, Algorithm::Sm2Sm3, &tampered), 0);
                    assert_eq!(accepted_by_rustcrypto(certificate, &tampered), 0);
                    assert_eq!(accepted_by_gmssl(certificate, &tampered), 0);
                });
            }
        });
    });
}

#[test]
fn a_large_file_and_a_digest_too() {
    const SIZE: usize = 100 << 20;
    staged(async || {
        let fixture = one_key(&CASES[4], |lab, keys| {
            lab.show_model(&keys[0], CASES[4].0);
            lab.sm2(&keys[0], CASES[4].3, CASES[4].4);
        });
        let fixture = fixture.start().await;
        fixture.log_in().await;
        let (certificate, known) = (fixture.certificate(KeyKind::Sm2).await, fixture.key().certificate(KeyKind::Sm2));
        let content: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
        let document = Document::with("large", &content);
        let signature = certificate.sign_file(SM2, document.open().as_fd().into(), no_options()).await;
        let signature = signature.map_err(Error::from).unwrap();
        assert!(verify_data(known, Algorithm::Sm2Sm3, document.path(), &signature));
        let e = sm2_e(known, &content);
        assert!(gmssl_accepts_e(known, &e, &signature));
        assert!(rustcrypto_accepts(known, &content, &signature));

        let signature = certificate.sign_digest(SM2, &e, no_options()).await.map_err(Error::from).unwrap();
        assert!(verify_digest(known, Algorithm::Sm2Sm3, &e, &signature));
        assert!(verify_data(known, Algorithm::Sm2Sm3, document.path(), &signature));
        assert_eq!(refusal(certificate.sign_digest(SM2, &e[1..], no_options()).await), ErrorKind::InvalidArgument);
        let der = std::fs::read(&known.der).unwrap();
        let manager = ukey_dbus::ManagerProxy::new(&fixture.clerk).await.unwrap();
        for (file, valid) in [(&document, true), (&Document::order(), false)] {
            let verdict = manager.verify_signature(&der, SM2, file.open().as_fd().into(), &signature).await.unwrap();
            assert_eq!(bool::try_from(&verdict["valid"]).unwrap(), valid);
        }
    });
}

/// RSA, P-256 and SM2 under one `CKA_ID`; beside them an SM2 encryption pair, and more SM2 signature pairs, which only their
/// public keys tell from the certificate's.
#[test]
fn the_certificates_own_key_is_found_among_others_of_its_id() {
    const CASE: &Case = &CASES[6];
    const KINDS: [KeyKind; 3] = [KeyKind::EcP256, KeyKind::Sm2, KeyKind::Rsa2048];
    staged(async || {
        let key = KINDS
            .into_iter()
            .fold(KeyBuilder::default().one_id(), |key, kind| key.certificate(kind, CertificateProfile::default()));
        let prepare = |lab: &Lab, keys: &[Key]| {
            let (key, store) = (&keys[0], TokenStore::create("softhsm2"));
            for (number, usage) in ["decrypt", "sign", "sign", "sign"].into_iter().enumerate() {
                let label = format!("other-{number}");
                let secret = sm2::SecretKey::from_slice(&[number as u8 + 1; 32]).unwrap();
                let pair = Sm2Pair { usage, id: "01", label: &label, key: &secret };
                store.import_sm2(key.label(), key.pin(), pair);
            }
            store.give_to_service();
            lab.show_model(key, CASE.0);
            lab.sm2(key, CASE.3, CASE.4);
        };
        let fixture = Fixture::builder().lab(prepare).key(key).profile(CASE.0, &CASE.profile()).start().await;
        fixture.log_in().await;
        let order = Document::order();
        for kind in KINDS {
            let certificate = fixture.certificate(kind).await;
            let algorithm = kind.algorithms()[0];
            let signature = certificate.sign_file(algorithm.as_str(), order.open().as_fd().into(), no_options()).await;
            let signature = signature.map_err(Error::from).unwrap();
            assert!(verify_data(fixture.key().certificate(kind), algorithm, order.path(), &signature), "{kind}");
        }
    });
}

#[test]
fn ecdsa_on_the_sm2_curve_never_leaves() {
    staged(async || {
        let fixture = one_key(&CASES[1], |lab, keys| {
            lab.show_model(&keys[0], CASES[1].0);
            lab.sm2(&keys[0], CASES[1].3, Sm2Output::Ecdsa);
        });
        let fixture = fixture.start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::Sm2).await;
        let signed = certificate.sign_data(SM2, b"order", no_options()).await;
        assert_eq!(refusal(signed), ErrorKind::SignatureInvalid);
        assert_eq!(fixture.daemon.records().matches("SignatureInvalid").count(), 1);
    });
}

#[test]
fn a_key_that_no_profile_fits_says_so_before_anybody_is_asked() {
    staged(async || {
        let fixture = one_key(&CASES[1], |lab, keys| {
            lab.show_model(&keys[0], "unheard-of");
            lab.sm2(&keys[0], CASES[1].3, CASES[1].4);
        });
        let fixture = fixture.start().await;
        let certificate = fixture.certificate(KeyKind::Sm2).await;
        assert_eq!(certificate.key_type().await.unwrap(), "sm2");
        assert_eq!(certificate.algorithms().await.unwrap(), Vec::<String>::new());
        let error = Error::from(certificate.sign_data(SM2, b"order", HashMap::new()).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::AlgorithmUnsupported);
        for part in ["libukey_lab_module.so", "SoftHSM project", "unheard-of", "modules.d"] {
            assert!(error.to_string().contains(part), "{error}");
        }
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}
