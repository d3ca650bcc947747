//! Messages that OpenSSL made.

use crate::bench::{Bench, CONTENT, Form, Kind, sign, verify};
use std::fs;
use std::path::Path;
use std::process::Command;
use ukey_formats::HashAlgorithm::{Sha256, Sha384};
use ukey_formats::SignatureScheme::Ecdsa;
use ukey_formats::cms::{
    CertificateReference, ContentTypeCheck, DigestCheck, KeyUseCheck, Message, SignatureCheck, SignerIdentifier,
    SigningTime,
};

#[test]
fn every_way_in_which_openssl_signs_is_verified() {
    let bench = Bench::new();
    for (name, kind) in [("rsa", Kind::Rsa2048), ("p256", Kind::P256), ("p384", Kind::P384)] {
        bench.unit(name, kind);
    }
    let p256 = "-signer p256.pem -inkey p256.key";
    let all = "-signer rsa.pem -inkey rsa.key -signer p256.pem -inkey p256.key -signer p384.pem -inkey p384.key";
    for options in [
        "-signer rsa.pem -inkey rsa.key",
        "-signer rsa.pem -inkey rsa.key -noattr",
        "-signer rsa.pem -inkey rsa.key -md sha384",
        "-signer rsa.pem -inkey rsa.key -md sha512 -noattr",
        "-signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
        "-signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1 -noattr -md sha384",
        p256,
        "-signer p256.pem -inkey p256.key -md sha384",
        "-signer p256.pem -inkey p256.key -noattr",
        "-signer p256.pem -inkey p256.key -keyid",
        "-signer p256.pem -inkey p256.key -cades",
        "-signer p256.pem -inkey p256.key -nosmimecap -certfile ca.pem",
        "-signer p384.pem -inkey p384.key -md sha384",
        all,
        "-signer p384.pem -inkey p384.key -signer rsa.pem -inkey rsa.key -noattr",
        "-signer p256.pem -inkey p256.key -signer rsa.pem -inkey rsa.key -keyid",
    ] {
        // OpenSSL 3.0 can't stream with PSS: it writes no parameters and fails.
        let ways = ["", "-nodetach", "-stream", "-nodetach -stream"];
        for how in &ways[..if options.contains("pss") { 2 } else { 4 }] {
            bench.openssl(&format!("cms -sign -binary -in content -outform DER -out message {options} {how}"));
            let signers = options.matches("-signer").count();
            verify(&bench.read("message"), CONTENT, &[], |message, found| {
                assert!(found.is_valid(), "{options} {how}: {found:#?}");
                assert_eq!(found.signers.len(), signers, "{options} {how}");
                assert_eq!(message.content(), (!how.is_empty()).then_some(CONTENT), "{options} {how}");
            });
            verify(&bench.read("message"), b"another content", &[], |_, found| {
                assert!(found.signers.iter().all(|signer| !signer.is_valid()), "{options} {how}");
            });
        }
    }
}

#[test]
fn messages_made_elsewhere_are_verified() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/messages");
    let messages = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let messages =
        messages.filter(|file| file.extension().is_some_and(|extension| extension.to_str().unwrap().starts_with("p7")));
    let count = messages.map(|file| {
        verify(&fs::read(&file).unwrap(), b"Order 1: 120 boxes\n", &[], |message, found| {
            assert!(found.is_valid(), "{file:?}: {found:#?}");
            assert_eq!(message.content().is_some(), file.extension().unwrap() == "p7m");
        });
    });
    assert_eq!(count.count(), 6);
}

#[test]
fn streamed_messages_are_ber_with_pieces() {
    let bench = Bench::new();
    bench.unit("unit", Kind::P256);
    let content = b"0123456789abcdef".repeat(40_000);
    bench.write("large", &content);
    bench.openssl(
        "cms -sign -binary -stream -nodetach -in large -outform DER -out message -signer unit.pem -inkey unit.key",
    );
    let message = bench.read("message");
    // Otherwise this would not test what it says.
    assert_eq!(message[..2], [0x30, 0x80]);
    verify(&message, &content, &[], |read, found| {
        assert!(found.is_valid(), "{found:?}");
        assert_eq!(read.content(), Some(content.as_slice()));
    });
}

#[test]
fn nss_writes_messages_that_are_verified() {
    let bench = Bench::new();
    // NSS signs only for holders with an address, and wants to be answered in cipher.
    let key_usage = "digitalSignature,keyEncipherment\nsubjectAltName=email:unit@example.org";
    bench.unit_for("unit", Kind::Rsa2048, key_usage);
    bench.run(Command::new("certutil").args(["-N", "-d", "sql:.", "--empty-password"]));
    bench.run(Command::new("certutil").args(["-A", "-d", "sql:.", "-n", "ca", "-t", "CT,C,C", "-i", "ca.pem"]));
    bench.openssl("pkcs12 -export -in unit.pem -inkey unit.key -name unit -passout pass: -out unit.p12");
    bench.run(Command::new("pk12util").args(["-i", "unit.p12", "-d", "sql:.", "-W", ""]));
    for detached in [&[][..], &["-T"]] {
        let mut command = Command::new("cmsutil");
        command.args(["-S", "-d", "sql:.", "-N", "unit", "-H", "SHA256", "-G", "-i", "content", "-o", "message"]);
        bench.run(command.args(detached));
        verify(&bench.read("message"), CONTENT, &[], |_, found| assert!(found.is_valid(), "{found:#?}"));
    }
}

#[test]
fn what_is_said_about_a_signer_is_true() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let sign = |options: &str| {
        bench.openssl(&format!(
            "cms -sign -binary -in content -outform DER -out message -signer unit.pem -inkey unit.key {options}"
        ));
        bench.read("message")
    };
    verify(&sign("-noattr"), CONTENT, &[], |_, found| {
        let signer = &found.signers[0];
        assert_eq!(signer.signing_time, SigningTime::Absent);
        assert_eq!(signer.digest, DigestCheck::InSignature);
        assert_eq!(signer.content_type, ContentTypeCheck::NotNeeded);
        assert_eq!(signer.certificate_reference, CertificateReference::Absent);
    });
    verify(&sign("-md sha384 -cades"), CONTENT, &[], |_, found| {
        let signer = &found.signers[0];
        assert!(matches!(signer.signing_time, SigningTime::At(_)));
        assert_eq!(signer.digest_algorithm, Some(Sha384));
        assert_eq!(signer.digest, DigestCheck::Matches);
        assert_eq!(signer.certificate_reference, CertificateReference::Matches);
        assert_eq!(signer.certificate, Some(&unit.certificate));
    });
    verify(&sign("-keyid"), CONTENT, &[], |_, found| {
        assert!(matches!(found.signers[0].identifier, SignerIdentifier::KeyIdentifier(id) if id.len() == 20));
    });
    // Without its certificate a signer is found only among those that are given.
    let bare = sign("-nocerts");
    verify(&bare, CONTENT, &[bench.ca()], |_, found| {
        let signer = &found.signers[0];
        assert!(!found.is_valid());
        assert_eq!((signer.signature, signer.certificate), (SignatureCheck::NoCertificate, None));
        assert_eq!((signer.key_use, signer.digest), (KeyUseCheck::NoCertificate, DigestCheck::Matches));
    });
    verify(&bare, CONTENT, &[bench.ca(), unit.certificate.clone()], |_, found| assert!(found.is_valid()));
    // A type of content that is none of data needs signed attributes, and OpenSSL writes them.
    verify(&sign("-econtent_type 1.2.3.4"), CONTENT, &[], |message, found| {
        assert!(found.is_valid(), "{found:?}");
        assert_eq!(message.content_type().unwrap().to_string(), "1.2.3.4");
    });
}

#[test]
fn without_the_content_nothing_is_valid() {
    let bench = Bench::new();
    bench.unit("unit", Kind::P256);
    for (options, digest, signature) in [
        ("", DigestCheck::NoContent, SignatureCheck::Valid),
        ("-noattr", DigestCheck::InSignature, SignatureCheck::NoContent),
    ] {
        bench.openssl(&format!(
            "cms -sign -binary -in content -outform DER -out message -signer unit.pem -inkey unit.key {options}"
        ));
        let message = Message::from_ber(&bench.read("message")).unwrap();
        let found = message.verify(&[], |_| None);
        assert!(!found.is_valid());
        assert_eq!((found.signers[0].digest, found.signers[0].signature), (digest, signature));
    }
}

#[test]
fn algorithms_that_are_not_trusted_are_named() {
    let bench = Bench::new();
    bench.unit("unit", Kind::Rsa2048);
    bench.openssl("cms -sign -binary -in content -outform DER -out message -signer unit.pem -inkey unit.key -md sha1");
    verify(&bench.read("message"), CONTENT, &[], |_, found| {
        let signer = &found.signers[0];
        assert_eq!((signer.digest, signer.signature), (DigestCheck::Unsupported, SignatureCheck::Unsupported));
        assert!(!found.is_valid());
    });
    // The salt that OpenSSL takes by itself is as long as the key allows.
    bench.openssl("cms -sign -binary -in content -outform DER -out message -signer unit.pem -inkey unit.key -keyopt rsa_padding_mode:pss");
    verify(&bench.read("message"), CONTENT, &[], |_, found| {
        assert_eq!(found.signers[0].signature, SignatureCheck::Unsupported);
    });
}

#[test]
fn a_certificate_for_encryption_does_not_sign() {
    let bench = Bench::new();
    let unit = bench.unit_for("unit", Kind::P256, "keyAgreement");
    let message = sign(&unit, Form::cms(Ecdsa(Sha256)), CONTENT, &[]);
    verify(&message, CONTENT, &[], |_, found| {
        assert_eq!(found.signers[0].signature, SignatureCheck::Valid);
        assert_eq!(found.signers[0].key_use, KeyUseCheck::NotAllowed);
        assert!(!found.is_valid());
    });
}

#[test]
fn revocation_lists_are_handed_on() {
    let bench = Bench::new();
    bench.unit("unit", Kind::P256);
    bench.write("index.txt", b"");
    bench.write("ca.cnf", b"[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n");
    bench.openssl("ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out crl.pem");
    bench.openssl("crl -in crl.pem -outform DER -out crl.der");
    bench.openssl("crl2pkcs7 -in crl.pem -certfile unit.pem -outform DER -out message");
    let message = Message::from_ber(&bench.read("message")).unwrap();
    assert_eq!(message.revocation_lists().collect::<Vec<_>>(), [bench.read("crl.der")]);
    // Certificates and lists without a signer: nobody has signed.
    assert_eq!((message.certificates().len(), message.signers().count()), (1, 0));
    assert!(!message.verify_content(&[], b"").is_valid());
}
