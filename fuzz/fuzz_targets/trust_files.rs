//! A file of the administrator's folders: however broken, its certificates and lists are read or refused one by one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::chain::{read_certificates, read_crls};

fuzz_target!(|data: &[u8]| {
    let (certificates, crls) = (read_certificates(data), read_crls(data));
    // No block is shorter than its two lines.
    assert!(certificates.len() + crls.len() <= 2 + data.len() / "-----BEGIN ".len() * 2);
    for certificate in certificates.into_iter().flatten() {
        assert_eq!(read_certificates(&certificate.der), [Ok(certificate)]);
    }
});
