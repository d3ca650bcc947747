//! A signed message from anybody: read or refused, and what is found about its signers agrees with itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::cms::{Message, SignatureCheck};

fuzz_target!(|data: &[u8]| {
    let Ok(message) = Message::from_ber(data) else { return };
    let content = message.content().unwrap_or(b"content");
    // In pieces a content is longer than in one.
    assert!(content.len() <= data.len().max(7));
    let needed = message.needed_digests(&[]);
    assert!((1..needed.len()).all(|count| !needed[..count].contains(&needed[count])));
    let found = message.verify_content(&[], content);
    assert_eq!(found.signers.len(), message.signers().count());
    assert!(!found.is_valid() || message.deviations().is_empty());
    for signer in &found.signers {
        assert!(!signer.is_valid() || signer.certificate.is_some());
        assert_eq!(signer.certificate.is_none(), signer.signature == SignatureCheck::NoCertificate);
        assert!(signer.certificate.is_none_or(|certificate| signer.identifier.names(certificate)));
    }
    // Nobody has signed without the content.
    let without = message.verify(&[], |_| None);
    assert!(!without.is_valid());
    // For logs: must not fail.
    assert!(!format!("{message:?}").is_empty());
});
