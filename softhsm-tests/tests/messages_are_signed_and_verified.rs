//! `SignMessage` and `SignMessageFile` make messages that OpenSSL accepts, attached and detached; `VerifyMessage` tells each
//! check of ours and of messages that OpenSSL made, with the test CA trusted and without.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use ukey_dbus::{ErrorKind, KeyKind, ManagerProxy, options};
use ukey_softhsm_tests::{Document, Fixture, Options, Tool, no_options, option, refusal, run, staged};
use zbus::{Fd, OwnedVariant, Variant};

type Answer = HashMap<String, OwnedVariant>;

/// Kinds of keys with their certificates' algorithms.
const KINDS: [KeyKind; 2] = [KeyKind::Rsa2048, KeyKind::EcP256];
const CONTENT: &[u8] = "采购订单 117: 阿莫西林 40\n".as_bytes();

#[test]
fn openssl_accepts_them_attached_and_detached() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        for kind in KINDS {
            let certificate = fixture.certificate(kind).await;
            for content in [CONTENT, b""] {
                let document = Document::with("order", content);
                let attached = certificate.sign_message(content, no_options()).await.unwrap();
                assert_eq!(openssl_verifies(&fixture, &attached, None).as_deref(), Some(content), "{kind}");
                let detached = certificate.sign_message(content, option(options::DETACHED, true)).await.unwrap();
                assert_eq!(openssl_verifies(&fixture, &detached, Some(document.path())).as_deref(), Some(content));
                assert!(detached.len() < attached.len() || content.is_empty());

                for (message, given) in [(&attached, &b""[..]), (&detached, content)] {
                    let answer = verify(&fixture, message, given, no_options()).await.unwrap();
                    assert!(flag(&answer, "valid"), "{answer:?}");
                    let signer = the_signer(&answer);
                    for check in ["digest-ok", "signature-ok", "certificate-ok"] {
                        assert!(flag(&signer, check), "{check} of {signer:?}");
                    }
                    assert_eq!(text(&signer, "chain"), "ok");
                    assert_eq!(text(&signer, "revocation"), "no-crl");
                    assert!(signer.contains_key("signing-time"));
                }
            }
        }
    });
}

#[test]
fn a_file_becomes_a_message_file() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::Rsa2048).await;
        let document = Document::with("order", &CONTENT.repeat(50_000));
        for detached in [false, true] {
            let path = scratch("message");
            let output = File::create(&path).unwrap();
            let input = File::open(document.path()).unwrap();
            let wanted = option(options::DETACHED, detached);
            let answer = certificate.sign_message_file(Fd::from(&input), Fd::from(&output), wanted).await.unwrap();
            let message = fs::read(&path).unwrap();
            assert_eq!(u64::try_from(answer["length"].clone()).unwrap(), message.len() as u64);
            let content = detached.then_some(document.path());
            assert!(
                openssl_verifies(&fixture, &message, content)
                    .is_some_and(|content| content.len() == 50_000 * CONTENT.len())
            );
            // It is not empty any more, and never written over.
            let input = File::open(document.path()).unwrap();
            let output = File::options().write(true).open(&path).unwrap();
            let refused = certificate.sign_message_file(Fd::from(&input), Fd::from(&output), no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument);
            assert_eq!(fs::read(&path).unwrap(), message);
        }
    });
}

#[test]
fn what_was_changed_is_told_apart() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let message = certificate.sign_message(CONTENT, option(options::DETACHED, true)).await.unwrap();
        let answer = verify(&fixture, &message, b"another order", no_options()).await.unwrap();
        let signer = the_signer(&answer);
        assert!(!flag(&answer, "valid") && !flag(&signer, "digest-ok") && flag(&signer, "certificate-ok"));
        assert_eq!((text(&signer, "digest").as_str(), text(&signer, "signature").as_str()), ("differs", "ok"));

        let attached = certificate.sign_message(CONTENT, no_options()).await.unwrap();
        assert_eq!(
            refusal(verify(&fixture, &attached, b"another order", no_options()).await),
            ErrorKind::InvalidArgument
        );
        for position in 0..attached.len() {
            let mut changed = attached.clone();
            changed[position] ^= 0x01;
            // One that can't be read any more is an error.
            if let Ok(answer) = verify(&fixture, &changed, b"", no_options()).await {
                assert!(!flag(&answer, "valid"), "byte {position} of {} was changed", attached.len());
            }
        }
    });
}

#[test]
fn without_a_trusted_ca_the_certificate_is_not_ok_and_nothing_else_suffers() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let message = certificate.sign_message(CONTENT, no_options()).await.unwrap();
        let answer = verify(&fixture, &message, b"", no_options()).await.unwrap();
        let signer = the_signer(&answer);
        assert!(!flag(&answer, "valid") && flag(&signer, "digest-ok") && flag(&signer, "signature-ok"));
        assert_eq!(text(&signer, "chain"), "no-anchors");
        assert!(!flag(&signer, "certificate-ok"));
    });
}

#[test]
fn the_time_for_the_certificate_can_be_chosen() {
    staged(async || {
        let fixture = trusting().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let message = certificate.sign_message(CONTENT, no_options()).await.unwrap();
        let late = certificate.not_after().await.unwrap() + 1;
        let answer = verify(&fixture, &message, b"", option(options::AT, late)).await.unwrap();
        assert!(!flag(&answer, "valid"));
        assert_eq!(text(&the_signer(&answer), "dates"), "expired");
        let answer = verify(&fixture, &message, b"", option(options::AT, late - 1)).await.unwrap();
        assert!(flag(&answer, "valid"), "{answer:?}");
    });
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for (key, value) in [
            (options::ENCODING, Variant::from("pkcs7")),
            (options::ENCODING, Variant::from("gmt0010")),
            (options::DETACHED, Variant::from("yes")),
            ("detatched", Variant::from(true)),
        ] {
            let refused = certificate.sign_message(CONTENT, HashMap::from([(key, value)])).await;
            assert_eq!(refusal(refused), ErrorKind::InvalidArgument, "{key}");
        }
        let refused = certificate.sign_message(CONTENT, option(options::ALGORITHM, "RSA-PKCS1-SHA256")).await;
        assert_eq!(refusal(refused), ErrorKind::AlgorithmUnsupported);
        let large = vec![0; options::MESSAGE_CONTENT_MAX + 1];
        assert_eq!(refusal(certificate.sign_message(&large, no_options()).await), ErrorKind::InvalidArgument);
        for message in [&b""[..], b"not a message", &[0x30; 2000], &[0x24, 0x80].repeat(5000)] {
            assert_eq!(refusal(verify(&fixture, message, b"", no_options()).await), ErrorKind::InvalidArgument);
        }
    });
}

/// A daemon that trusts the CA of the test Keys.
async fn trusting() -> Fixture {
    let folder = scratch("trusted");
    fs::create_dir(&folder).unwrap();
    let config = format!("[trust]\ncertificates = \"{}\"\n", folder.display());
    let mut fixture = Fixture::builder().config(&config).start().await;
    fs::copy(fixture.ca.certificate(), folder.join("ca.pem")).unwrap();
    fixture.kill_daemon().await;
    fixture.start_daemon().await;
    fixture
}

/// The content, if `openssl cms -verify` accepts the message.
fn openssl_verifies(fixture: &Fixture, message: &[u8], content: Option<&Path>) -> Option<Vec<u8>> {
    let (path, out) = (scratch("cms"), scratch("content"));
    fs::write(&path, message).unwrap();
    let mut command = Tool::Openssl.command();
    command.args(["cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in"]).arg(&path);
    command.arg("-CAfile").arg(fixture.ca.certificate()).arg("-out").arg(&out);
    if let Some(content) = content {
        command.arg("-content").arg(content);
    }
    let ended = Tool::Openssl.output(&mut command);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    fs::read(&out).ok()
}

async fn verify(fixture: &Fixture, message: &[u8], content: &[u8], options: Options) -> zbus::Result<Answer> {
    let document = Document::with(&scratch("given").file_name().unwrap().to_string_lossy(), content);
    let file = File::open(document.path()).unwrap();
    let manager = ManagerProxy::new(&fixture.clerk).await.unwrap();
    manager.verify_message(message, Fd::from(&file), options).await
}

fn the_signer(answer: &Answer) -> Answer {
    let signers: Vec<Answer> = answer["signers"].clone().try_into().unwrap();
    let [signer] = signers.try_into().unwrap();
    signer
}

fn flag(answer: &Answer, key: &str) -> bool {
    bool::try_from(answer[key].clone()).unwrap()
}

fn text(answer: &Answer, key: &str) -> String {
    String::try_from(answer[key].clone()).unwrap()
}

fn scratch(name: &str) -> PathBuf {
    let random = run(Tool::Openssl, ["rand", "-hex", "6"]);
    Path::new("/run/stage").join(format!("{name}-{}", String::from_utf8(random).unwrap().trim()))
}
