//! A revocation list: read or refused, with no more entries than bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::chain::Crl;
use ukey_formats::text;

fuzz_target!(|data: &[u8]| {
    let Ok(crl) = Crl::from_der(data) else { return };
    assert_eq!(crl.der(), data);
    assert!(crl.entries() <= data.len() / 10);
    assert_eq!(text::one_line(&crl.issuer, 256), crl.issuer);
    // For logs.
    assert!(format!("{crl:?}").len() < 2000);
});
