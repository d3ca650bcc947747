//! Whatever byte of a message is changed, it is not accepted as what it was.

use crate::bench::{Bench, Form, Kind, Unit, sign};
use ukey_formats::Certificate;
use ukey_formats::HashAlgorithm::Sha256;
use ukey_formats::SignatureScheme::{Ecdsa, RsaPkcs1, RsaPss, Sm2};
use ukey_formats::cms::{Encoding, Message};

/// What a caller does: the message is valid, from this signer, about its content, and says nothing of other
/// certificates than those that it was made with.
fn accepted(message: &[u8], unit: &Unit<'_>, ca: &Certificate) -> bool {
    let Ok(message) = Message::from_ber(message) else { return false };
    let found = message.verify_content(&[], message.content().unwrap_or_default());
    let known = |certificate: &Certificate| certificate.der == unit.certificate.der || certificate.der == ca.der;
    found.is_valid()
        && found.signers.iter().all(|signer| signer.certificate.is_some_and(|found| found.der == unit.certificate.der))
        && message.certificates().iter().all(known)
}

/// In each byte: all bits, the ones that make other tags and lengths, and one more that goes round.
fn no_change_is_accepted(kind: Kind, form: Form, content: &[u8]) {
    let bench = Bench::new();
    let (unit, ca) = (bench.unit("unit", kind), bench.ca());
    let message = sign(&unit, form, content, std::slice::from_ref(&ca));
    assert!(accepted(&message, &unit, &ca));
    for position in 0..message.len() {
        for change in [0xff, 0x01, 0x20, 0x80, 1 << (position % 8)] {
            let mut changed = message.clone();
            changed[position] ^= change;
            assert!(!accepted(&changed, &unit, &ca), "byte {position} of {} ^ {change:#x}", message.len());
        }
        assert!(!accepted(&message[..position], &unit, &ca), "{position} bytes");
    }
    assert!(!accepted(&[message.as_slice(), &[0]].concat(), &unit, &ca));
}

#[test]
fn no_changed_byte_of_an_rsa_message_is_accepted() {
    no_change_is_accepted(Kind::Rsa2048, Form::cms(RsaPkcs1(Sha256)), b"content");
}

#[test]
fn no_changed_byte_of_an_rsa_pss_message_is_accepted() {
    no_change_is_accepted(Kind::Rsa2048, Form::cms(RsaPss(Sha256)), b"content");
}

#[test]
fn no_changed_byte_of_a_p256_message_is_accepted() {
    no_change_is_accepted(Kind::P256, Form::cms(Ecdsa(Sha256)), b"content");
}

#[test]
fn no_changed_byte_of_an_empty_message_is_accepted() {
    no_change_is_accepted(Kind::P256, Form::cms(Ecdsa(Sha256)), b"");
}

#[test]
fn no_changed_byte_of_a_detached_signature_is_accepted() {
    no_change_is_accepted(Kind::P256, Form::cms(Ecdsa(Sha256)).detached(), b"");
}

#[test]
fn no_changed_byte_of_an_sm2_message_is_accepted() {
    no_change_is_accepted(Kind::Sm2, Form::cms(Sm2), b"content");
}

#[test]
fn no_changed_byte_of_a_gmt_0010_message_is_accepted() {
    no_change_is_accepted(Kind::Sm2, Form { encoding: Encoding::Gmt0010, ..Form::cms(Sm2) }, b"content");
}
