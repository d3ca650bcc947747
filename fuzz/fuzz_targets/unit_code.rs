//! A unit's code in the text of a certificate: what is found is one, stands in the text, and is found in itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::Uscc;

fuzz_target!(|text: &str| {
    // Strictly: the whole text or nothing.
    if let Ok(code) = text.parse::<Uscc>() {
        assert_eq!(code.as_str(), text);
    }
    let Some(code) = Uscc::find(text) else { return };
    assert_eq!(code.as_str().parse().as_ref(), Ok(&code));
    assert_eq!(Uscc::find(code.as_str()).as_ref(), Some(&code));
    if text.is_ascii() {
        assert!(text.to_ascii_uppercase().contains(code.as_str()));
    }
});
