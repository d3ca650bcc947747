//! Messages that were put together with care, rightly or not.

use crate::bench::{Bench, CONTENT, Form, Kind, Unit, sign, verify};
use ukey_formats::HashAlgorithm::Sha256;
use ukey_formats::SignatureScheme::Ecdsa;
use ukey_formats::cms::{
    CertificateReference, Content, Deviation, DigestCheck, Encoding, Frame, Message, SignatureCheck, SignedAttributes,
    SignedMessage, UnsignedAttribute,
};

fn attributes(unit: &Unit<'_>) -> SignedAttributes {
    SignedAttributes::new(Encoding::Cms, Sha256, &Sha256.digest(CONTENT), None, &unit.certificate).unwrap()
}

fn frame(
    unit: &Unit<'_>,
    signed_attributes: &SignedAttributes,
    signed: &[u8],
    unsigned_attributes: &[UnsignedAttribute],
) -> Frame {
    let (content, scheme) = (Content::Detached, Ecdsa(Sha256));
    let signature = &unit.sign(scheme, signed);
    SignedMessage { content, signed_attributes, scheme, signature, chain: &[], unsigned_attributes }.frame().unwrap()
}

/// Replaces bytes that occur once by others of the same length.
fn replaced(message: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let places: Vec<_> = (0..=message.len() - old.len()).filter(|place| message[*place..].starts_with(old)).collect();
    let [place] = places.as_slice() else { panic!("{} places", places.len()) };
    [&message[..*place], new, &message[place + old.len()..]].concat()
}

/// The attributes of a SET OF with a short length, the first one last.
fn rotated(set: &[u8]) -> Vec<u8> {
    let header = if set[1] < 0x80 { 2 } else { 3 };
    let first = header + 2 + usize::from(set[header + 1]);
    [&set[..header], &set[first..], &set[header..first]].concat()
}

#[test]
fn the_order_of_attributes_is_that_of_der_or_that_of_the_message() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let attributes = attributes(&unit);
    let sorted = attributes.as_der();
    let unsorted = rotated(sorted);
    assert_ne!(sorted, unsorted);
    let reordered = |message: &Frame| replaced(&message.around(&[]), &sorted[3..], &unsorted[3..]);
    // Signed in the order of DER, written in another.
    let written = reordered(&frame(&unit, &attributes, sorted, &[]));
    verify(&written, CONTENT, &[], |_, found| assert!(found.is_valid(), "{found:?}"));
    // Signed and written in another order.
    let signed = reordered(&frame(&unit, &attributes, &unsorted, &[]));
    verify(&signed, CONTENT, &[], |_, found| assert!(found.is_valid(), "{found:?}"));
    // Signed in another order than the one of DER, in which it is written.
    verify(&frame(&unit, &attributes, &unsorted, &[]).around(&[]), CONTENT, &[], |_, found| {
        assert_eq!(found.signers[0].signature, SignatureCheck::Invalid);
    });
    // With the tag that is written, not the one that counts.
    let tagged = [&[0xa0], &sorted[1..]].concat();
    verify(&frame(&unit, &attributes, &tagged, &[]).around(&[]), CONTENT, &[], |_, found| {
        assert_eq!(found.signers[0].signature, SignatureCheck::Invalid);
    });
}

#[test]
fn unsigned_attributes_change_nothing() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let attributes = attributes(&unit);
    // The time-stamp token of RFC 3161, here with something else in it.
    let token = "1.2.840.113549.1.9.16.2.14".parse().unwrap();
    assert!(UnsignedAttribute::new(token, &[0x30]).is_err());
    assert!(UnsignedAttribute::new(token, &[5, 0, 5, 0]).is_err());
    let token = UnsignedAttribute::new(token, &[0x30, 3, 2, 1, 1]).unwrap();
    let message = frame(&unit, &attributes, attributes.as_der(), &[token]).around(&[]);
    verify(&message, CONTENT, &[], |_, found| assert!(found.is_valid(), "{found:?}"));
    bench.write("message", &message);
    bench.openssl("cms -verify -binary -inform DER -in message -content content -CAfile ca.pem");
    let printed = bench.openssl("cms -cmsout -print -inform DER -in message");
    assert!(String::from_utf8_lossy(&printed).contains("id-smime-aa-timeStampToken"));
}

#[test]
fn a_digest_of_something_else_is_told_from_a_wrong_signature() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let attributes = attributes(&unit);
    let message = frame(&unit, &attributes, attributes.as_der(), &[]).around(&[]);
    verify(&message, b"something else", &[], |_, found| {
        assert_eq!(
            (found.signers[0].digest, found.signers[0].signature),
            (DigestCheck::Differs, SignatureCheck::Valid)
        );
    });
    let wrong = frame(&unit, &attributes, b"something else", &[]).around(&[]);
    verify(&wrong, CONTENT, &[], |_, found| {
        assert_eq!(
            (found.signers[0].digest, found.signers[0].signature),
            (DigestCheck::Matches, SignatureCheck::Invalid)
        );
    });
}

#[test]
fn unsigned_parts_that_contradict_the_signer_are_named() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let message = sign(&unit, Form::cms(Ecdsa(Sha256)), CONTENT, &[]);
    let deviations = |message: &[u8]| {
        verify(message, CONTENT, &[], |_, found| {
            assert!(found.signers[0].is_valid() && found.is_valid() == found.deviations.is_empty());
            found.deviations.to_vec()
        })
    };
    assert_eq!(deviations(&message), []);
    // The version stands before the set of digest algorithms, which holds SHA-256.
    let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let [one, three] = [1, 3].map(|version| [&[2, 1, version, 0x31, 13], &sha256[..]].concat());
    assert_eq!(deviations(&replaced(&message, &one, &three)), [Deviation::Version]);
    let sha512 = [&one[..one.len() - 1], &[3]].concat();
    assert_eq!(deviations(&replaced(&message, &one, &sha512)), [Deviation::DigestAlgorithms]);
    let signer = |version| {
        [
            &[
                2,
                1,
                version,
                0x30,
                unit.certificate.issuer_der.len() as u8 + unit.certificate.serial_number_der.len() as u8,
            ],
            &unit.certificate.issuer_der[..],
        ]
        .concat()
    };
    assert_eq!(deviations(&replaced(&message, &signer(1), &signer(3))), [Deviation::SignerVersion]);
}

#[test]
fn a_certificate_with_the_same_name_and_number_does_not_hide_the_right_one() {
    let bench = Bench::new();
    let unit = bench.unit("unit", Kind::P256);
    let number = format!("0x{}", unit.certificate.serial_number);
    let forge = |name: &str, key: &str| {
        let issue =
            format!("x509 -req -in {key}.csr -CA ca.pem -CAkey ca.key -days 30 -set_serial {number} -outform DER");
        bench.openssl(&format!("{issue} -out {name}.der"));
        bench.certificate(&format!("{name}.der"))
    };
    bench.unit("other", Kind::P256);
    let forged = forge("forged", "other");
    let message = sign(&unit, Form::cms(Ecdsa(Sha256)), CONTENT, std::slice::from_ref(&forged));
    verify(&message, CONTENT, &[], |read, found| {
        assert_eq!(read.certificates().len(), 2);
        assert_eq!(found.signers[0].certificate, Some(&unit.certificate));
        assert!(found.is_valid(), "{found:?}");
    });
    // One for the same key: the signature fits, and the attribute tells that it was made with another.
    let again = forge("again", "unit");
    bench.openssl(
        "cms -sign -cades -nocerts -binary -in content -outform DER -out message -signer unit.pem -inkey unit.key",
    );
    verify(&bench.read("message"), CONTENT, &[again], |_, found| {
        let signer = &found.signers[0];
        assert_eq!(
            (signer.signature, signer.certificate_reference),
            (SignatureCheck::Valid, CertificateReference::Differs)
        );
        assert!(!found.is_valid());
    });
}

#[test]
fn what_is_no_signed_message_is_refused() {
    let bench = Bench::new();
    bench.unit("unit", Kind::Rsa2048);
    bench.openssl("cms -encrypt -in content -outform DER -out encrypted unit.pem");
    bench.openssl("cms -data_create -in content -outform DER -out data");
    for file in ["encrypted", "data", "unit.der", "content", "ca.pem"] {
        assert!(Message::from_ber(&bench.read(file)).is_err(), "{file}");
    }
    assert!(Message::from_ber(&vec![0x30; Message::MAX_LENGTH + 1]).is_err());
}
