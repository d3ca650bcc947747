//! Files of certificates and revocation lists: DER, or PEM with any number of blocks.

use super::Crl;
use crate::{Certificate, ParseError};
use base64ct::{Base64, Encoding};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Labels of RFC 7468, 5.1 and 6.1, with the older ones.
const CERTIFICATE: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE"];
const CRL: &[&str] = &["X509 CRL", "CRL"];

/// Reads the certificates of a file: one in DER, or every one of a PEM text, in their order. Text around the blocks and
/// blocks of another kind are passed over.
///
/// Each is read or refused by itself. [`ParseError::Pem`] is the last one when the text breaks off.
pub fn read_certificates(file: &[u8]) -> Vec<Result<Certificate, ParseError>> {
    read(file, CERTIFICATE, Certificate::from_der)
}

/// Reads the revocation lists of a file likewise.
pub fn read_crls(file: &[u8]) -> Vec<Result<Crl, ParseError>> {
    read(file, CRL, Crl::from_der)
}

fn read<T>(
    file: &[u8],
    labels: &[&str],
    from_der: impl Fn(&[u8]) -> Result<T, ParseError>,
) -> Vec<Result<T, ParseError>> {
    // The tag of a SEQUENCE, with which both begin; no text that people put before a block begins with a zero.
    if file.first() == Some(&b'0') {
        return vec![from_der(file)];
    }
    let text = String::from_utf8_lossy(file);
    if !text.contains(BEGIN) {
        return vec![from_der(file)];
    }
    let mut found = Vec::new();
    let mut rest = text.as_ref();
    while let Some(begin) = rest.find(BEGIN) {
        rest = &rest[begin + BEGIN.len()..];
        let Some((label, body, after)) = block(rest) else {
            found.push(Err(ParseError::Pem));
            break;
        };
        rest = after;
        if labels.contains(&label) {
            found.push(decoded(body).and_then(|der| from_der(&der)));
        }
    }
    found
}

/// Label and body of the block that goes on here, and what follows it.
fn block(text: &str) -> Option<(&str, &str, &str)> {
    let (label, text) = text.split_once(DASHES)?;
    let (body, text) = text.split_once(END)?;
    let after = text.strip_prefix(label)?.strip_prefix(DASHES)?;
    Some((label, body, after))
}

/// Base64 with white space anywhere, as tools of every age write it.
fn decoded(body: &str) -> Result<Vec<u8>, ParseError> {
    let base64: String = body.split_ascii_whitespace().collect();
    Base64::decode_vec(&base64).map_err(|_| ParseError::Pem)
}
