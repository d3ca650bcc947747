//! Certificates made by OpenSSL are read as OpenSSL shows them.

use ukey_formats::{Certificate, Curve, KeyUse, ParseError, PublicKey, Uscc};

const CODE: &str = "91350100M000100Y43";
/// 2026-01-01 and 2027-01-01, 00:00 UTC.
const START: u64 = 1_767_225_600;
const END: u64 = 1_798_761_600;

macro_rules! certificate {
    ($name:literal) => {
        include_bytes!(concat!("data/", $name, ".der")).as_slice()
    };
}

fn read(der: &[u8]) -> Certificate {
    match Certificate::from_der(der) {
        Ok(certificate) => certificate,
        Err(error) => panic!("{error}"),
    }
}

fn code(certificate: &Certificate) -> Option<&str> {
    certificate.holder_id.as_ref().map(Uscc::as_str)
}

/// `der` with the only occurrence of `from` replaced by as many bytes.
fn patched(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = (0..der.len()).filter(|place| der[*place..].starts_with(from)).collect();
    let [place] = places[..] else { panic!("{} occurrences", places.len()) };
    [&der[..place], to, &der[place + to.len()..]].concat()
}

#[test]
fn an_rsa_certificate_for_signatures() {
    let der = certificate!("rsa-sign");
    let certificate = read(der);
    assert_eq!(certificate.issuer, r"CN=Test CA, O=测试\, 认证机构, C=CN");
    assert_eq!(certificate.serial_number, "F1E2D3C4B5A697");
    assert_eq!((certificate.not_before, certificate.not_after), (START, END));
    assert_eq!(certificate.holder_name, "云南省测试医院");
    assert_eq!(certificate.unit_name, "云南省测试医院");
    let subject = "CN=云南省测试医院, OU=药剂科, O=云南省测试医院, L=昆明市, ST=云南省, C=CN";
    assert_eq!(certificate.subject, subject);
    assert_eq!(code(&certificate), Some(CODE));
    assert_eq!(certificate.key_use, KeyUse::Signature);
    let PublicKey::Rsa { bits: 2048, pkcs1_der } = &certificate.public_key else {
        panic!("{:?}", certificate.public_key)
    };
    assert_eq!((pkcs1_der.len(), &pkcs1_der[..2]), (270, &[0x30, 0x82][..]));
    assert_eq!(certificate.der, der);
    assert_eq!(certificate.serial_number_der, [2, 8, 0x00, 0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97]);
    for (name, last) in [(&certificate.issuer_der, "Test CA"), (&certificate.subject_der, "云南省测试医院")] {
        assert!(name[0] == 0x30 && name.ends_with(last.as_bytes()));
        assert!(der.windows(name.len()).any(|window| window == name.as_slice()));
    }
}

#[test]
fn a_p256_certificate_for_encryption_named_by_its_organisation() {
    let certificate = read(certificate!("p256-encrypt"));
    assert_eq!(certificate.holder_name, "云南省测试医院");
    assert_eq!(certificate.serial_number, "1001");
    assert_eq!(certificate.key_use, KeyUse::Encryption);
    assert!(!certificate.key_use.allows_signatures());
    assert_eq!(code(&certificate), Some(CODE));
    assert!(matches!(&certificate.public_key, PublicKey::Ec { curve: Curve::P256, point } if point.len() == 65));
}

#[test]
fn a_p384_certificate_for_both() {
    let certificate = read(certificate!("p384-both"));
    assert_eq!(certificate.serial_number, "7F");
    assert_eq!(certificate.key_use, KeyUse::Both);
    assert_eq!(code(&certificate), Some(CODE));
    assert!(matches!(&certificate.public_key, PublicKey::Ec { curve: Curve::P384, point } if point.len() == 97));
}

#[test]
fn an_sm2_certificate_with_wide_strings_and_a_late_end() {
    let certificate = read(certificate!("sm2-bmp"));
    assert_eq!(certificate.holder_name, "云南省测试医院");
    assert_eq!(certificate.not_after, 2_587_680_000);
    assert_eq!(certificate.key_use, KeyUse::Both);
    assert_eq!(code(&certificate), Some(CODE));
    assert!(matches!(&certificate.public_key, PublicKey::Ec { curve: Curve::Sm2, point } if point.len() == 65));
}

#[test]
fn the_identity_number_of_a_person_is_in_no_field_that_is_shown() {
    let certificate = read(certificate!("person"));
    assert_eq!(certificate.holder_name, format!("张三{}", "*".repeat(18)));
    assert_eq!(certificate.holder_id, None);
    assert!(certificate.subject.contains("CN=张三***") && !certificate.subject.contains("19491231"));
    let debug = format!("{certificate:?}");
    assert!(!debug.contains("19491231") && !debug.contains("49, 57, 52, 57"), "{debug}");
}

#[test]
fn a_ca_certificate_with_a_key_of_another_kind() {
    let certificate = read(certificate!("ca-ed25519"));
    assert_eq!(certificate.key_use, KeyUse::Neither);
    assert_eq!(certificate.public_key, PublicKey::Other { oid: "1.3.101.112".into() });
    assert_eq!(code(&certificate), Some(CODE));
}

#[test]
fn an_unknown_curve_is_named_and_no_error() {
    // 1.2.840.10045.3.1.7 becomes 1.2.840.10045.3.1.6.
    let p256 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let other = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 6];
    let certificate = read(&patched(certificate!("p256-encrypt"), &p256, &other));
    assert_eq!(certificate.public_key, PublicKey::Other { oid: "1.2.840.10045.3.1.6".into() });
}

#[test]
fn a_compressed_point_is_refused() {
    assert_eq!(Certificate::from_der(certificate!("p256-compressed")), Err(ParseError::PointNotUncompressed));
}

#[test]
fn a_date_before_1970_is_refused() {
    let old = patched(certificate!("rsa-sign"), b"260101000000Z", b"690101000000Z");
    assert!(matches!(Certificate::from_der(&old), Err(ParseError::Der(_))));
    let first = patched(certificate!("rsa-sign"), b"260101000000Z", b"700101000000Z");
    assert_eq!(read(&first).not_before, 0);
}

#[test]
fn bytes_after_or_inside_the_end_and_lengths_that_are_not_minimal_are_refused() {
    let der = certificate!("p384-both");
    assert!(matches!(Certificate::from_der(&[der, &[0]].concat()), Err(ParseError::Der(_))));
    assert!(matches!(Certificate::from_der(&der[..der.len() - 1]), Err(ParseError::Der(_))));
    assert!(matches!(Certificate::from_der(&[]), Err(ParseError::Der(_))));
    // 30 82 xx xx: two NULL bytes more inside, then the same length in three bytes.
    let body = &der[4..];
    let longer = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    assert!(Certificate::from_der(&[&[0x30, 0x82], &longer[..], body, &[5, 0]].concat()).is_err());
    assert!(Certificate::from_der(&[&[0x30, 0x83, 0], &der[2..4], body].concat()).is_err());
    // 30 80 … 00 00: BER.
    assert!(Certificate::from_der(&[&[0x30, 0x80], body, &[0, 0]].concat()).is_err());
}

#[test]
fn a_large_certificate_is_refused_unread() {
    let length = Certificate::MAX_LENGTH + 1;
    assert_eq!(Certificate::from_der(&vec![0x30; length]), Err(ParseError::TooLarge { length }));
}
