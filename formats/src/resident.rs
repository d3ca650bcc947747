//! Identity numbers of people (GB 11643-1999, 18 characters): personal data, known here only to be kept out.

use crate::text::narrow;
use crate::uscc::Uscc;

/// Characters of an identity number, and of a unified social credit code.
const LENGTH: usize = 18;
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

/// `text` with every run of 18 or more digits (17 and an X as well) replaced by asterisks, unless it is a unified
/// social credit code. Wider than the form of an identity number, so that a mistyped one is not shown either.
pub(crate) fn mask(text: &str) -> String {
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
    fn other_numbers_and_units_stay() {
        for text in ["", "云南省第一医院", "第12医院 0871-6312 3456", "12530000431200001Q", "91350100M000100Y43"]
        {
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
