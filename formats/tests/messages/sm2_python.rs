//! SM2 messages, checked and made by `softhsm-tests/python/sm2_cms.py`. OpenSSL has no SM2 messages.

use crate::bench::{Bench, CONTENT, Form, Kind, SIGNED_AT, Unit, sign, verify};
use std::process::Command;
use ukey_formats::HashAlgorithm::Sm3;
use ukey_formats::SignatureScheme::Sm2;
use ukey_formats::cms::{
    CertificateReference, DigestCheck, Encoding, Message, SignatureCheck, SignedAttributes, SigningTime,
};

const ENCODINGS: [(Encoding, &str); 2] = [(Encoding::Cms, "cms"), (Encoding::Gmt0010, "gmt0010")];

fn python(verb: &str, encoding: &str) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../softhsm-tests/python/sm2_cms.py"));
    command.args([verb, "--encoding", encoding, "--certificate", "unit.der"]);
    command
}

fn sm2(encoding: Encoding) -> Form {
    Form { encoding, ..Form::cms(Sm2) }
}

#[test]
fn ours_pass_the_check() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::Sm2);
    let time = SIGNED_AT.to_string();
    for (encoding, word) in ENCODINGS {
        bench.write("attached", &sign(&unit, sm2(encoding), CONTENT, &[bench.ca()]));
        bench.write("detached", &sign(&unit, sm2(encoding).detached(), CONTENT, &[]));
        assert_eq!(bench.run(python("check", word).args(["--signing-time", &time, "attached"])), CONTENT);
        bench.run(python("check", word).args(["--signing-time", &time, "--content", "content", "detached"]));
        // The check is one: it fails on another content and on another encoding.
        bench.write("other", b"another content");
        let failures = [
            python("check", word)
                .args(["--signing-time", &time, "--content", "other", "detached"])
                .current_dir(bench.path())
                .output(),
            python("check", ENCODINGS.iter().find(|other| other.1 != word).unwrap().1)
                .args(["--signing-time", &time, "attached"])
                .current_dir(bench.path())
                .output(),
        ];
        for (failure, reason) in failures.map(Result::unwrap).iter().zip(["message digest", "content type"]) {
            let said = String::from_utf8_lossy(&failure.stderr);
            assert!(!failure.status.success() && said.starts_with(reason), "{said}");
        }
    }
}

#[test]
fn the_check_sees_a_wrong_signature() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::Sm2);
    let mut message = sign(&unit, sm2(Encoding::Cms), CONTENT, &[]);
    *message.last_mut().unwrap() ^= 1;
    bench.write("message", &message);
    let output = bench.output(python("check", "cms").args(["--signing-time", &SIGNED_AT.to_string(), "message"]));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("the signature fits"), "{output:?}");
}

#[test]
fn theirs_are_verified() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::Sm2);
    for (encoding, word) in ENCODINGS {
        for options in [
            &[][..],
            &["--detached"],
            &["--no-attributes"],
            &["--no-attributes", "--detached"],
            &["--signature", "raw"],
            // GM/T 0006: the signature algorithm of SM2, and the key's.
            &["--signature-algorithm", "1.2.156.10197.1.301.1"],
            &["--signature-algorithm", "1.2.840.10045.2.1", "--detached"],
        ] {
            let time = SIGNED_AT.to_string();
            let mut command = python("make", word);
            command.args(["--key", "unit.key", "--content", "content", "--signing-time", &time]);
            bench.run(command.args(options).arg("message"));
            verify(&bench.read("message"), CONTENT, &[], |message, found| {
                assert!(found.is_valid(), "{word} {options:?}: {found:#?}");
                let signer = &found.signers[0];
                assert_eq!(signer.certificate, Some(&unit.certificate));
                assert_eq!(message.encoding(), encoding);
                assert_eq!(message.content().is_none(), options.contains(&"--detached"));
                if options.contains(&"--no-attributes") {
                    assert_eq!((signer.digest, signer.signing_time), (DigestCheck::InSignature, SigningTime::Absent));
                } else {
                    assert_eq!(signer.signing_time, SigningTime::At(*SIGNED_AT));
                    assert_eq!(signer.certificate_reference, CertificateReference::Matches);
                }
            });
            verify(&bench.read("message"), b"another content", &[], |_, found| {
                assert!(!found.is_valid(), "{word} {options:?}");
            });
        }
    }
}

#[test]
fn without_attributes_the_digest_begins_with_the_key() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::Sm2);
    let make = |options: &[&str]| {
        let mut command = python("make", "cms");
        bench.run(command.args(["--key", "unit.key", "--content", "content"]).args(options).arg("message"));
        Message::from_ber(&bench.read("message")).unwrap()
    };
    let [with, without] = [&[][..], &["--no-attributes"]].map(make).map(|message| message.needed_digests(&[]));
    assert_eq!(with.iter().map(|digest| (digest.hash, digest.prefix)).collect::<Vec<_>>(), [(Sm3, None)]);
    assert_eq!(without.len(), 1);
    assert!(without[0].prefix.is_some());
    assert_ne!(with[0].of(CONTENT), without[0].of(CONTENT));
    let (key, sm2) = (&unit.certificate.public_key, Sm2.hasher(&unit.certificate.public_key));
    let mut hasher = sm2.unwrap_or_else(|error| panic!("{key:?}: {error}"));
    hasher.update(CONTENT);
    assert_eq!(without[0].of(CONTENT), hasher.finish());
}

#[test]
fn a_signature_by_plain_ecdsa_on_the_curve_is_none() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::Sm2);
    let plain = |unit: &Unit<'_>| {
        let attributes =
            SignedAttributes::new(Encoding::Cms, Sm3, &Sm3.digest(CONTENT), None, &unit.certificate).unwrap();
        // What a module does that knows the curve but not the algorithm.
        bench.write("digest", &Sm3.digest(attributes.as_der()));
        (bench.openssl("pkeyutl -sign -in digest -inkey unit.key"), attributes)
    };
    let (signature, attributes) = plain(&unit);
    let message = crate::bench::assemble(sm2(Encoding::Cms), CONTENT, &attributes, &signature, &[]);
    verify(&message, CONTENT, &[], |_, found| assert_eq!(found.signers[0].signature, SignatureCheck::Invalid));
}
