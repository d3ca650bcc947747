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
/// Each is read or refused by itself; a block without its end line is [`ParseError::Pem`], whatever its kind.
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
        let (block, after) = block(&rest[begin + BEGIN.len()..]);
        rest = after;
        match block {
            Some((label, body)) if labels.contains(&label) => found.push(decoded(body).and_then(|der| from_der(&der))),
            Some(_) => {}
            None => found.push(Err(ParseError::Pem)),
        }
    }
    found
}

/// Label and body of the block that goes on here, if it has its end line, and the text from which to go on.
fn block(text: &str) -> (Option<(&str, &str)>, &str) {
    let Some((label, text)) = text.split_once(DASHES) else { return (None, "") };
    let (body, end) = text.split_at(text.find(DASHES).unwrap_or(text.len()));
    let after = end.strip_prefix(END).and_then(|end| end.strip_prefix(label)).and_then(|end| end.strip_prefix(DASHES));
    after.map_or((None, end), |after| (Some((label, body)), after))
}

/// Base64 with white space anywhere, as tools of every age write it.
fn decoded(body: &str) -> Result<Vec<u8>, ParseError> {
    let base64: String = body.split_ascii_whitespace().collect();
    Base64::decode_vec(&base64).map_err(|_| ParseError::Pem)
}
