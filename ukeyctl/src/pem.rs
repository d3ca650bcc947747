//! Certificates in files: DER, or PEM (RFC 7468).

use der::pem::{LineEnding, decode_vec, encode_string};

/// Label of a certificate in PEM.
const LABEL: &str = "CERTIFICATE";
/// What a PEM block of a certificate begins with; explanatory text may stand before it.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// The DER bytes of a certificate in either form, the first one of several in PEM; `None` for anything else. Whether
/// the DER is a certificate is for the service to say.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    // The tag of a SEQUENCE; as text it is the digit 0.
    if bytes.first() == Some(&0x30) {
        return Some(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let block = &text[text.find(BEGIN)?..];
    let end = format!("-----END {LABEL}-----");
    let block = &block[..block.find(&end)? + end.len()];
    let (label, der) = decode_vec(block.as_bytes()).ok()?;
    (label == LABEL).then_some(der)
}

/// A certificate as PEM.
pub(crate) fn encode(der: &[u8]) -> String {
    // Fails only for lengths beyond memory or a label with characters that this one doesn't have.
    encode_string(LABEL, LineEnding::LF, der).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read_from_der_and_from_pem_with_text_around_it() {
        let der = [[0x30, 0x03], [0x02, 0x01], [0x05, 0x00]].concat();
        assert_eq!(decode(&der).unwrap(), der);
        let pem = format!("subject=C=CN\n{}{}", encode(&der), encode(&[0x30, 0x00]));
        assert_eq!(decode(pem.as_bytes()).unwrap(), der);
        for other in [&b""[..], b"text", b"-----BEGIN CERTIFICATE-----\nAA", &[0xff, 0xfe]] {
            assert_eq!(decode(other), None);
        }
    }
}
