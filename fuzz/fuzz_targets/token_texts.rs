//! What a Key says of itself: shown as one bounded line without anything that hides or reorders, whatever it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ukey_formats::text::one_line;

/// Bounds that the daemon uses, and the edges.
const BOUNDS: [usize; 5] = [0, 1, 64, 128, 400];

fuzz_target!(|data: &[u8]| {
    // As the shim hands on what is no UTF-8.
    let text = String::from_utf8_lossy(data);
    for bound in BOUNDS {
        let line = one_line(&text, bound);
        assert!(line.chars().count() <= bound);
        assert_eq!(one_line(&line, bound), line, "shown again, it changes");
        assert_eq!(line.trim(), line);
        assert!(!line.chars().any(hides), "{line:?}");
    }
});

/// Control and bidirectional characters, byte order mark, tags: the worst of what may not be shown, listed by itself.
fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
