//! Identity numbers of people (GB 11643-1999, 18 characters): personal data, known here only to be kept out.

use crate::text::narrow;
use crate::uscc::Uscc;
use std::borrow::Cow;

/// Characters of an identity number, and of a unified social credit code.
const LENGTH: usize = 18;
/// Most separators between two groups of one number.
const SEPARATORS_MAX: usize = 2;
/// What stands in the place of each character of a number that is not shown.
const MASK: char = '*';
/// First two digits of the numbers that are issued: provinces, Taiwan, Hong Kong, Macao, residence permits.
const PROVINCES: &[u32] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82, 83, 91, 92, 93, 94,
];

/// Is this a number that a person could have: a province, a date of birth from 1800 to 2099, 17 digits and a check
/// character, right or not?
pub(crate) fn has_form(number: &[u8]) -> bool {
    number.len() == LENGTH
        && number[..LENGTH - 1].iter().all(u8::is_ascii_digit)
        && matches!(number[LENGTH - 1], b'0'..=b'9' | b'X')
        && PROVINCES.contains(&decimal(&number[..2]))
        && (1800..=2099).contains(&decimal(&number[6..10]))
        && (1..=12).contains(&decimal(&number[10..12]))
        && (1..=31).contains(&decimal(&number[12..14]))
}

/// Is the check character right (ISO 7064, MOD 11-2)? For a number that [`has_form`].
pub(crate) fn check_character_fits(number: &[u8]) -> bool {
    let remainder = number.iter().fold(0, |sum, character| {
        let value = if *character == b'X' { 10 } else { u32::from(character.wrapping_sub(b'0')) };
        (sum * 2 + value) % 11
    });
    remainder == 1
}

/// `text` with every identity number of a person in it replaced by asterisks, however it is written.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let characters = text.chars().filter(|character| is_digit(*character) || is_x(*character)).count();
    if characters < LENGTH { Cow::Borrowed(text) } else { Cow::Owned(mask_groups(&mask_runs(text))) }
}

/// `text` with every run of 18 or more digits (17 and an X as well) replaced by asterisks, unless it is a unified
/// social credit code. Wider than the form of an identity number, so that a mistyped one is not shown either.
fn mask_runs(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, from_run) = rest.split_at(start);
        masked.push_str(before);
        let (run, after) = from_run.split_at(run_length(from_run));
        if run.chars().count() < LENGTH || narrow(run).parse::<Uscc>().is_ok() {
            masked.push_str(run);
        } else {
            masked.extend(run.chars().map(|_| MASK));
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// `text` with the identity numbers replaced that are written in groups: `110105 19491231 002X`. Numbers of orders and
/// telephones are written so too: these have the form of an identity number, and are groups as a whole or have the right
/// check character.
fn mask_groups(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let mut digits: Vec<usize> = Vec::new();
    for at in 0..=characters.len() {
        let character = characters.get(at).copied();
        if character.is_some_and(|character| is_digit(character) || is_x(character)) {
            digits.push(at);
        } else if !character.is_some_and(is_separator) || digits.last().is_some_and(|last| at - last > SEPARATORS_MAX) {
            mask_windows(&mut characters, &digits);
            digits.clear();
        }
    }
    characters.into_iter().collect()
}

/// Replaces the identity numbers among these digits, which stand at these places in groups.
fn mask_windows(characters: &mut [char], digits: &[usize]) {
    let plain: Vec<u8> = digits.iter().map(|at| ascii(characters[*at])).collect();
    for (window, places) in plain.windows(LENGTH).zip(digits.windows(LENGTH)) {
        let (first, last) = (places[0], places[LENGTH - 1]);
        let alone = !digits.contains(&first.wrapping_sub(1)) && !digits.contains(&(last + 1));
        let in_groups = last - first >= LENGTH;
        let unit = str::from_utf8(window).is_ok_and(|window| window.parse::<Uscc>().is_ok());
        if in_groups && has_form(window) && (alone || check_character_fits(window)) && !unit {
            places.iter().for_each(|place| characters[*place] = MASK);
        }
    }
}

/// A digit or an X in any of its forms, as ASCII.
fn ascii(character: char) -> u8 {
    if is_x(character) { b'X' } else { narrow(character.encode_utf8(&mut [0; 4])).bytes().next().unwrap_or_default() }
}

/// What stands between the groups of a number.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '–' | '—' | '－' | '.' | '．' | '·' | '_' | '/' | '／')
}

/// Length in bytes of the digits at the start of `text`, with the X that may stand after 17 of them.
fn run_length(text: &str) -> usize {
    let digits = text.find(|character| !is_digit(character)).unwrap_or(text.len());
    let (run, rest) = text.split_at(digits);
    match rest.chars().next() {
        Some(next) if is_x(next) && run.chars().count() >= LENGTH - 1 => digits + next.len_utf8(),
        _ => digits,
    }
}

/// A decimal digit, also of the full width of Chinese input methods.
fn is_digit(character: char) -> bool {
    matches!(character, '0'..='9' | '０'..='９')
}

/// The check character X in its four forms.
fn is_x(character: char) -> bool {
    matches!(character, 'x' | 'X' | 'ｘ' | 'Ｘ')
}

/// Value of a few ASCII digits.
fn decimal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    /// The example number of GB 11643-1999, and one whose check character is X.
    const EXAMPLES: &[&str] = &["11010519491231002X", "440524188001010014"];

    #[test]
    fn the_examples_of_the_standard_are_recognised() {
        for example in EXAMPLES {
            assert!(has_form(example.as_bytes()) && check_character_fits(example.as_bytes()), "{example}");
        }
        assert!(!check_character_fits(b"110105194912310021"));
        assert!(!has_form(b"110105194913310021") && !has_form(b"990105194912310021") && !has_form(b"11010519491231"));
    }

    #[test]
    fn identity_numbers_are_masked_in_every_writing() {
        assert_eq!(mask("张三11010519491231002X"), "张三******************");
        assert_eq!(mask("11010519491231002x@医院"), "******************@医院");
        assert_eq!(mask("SF1１0105194912310021号"), "SF******************号");
        assert_eq!(mask("0110105194912310021 ok"), "******************* ok");
    }

    #[test]
    fn identity_numbers_in_groups_are_masked_too() {
        assert_eq!(mask("张三 110105 19491231 002X 的订单"), "张三 ****** ******** **** 的订单");
        assert_eq!(mask("110105-1949-12-31-002x"), "******-****-**-**-****");
        assert_eq!(mask("１１０１０５　１９４９１２３１　００２Ｘ"), "******　********　****");
        assert_eq!(mask("44052 4188001 010014"), "***** ******* ******", "wherever the groups end");
        assert_eq!(mask("110105 19491231 0021"), "****** ******** ****", "mistyped");
        assert_eq!(mask("No 77110105 19491231 002X5"), "No 77****** ******** ****5", "within longer groups");
        let digits = "11010519491231002X".chars();
        assert_eq!(mask(&digits.map(|digit| format!("{digit} ")).collect::<String>()), "* ".repeat(18));
    }

    #[test]
    fn other_numbers_and_units_stay() {
        for text in [
            "",
            "云南省第一医院",
            "第12医院 0871-6312 3456",
            "12530000431200001Q",
            "91350100M000100Y43",
            "采购 2026-11-22 001, 2026-11-23 002",
            "13800138000 13900139000",
            "x X 12 xx",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_run_of_eighteen_digits_is_left_but_a_uscc(text in "[0-9０-９xXa医 ]{0,60}") {
            let masked = mask(&text);
            assert_eq!(masked.chars().count(), text.chars().count());
            for run in masked.split(|c| !is_digit(c)).filter(|run| run.chars().count() >= LENGTH) {
                assert!(narrow(run).parse::<Uscc>().is_ok(), "{masked}");
            }
        }
    }
}
