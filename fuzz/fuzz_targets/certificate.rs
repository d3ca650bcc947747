//! A certificate from a Key: read or refused, and the texts of one that is read can be shown as they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::{Certificate, text};

fuzz_target!(|data: &[u8]| {
    let Ok(certificate) = Certificate::from_der(data) else { return };
    assert_eq!(certificate.der, data);
    assert_eq!(text::one_line(&certificate.issuer, 256), certificate.issuer);
    assert_eq!(text::one_line(&certificate.subject, 256), certificate.subject);
    assert_eq!(text::one_line(&certificate.holder_name, 128), certificate.holder_name);
    assert_eq!(text::one_line(&certificate.unit_name, 128), certificate.unit_name);
    assert!(certificate.crl_uris.iter().all(|uri| text::one_line(uri, 256) == *uri));
    // Whoever signed it, a key on itself is checked without harm.
    let _ = certificate.verify_signed_by(&certificate.public_key);
    assert!(certificate.serial_number.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_hexdigit()));
    for part in [&certificate.issuer_der, &certificate.subject_der, &certificate.serial_number_der] {
        assert!(data.windows(part.len()).any(|window| window == part.as_slice()));
    }
    // For logs: must neither fail nor hold what the DER parts hold.
    assert!(!format!("{certificate:?}").contains("_der"));
});
