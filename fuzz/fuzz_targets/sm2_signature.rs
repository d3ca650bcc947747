//! A signature from a module, in any form: refused, or two numbers that every strict form holds and nothing accepts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::ecdsa::{SignatureForm, der_to_raw, read, read_as};
use ukey_formats::verify::{VerifyError, verify_digest};
use ukey_formats::{Curve, HashAlgorithm, PublicKey, SignatureScheme, sm2};

fuzz_target!(|data: &[u8]| {
    for curve_bytes in [32, 48] {
        let forms = [SignatureForm::Raw, SignatureForm::Der, SignatureForm::Blob];
        let readings = forms.map(|form| read_as(data, form, curve_bytes));
        let any = read(data, curve_bytes);
        assert!(any.is_err() || readings.contains(&any));
        for raw in readings.into_iter().flatten() {
            assert_eq!(raw.len(), 2 * curve_bytes);
            let der = ukey_formats::ecdsa::raw_to_der(&raw, curve_bytes).expect("neither number is zero");
            assert_eq!(der_to_raw(&der, curve_bytes).as_ref(), Ok(&raw));
            assert_eq!(read(&der, curve_bytes).as_ref(), Ok(&raw));
        }
        // What is strict is read as it is written.
        if let Ok(raw) = der_to_raw(data, curve_bytes) {
            assert_eq!(read_as(data, SignatureForm::Der, curve_bytes), Ok(raw));
        }
    }
    let sm2 = sm2::read_signature(data).map(|raw| raw.to_vec());
    assert_eq!(sm2, read(data, 32));
    let key = example();
    assert!(verify_digest(&key, SignatureScheme::Sm2, &[7; 32], data).is_err());
    let ecdsa = SignatureScheme::Ecdsa(HashAlgorithm::Sha256);
    assert_eq!(verify_digest(&key, ecdsa, &[7; 32], data), Err(VerifyError::Unsupported));
});

/// The key of the example of GM/T 0003.5, A.2.
fn example() -> PublicKey {
    let words: [u64; 8] = [
        0x09f9_df31_1e54_21a1,
        0x50dd_7d16_1e4b_c5c6,
        0x7217_9fad_1833_fc07,
        0x6bb0_8ff3_56f3_5020,
        0xccea_490c_e267_75a5,
        0x2dc6_ea71_8cc1_aa60,
        0x0aed_05fb_f35e_084a,
        0x6632_f607_2da9_ad13,
    ];
    let point = [4].into_iter().chain(words.into_iter().flat_map(u64::to_be_bytes)).collect();
    PublicKey::Ec { curve: Curve::Sm2, point }
}
