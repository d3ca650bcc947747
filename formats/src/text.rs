//! Text that a Key or a program supplied, made fit to show: one line, bounded, nothing invisible in it.

use std::borrow::Cow;

/// What stands at the end of a text that was cut.
const ELLIPSIS: char = '…';

/// Makes `text` one plain line of at most `max_chars` characters, ending in `…` where it was cut.
///
/// White space, control characters and line or paragraph separators become one space for each run, none at either
/// end. What has no glyph of its own is dropped: format characters (bidirectional controls, zero-width characters,
/// tags, soft hyphens), variation selectors, fillers, private use and noncharacters. Such text could otherwise
/// reorder, hide or imitate what stands beside it. Joiners are lost with them, so a composed emoji shows as its parts.
///
/// The result is plain text, not escaped: markup, Assuan and CSV have rules of their own. Calling it again with the
/// same bound changes nothing. Only as much of `text` is read as the result needs.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max_chars.saturating_mul(4)));
    let mut length = 0;
    // Byte length of the line before its last character: where it is cut if one too many follows.
    let mut cut = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            gap = length > 0;
            continue;
        }
        if is_invisible(character) {
            continue;
        }
        for shown in gap.then_some(' ').into_iter().chain([character]) {
            if length == max_chars {
                return shortened(line, cut, max_chars);
            }
            cut = line.len();
            line.push(shown);
            length += 1;
        }
        gap = false;
    }
    line
}

/// `text` with every identity number of a person (GB 11643) in it replaced by `*`: such numbers are in no record.
pub fn without_resident_numbers(text: &str) -> Cow<'_, str> {
    crate::resident::mask(text)
}

/// `text` with the full-width forms of ASCII (U+FF01 to U+FF5E), which Chinese input methods write, as plain ASCII.
pub(crate) fn narrow(text: &str) -> String {
    const SHIFT: u32 = 0xFEE0;
    text.chars()
        .map(|character| match character {
            '！'..='～' => char::from_u32(u32::from(character) - SHIFT).unwrap_or(character),
            _ => character,
        })
        .collect()
}

/// `line` cut at `cut`, with the mark that says so.
fn shortened(mut line: String, cut: usize, max_chars: usize) -> String {
    if max_chars == 0 {
        return String::new();
    }
    line.truncate(cut);
    line.truncate(line.trim_end().len());
    line.push(ELLIPSIS);
    line
}

/// Characters of Unicode 17 without a glyph: general category Cf, default-ignorable code points, blank fillers,
/// private use and noncharacters.
fn is_invisible(character: char) -> bool {
    let code = u32::from(character);
    code & 0xFFFE == 0xFFFE
        || matches!(code,
            0x00AD | 0x034F | 0x061C | 0x06DD | 0x070F | 0x08E2 | 0x2800 | 0x3164 | 0xFEFF | 0xFFA0
            | 0x0600..=0x0605
            | 0x0890..=0x0891
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x2028..=0x202E
            | 0x2060..=0x206F
            | 0xE000..=0xF8FF
            | 0xFDD0..=0xFDEF
            | 0xFE00..=0xFE0F
            | 0xFFF0..=0xFFFB
            | 0x110BD
            | 0x110CD
            | 0x13430..=0x1343F
            | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
            | 0xF0000..=0x10FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[test]
    fn runs_of_control_characters_and_white_space_become_one_space() {
        assert_eq!(one_line("\u{1b}[31mred\r\n\t\0 text\u{85}\u{2028}\u{2029}end\u{7f}", 64), "[31mred text end");
        assert_eq!(one_line("云南省\u{3000}第一\u{a0}医院", 64), "云南省 第一 医院");
        assert_eq!(one_line(" \u{200b} \n", 64), "");
    }

    #[test]
    fn what_reorders_or_hides_is_dropped() {
        assert_eq!(one_line("order\u{202e}fdp.exe\u{2066}", 64), "orderfdp.exe");
        assert_eq!(
            one_line("\u{feff}a\u{200b}b\u{ad}c\u{fe0f}d\u{e0041}e\u{e000}f\u{ffff}g\u{1fffe}h", 64),
            "abcdefgh"
        );
    }

    #[test]
    fn an_invisible_character_does_not_split_a_run_of_spaces() {
        assert_eq!(one_line("a \u{200b} b", 64), "a b");
    }

    #[test]
    fn a_cut_is_marked_within_the_bound() {
        assert_eq!(one_line("数字证书", 4), "数字证书");
        assert_eq!(one_line("数字证书 \n", 4), "数字证书");
        assert_eq!(one_line("数字证书介质", 4), "数字证…");
        assert_eq!(one_line("ab cd", 4), "ab…");
        assert_eq!(one_line("ab", 1), "…");
        assert_eq!(one_line("ab", 0), "");
    }

    #[test]
    fn full_width_ascii_is_narrowed_and_nothing_else() {
        assert_eq!(narrow("！Ａｚ０９～医院 a"), "!Az09~医院 a");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn one_line_is_bounded_plain_and_idempotent(text in any::<String>(), max in 0_usize..80) {
            let line = one_line(&text, max);
            assert!(line.chars().count() <= max);
            assert!(!line.chars().any(|c| c.is_control() || is_invisible(c)));
            assert!(!line.contains("  ") && line.trim() == line);
            assert_eq!(one_line(&line, max), line);
        }
    }
}
