//! Certificates and messages in files: DER, or PEM (RFC 7468).

use der::pem::{LineEnding, decode_vec, encode_string};

/// Label of a certificate in PEM.
const CERTIFICATE: &str = "CERTIFICATE";
/// Labels of messages, the standard one first.
const MESSAGES: [&str; 2] = ["CMS", "PKCS7"];
/// The tag of a SEQUENCE; as text it is the digit 0.
const SEQUENCE: u8 = 0x30;

/// The DER bytes of a certificate in either form, the first one of several in PEM; `None` for anything else. Whether
/// the DER is a certificate is for the service to say.
pub(crate) fn certificate(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.first() == Some(&SEQUENCE) {
        return Some(bytes.to_vec());
    }
    block(bytes, CERTIFICATE)
}

/// The bytes of a message, taken out of PEM if it is in it. Whether they are one is for the service to say.
pub(crate) fn message(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.first() == Some(&SEQUENCE) {
        return bytes;
    }
    MESSAGES.iter().find_map(|label| block(&bytes, label)).unwrap_or(bytes)
}

/// A certificate as PEM.
pub(crate) fn encode(der: &[u8]) -> String {
    // Fails only for lengths beyond memory or a label with characters that this one doesn't have.
    encode_string(CERTIFICATE, LineEnding::LF, der).unwrap_or_default()
}

/// The first PEM block with this label; explanatory text may stand before it.
fn block(bytes: &[u8], label: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let end = format!("-----END {label}-----");
    let block = &text[text.find(&format!("-----BEGIN {label}-----"))?..];
    let block = &block[..block.find(&end)? + end.len()];
    let (found, der) = decode_vec(block.as_bytes()).ok()?;
    (found == label).then_some(der)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read_from_der_and_from_pem_with_text_around_it() {
        let der = [[0x30, 0x03], [0x02, 0x01], [0x05, 0x00]].concat();
        assert_eq!(certificate(&der).unwrap(), der);
        let pem = format!("subject=C=CN\n{}{}", encode(&der), encode(&[0x30, 0x00]));
        assert_eq!(certificate(pem.as_bytes()).unwrap(), der);
        for other in [&b""[..], b"text", b"-----BEGIN CERTIFICATE-----\nAA", &[0xff, 0xfe]] {
            assert_eq!(certificate(other), None);
        }
    }

    #[test]
    fn a_message_is_read_from_pem_and_anything_else_is_left_as_it_is() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x05];
        for label in MESSAGES {
            let pem = encode_string(label, LineEnding::LF, &der).unwrap();
            assert_eq!(message(pem.into_bytes()), der, "{label}");
        }
        for bytes in [&der[..], b"", b"text"] {
            assert_eq!(message(bytes.to_vec()), bytes);
        }
    }
}
