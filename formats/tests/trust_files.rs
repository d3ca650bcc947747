//! Files of certificates and lists, in DER and as PEM texts of all kinds.

use base64ct::{Base64, Encoding};
use ukey_formats::chain::{read_certificates, read_crls};
use ukey_formats::{Certificate, ParseError};

const ROOT: &[u8] = include_bytes!("data/chain/root-ec.der");
const CA: &[u8] = include_bytes!("data/chain/ca-ec.der");
const LIST: &[u8] = include_bytes!("data/chain/ec.crl");

fn pem(label: &str, der: &[u8], width: usize, end: &str) -> String {
    let base64 = Base64::encode_string(der);
    let lines: Vec<&str> = base64.as_bytes().chunks(width).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----{end}{}{end}-----END {label}-----{end}", lines.join(end))
}

fn ders(read: Vec<Result<Certificate, ParseError>>) -> Vec<Result<Vec<u8>, ParseError>> {
    read.into_iter().map(|read| read.map(|certificate| certificate.der)).collect()
}

#[test]
fn der_is_one_certificate_or_list() {
    assert_eq!(ders(read_certificates(ROOT)), [Ok(ROOT.to_vec())]);
    assert!(matches!(read_crls(LIST)[..], [Ok(ref crl)] if crl.der() == LIST));
    for read in
        [read_certificates(LIST), read_certificates(b""), read_certificates(b"text"), read_certificates(b"\xff")]
    {
        assert!(matches!(read[..], [Err(ParseError::Der(_))]), "{read:?}");
    }
    assert!(matches!(read_crls(CA)[..], [Err(ParseError::Der(_))]));
}

#[test]
fn a_bundle_gives_every_certificate_in_its_order() {
    let text = [
        "Root (测试) of 2026\r\n".to_owned(),
        pem("CERTIFICATE", ROOT, 64, "\r\n"),
        pem("EC PRIVATE KEY", &[1; 40], 64, "\n"),
        pem("X509 CERTIFICATE", CA, 76, "\n"),
        pem("X509 CRL", LIST, 64, "\n"),
        pem("CERTIFICATE", CA, usize::MAX, "\n"),
    ]
    .concat();
    let ca = || Ok(CA.to_vec());
    assert_eq!(ders(read_certificates(text.as_bytes())), [Ok(ROOT.to_vec()), ca(), ca()]);
    assert!(matches!(read_crls(text.as_bytes())[..], [Ok(ref crl)] if crl.der() == LIST));
}

#[test]
fn a_broken_block_does_not_hide_the_others() {
    let good = pem("CERTIFICATE", CA, 64, "\n");
    let broken = good.replacen("MII", "M*I", 1);
    let cut = pem("CERTIFICATE", &CA[..100], 64, "\n");
    let endless = "-----BEGIN CERTIFICATE-----\nMII";
    let text = [endless, "\n", &broken, &cut, &good, endless].concat();
    let read = ders(read_certificates(text.as_bytes()));
    let [first, second, Err(ParseError::Der(_)), whole, last] = &read[..] else { panic!("{read:?}") };
    assert_eq!([first, second, last], [&Err(ParseError::Pem); 3]);
    assert_eq!(whole, &Ok(CA.to_vec()));
    let other_end = good.replace("END CERTIFICATE", "END X509 CRL");
    assert_eq!(ders(read_certificates(other_end.as_bytes())), [Err(ParseError::Pem)]);
}
