//! Messages of ours in OpenSSL and NSS.

use crate::bench::{Bench, CONTENT, Form, Kind, SIGNED_AT, sign, verify};
use std::process::Command;
use ukey_formats::HashAlgorithm::{Sha256, Sha384, Sha512};
use ukey_formats::SignatureScheme::{Ecdsa, RsaPkcs1, RsaPss};
use ukey_formats::cms::{
    CertificateReference, Content, Encoding, Message, SignedAttributes, SignedMessage, SigningTime,
};

#[test]
fn openssl_verifies_every_algorithm_attached_and_detached() {
    let bench = Bench::new();
    let schemes = [
        (Kind::Rsa2048, &[RsaPkcs1(Sha256), RsaPkcs1(Sha384), RsaPkcs1(Sha512), RsaPss(Sha256), RsaPss(Sha384)][..]),
        (Kind::P256, &[Ecdsa(Sha256), Ecdsa(Sha384)]),
        (Kind::P384, &[Ecdsa(Sha384), Ecdsa(Sha256)]),
    ];
    for (kind, schemes) in schemes {
        let unit = bench.unit("unit", kind);
        for scheme in schemes {
            let form = Form::cms(*scheme);
            bench.write("attached", &sign(&unit, form, CONTENT, &[bench.ca()]));
            bench.write("detached", &sign(&unit, form.detached(), CONTENT, &[]));
            let verify = "cms -verify -binary -inform DER -CAfile ca.pem";
            for options in ["-in attached", "-in detached -content content"] {
                assert_eq!(bench.openssl(&format!("{verify} {options}")), CONTENT, "{scheme:?}");
                // Checks the signing-certificate attribute too.
                assert_eq!(bench.openssl(&format!("{verify} -cades {options}")), CONTENT, "{scheme:?}");
            }
            bench.write("other", b"another content");
            let changed = bench
                .output(Command::new("openssl").args(verify.split(' ')).args(["-in", "detached", "-content", "other"]));
            assert!(!changed.status.success());
        }
    }
}

#[test]
fn openssl_reads_the_same_der_back() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let ours = sign(&unit, Form::cms(Ecdsa(Sha256)), CONTENT, &[bench.ca()]);
    bench.write("ours", &ours);
    bench.openssl("cms -cmsout -inform DER -in ours -outform DER -out again");
    assert_eq!(bench.read("again"), ours);
    let printed = String::from_utf8_lossy(&bench.openssl("cms -cmsout -print -inform DER -in ours")).into_owned();
    let signed_at = bench.run(Command::new("date").env("LC_ALL", "C").args([
        "-u",
        "+%b %e %T %Y",
        "-d",
        &format!("@{}", *SIGNED_AT),
    ]));
    let signed_at = String::from_utf8(signed_at).unwrap();
    for expected in
        ["contentType", "messageDigest", "signingTime", "id-smime-aa-signingCertificateV2", signed_at.trim_end()]
    {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }
}

#[test]
fn nss_verifies_ours_attached_and_detached() {
    let bench = Bench::new();
    bench.run(Command::new("certutil").args(["-N", "-d", "sql:.", "--empty-password"]));
    bench.run(Command::new("certutil").args(["-A", "-d", "sql:.", "-n", "ca", "-t", "CT,C,C", "-i", "ca.pem"]));
    for (kind, scheme) in [(Kind::Rsa2048, RsaPkcs1(Sha256)), (Kind::P256, Ecdsa(Sha256))] {
        let unit = bench.unit("unit", kind);
        bench.write("attached", &sign(&unit, Form::cms(scheme), CONTENT, &[bench.ca()]));
        bench.write("detached", &sign(&unit, Form::cms(scheme).detached(), CONTENT, &[]));
        let decode = |files: &[&str]| {
            let mut command = Command::new("cmsutil");
            bench.output(command.args(["-D", "-d", "sql:.", "-i"]).args(files))
        };
        let attached = decode(&["attached"]);
        assert!(attached.status.success(), "{kind:?}: {}", String::from_utf8_lossy(&attached.stderr));
        assert_eq!(attached.stdout, CONTENT);
        let detached = decode(&["detached", "-c", "content"]);
        assert!(detached.status.success(), "{kind:?}: {}", String::from_utf8_lossy(&detached.stderr));
        bench.write("other", b"another content");
        assert!(!decode(&["detached", "-c", "other"]).status.success());
    }
}

#[test]
fn we_read_what_we_wrote() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    for encoding in [Encoding::Cms, Encoding::Gmt0010] {
        let form = Form { encoding, ..Form::cms(Ecdsa(Sha256)) };
        let ours = sign(&unit, form, CONTENT, &[bench.ca(), unit.certificate.clone()]);
        verify(&ours, CONTENT, &[], |message, found| {
            assert!(found.is_valid(), "{found:?}");
            assert_eq!(message.encoding(), encoding);
            assert_eq!(message.content_type(), Some(encoding.data()));
            assert_eq!(message.content(), Some(CONTENT));
            assert_eq!(message.certificates().len(), 2);
            let [signer] = found.signers.as_slice() else { panic!("{found:?}") };
            assert_eq!(signer.certificate, Some(&unit.certificate));
            assert_eq!(signer.signing_time, SigningTime::At(*SIGNED_AT));
            assert_eq!(signer.digest_algorithm, Some(Sha256));
            assert_eq!(signer.certificate_reference, CertificateReference::Matches);
        });
        verify(&ours, b"", &[], |_, found| assert!(!found.is_valid()));
    }
}

#[test]
fn a_content_of_any_length_needs_only_its_length() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let attributes = SignedAttributes::new(Encoding::Cms, Sha256, &[7; 32], None, &unit.certificate).unwrap();
    let frame = |length| {
        let content = Content::Attached { length };
        let scheme = Ecdsa(Sha256);
        let message = SignedMessage {
            content,
            signed_attributes: &attributes,
            scheme,
            signature: &[1; 70],
            chain: &[],
            unsigned_attributes: &[],
        };
        message.frame()
    };
    for length in [0, 1, 127, 128, 65_535, 65_536, 1 << 20] {
        let content = vec![0x5a; length];
        let message = frame(length as u64).unwrap().around(&content);
        assert_eq!(Message::from_ber(&message).unwrap().content(), Some(content.as_slice()));
    }
    let huge = frame(1 << 30).unwrap();
    assert!(huge.header.len() + huge.trailer.len() < 2000);
    // The length octets right before the content.
    assert_eq!(huge.header[huge.header.len() - 6..], [0x04, 0x84, 0x40, 0, 0, 0]);
    assert!(frame(u64::MAX - 10).is_err());
}

#[test]
fn what_cannot_be_said_is_refused() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    assert!(SignedAttributes::new(Encoding::Cms, Sha256, &[0; 48], None, &unit.certificate).is_err());
    let attributes = SignedAttributes::new(Encoding::Cms, Sha384, &[0; 48], None, &unit.certificate).unwrap();
    let message = SignedMessage {
        content: Content::Detached,
        signed_attributes: &attributes,
        scheme: Ecdsa(Sha256),
        signature: &[],
        chain: &[],
        unsigned_attributes: &[],
    };
    assert!(message.frame().is_err());
    assert!(SignedMessage { scheme: Ecdsa(Sha384), ..message }.frame().is_ok());
}
