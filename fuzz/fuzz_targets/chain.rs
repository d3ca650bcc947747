//! A certificate with anchors, other certificates and lists, all hostile: checked in bounded time, and a chain that is
//! right holds what it promises. An input is parts of kind (1 byte), length (2 bytes, little-endian) and DER.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::Certificate;
use ukey_formats::chain::{ChainCheck, Crl, RevocationCheck, TrustStore};

/// 2026-06-15.
const AT: u64 = 1_781_481_600;

fuzz_target!(|data: &[u8]| {
    let (mut leaf, mut anchors, mut others, mut candidates, mut crls) = (None, vec![], vec![], vec![], vec![]);
    let mut rest = data;
    while let [kind, low, high, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(after.len());
        let (part, after) = after.split_at(length);
        rest = after;
        match kind % 5 {
            0 => leaf = Certificate::from_der(part).ok(),
            1 => anchors.extend(Certificate::from_der(part)),
            2 => others.extend(Certificate::from_der(part)),
            3 => candidates.extend(Certificate::from_der(part)),
            _ => crls.extend(Crl::from_der(part)),
        }
    }
    let Some(leaf) = leaf else { return };
    let store = TrustStore::new(anchors.clone(), others, crls);
    let report = store.check(&leaf, &candidates, AT);
    assert_eq!(store.check(&leaf, &candidates, AT), report);
    // Each issuer that is named has signed what is below it.
    let mut child = &leaf;
    for issuer in &report.issuers {
        assert_eq!(child.verify_signed_by(&issuer.public_key), Ok(()));
        child = issuer;
    }
    match report.chain {
        ChainCheck::Ok => assert!(anchors.contains(child)),
        _ => assert_eq!(report.revocation, RevocationCheck::Unchecked),
    }
    assert_eq!(report.chain == ChainCheck::NoAnchors, anchors.is_empty());
});
