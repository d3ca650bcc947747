//! The unified social credit code (统一社会信用代码, USCC) of a unit: GB 32100-2015.

use crate::text::narrow;
use crate::{ParseError, resident};
use std::fmt;
use std::str::FromStr;

/// Characters of a code.
const LENGTH: usize = 18;
/// The characters in the order of their values: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// First characters: the departments that register units.
const DEPARTMENTS: &[u8] = b"123456789ANY";

/// A valid code of a unit: department, category, six digits of a region, nine characters of the organisation, check
/// character. Never the identity number of a person, though 1 in 31 of those has a fitting check character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uscc(String);

impl Uscc {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in `text`, which may stand between or directly after other characters (`SF…`, `2@6021…`).
    ///
    /// Lower-case and full-width letters and digits count as their plain forms. Each run of letters and digits is
    /// searched from its end, since what CAs add stands in front. A run that holds anything like a person's identity
    /// number gives nothing: a window across that number could fit by chance and show most of it.
    pub fn find(text: &str) -> Option<Self> {
        let text = narrow(text).to_ascii_uppercase();
        text.split(|character: char| !character.is_ascii_alphanumeric()).find_map(Self::find_in_run)
    }

    fn find_in_run(run: &str) -> Option<Self> {
        let mut found = None;
        for window in run.as_bytes().windows(LENGTH).rev() {
            match Self::from_bytes(window) {
                Ok(code) => found = found.or(Some(code)),
                Err(ParseError::ResidentNumber) => return None,
                Err(_) => {}
            }
        }
        found
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        // First, so that a mistyped identity number is recognised too.
        if is_resident_number(bytes) {
            return Err(ParseError::ResidentNumber);
        }
        if bytes.len() != LENGTH || !DEPARTMENTS.contains(&bytes[0]) || !bytes[2..8].iter().all(u8::is_ascii_digit) {
            return Err(ParseError::UsccMalformed);
        }
        let text = str::from_utf8(bytes).map_err(|_| ParseError::UsccMalformed)?;
        match check_sum(bytes) {
            Some(0) => Ok(Self(text.to_owned())),
            Some(_) => Err(ParseError::UsccCheckCharacter),
            None => Err(ParseError::UsccMalformed),
        }
    }
}

impl FromStr for Uscc {
    type Err = ParseError;

    /// Reads exactly the 18 characters, in upper case.
    ///
    /// # Errors
    /// [`ParseError::UsccMalformed`], [`ParseError::UsccCheckCharacter`], [`ParseError::ResidentNumber`].
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_bytes(text.as_bytes())
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The characters' values, weighted by the powers of 3, modulo 31; zero when the check character (of weight 1) fits.
/// `None` for a character outside the alphabet.
fn check_sum(code: &[u8]) -> Option<usize> {
    let (check, body) = code.split_last()?;
    let mut weight = 1;
    let mut sum = value(*check)?;
    for character in body {
        sum += value(*character)? * weight;
        weight = weight * 3 % ALPHABET.len();
    }
    Some(sum % ALPHABET.len())
}

fn value(character: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == character)
}

/// Tells an identity number from a code that looks like one. Few codes do: those of a region ending in 18, 19 or 20,
/// with an organisation of digits only that read as a date. The identity number's own check character decides; then
/// the organisation's, since its nine characters hold one of their own (GB 11714-1997). In doubt it counts as a
/// person's, and the unit's code is not shown.
fn is_resident_number(bytes: &[u8]) -> bool {
    resident::has_form(bytes)
        && (resident::check_character_fits(bytes)
            || !organisation_check_fits(&bytes[8..17])
            || check_sum(bytes) != Some(0))
}

/// GB 11714-1997 for nine digits: weights 3 7 9 10 5 8 4 2, then 11 − Σ mod 11, where 10 is written X and 11 is 0.
fn organisation_check_fits(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 9] = [3, 7, 9, 10, 5, 8, 4, 2, 1];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, proptest};

    const EXAMPLE: &str = "91350100M000100Y43";

    /// The code with its check character for 17 characters of the alphabet.
    fn completed(body: &str) -> String {
        ALPHABET
            .iter()
            .map(|check| format!("{body}{}", char::from(*check)))
            .find(|code| check_sum(code.as_bytes()) == Some(0))
            .unwrap()
    }

    #[test]
    fn the_example_of_the_standard_is_valid() {
        assert_eq!(EXAMPLE.parse::<Uscc>().unwrap().as_str(), EXAMPLE);
    }

    #[test]
    fn any_other_single_character_is_refused() {
        for place in 0..LENGTH {
            for other in ALPHABET.iter().filter(|other| **other != EXAMPLE.as_bytes()[place]) {
                let mut code = EXAMPLE.as_bytes().to_vec();
                code[place] = *other;
                assert!(Uscc::from_bytes(&code).is_err(), "{}", String::from_utf8_lossy(&code));
            }
        }
    }

    #[test]
    fn what_is_not_in_the_alphabet_or_of_the_length_is_refused() {
        for text in ["", "91350100M000100Y4", "91350100M000100Y433", "91350100I000100Y43", "91350100m000100y43"] {
            assert_eq!(text.parse::<Uscc>(), Err(ParseError::UsccMalformed), "{text}");
        }
        assert_eq!("91350100M000100Y44".parse::<Uscc>(), Err(ParseError::UsccCheckCharacter));
        assert!("九1350100M000100Y4".parse::<Uscc>().is_err());
    }

    #[test]
    fn a_code_is_found_behind_prefixes_and_between_other_text() {
        for text in [
            EXAMPLE.to_owned(),
            format!("SF{EXAMPLE}"),
            format!("2@6021{EXAMPLE}"),
            format!("2@6021SF0{EXAMPLE}@1"),
            format!("统一社会信用代码：{EXAMPLE}。"),
            EXAMPLE.to_lowercase(),
            "９１３５０１００Ｍ０００１００Ｙ４３".to_owned(),
        ] {
            assert_eq!(Uscc::find(&text).unwrap().as_str(), EXAMPLE, "{text}");
        }
        assert_eq!(Uscc::find("91350100 M000100Y43"), None);
    }

    #[test]
    fn an_identity_number_with_a_fitting_check_character_is_not_a_code() {
        // Both check characters fit; found by trying the serial part.
        let number = (0..1000)
            .flat_map(|serial| (0..=10).map(move |check| (serial, check)))
            .map(|(serial, check)| {
                let check = if check == 10 { "X".to_owned() } else { check.to_string() };
                format!("53010319900101{serial:03}{check}")
            })
            .find(|n| check_sum(n.as_bytes()) == Some(0) && resident::check_character_fits(n.as_bytes()))
            .unwrap();
        assert_eq!(number.parse::<Uscc>(), Err(ParseError::ResidentNumber));
        for text in [format!("SF{number}"), format!("2@6021SF0{number}"), format!("9{number}"), format!("{number}1")] {
            assert_eq!(Uscc::find(&text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_whose_code_reads_like_a_birthday_keeps_it() {
        // A hospital of the district 310120, whose organisation reads as a 1 May: only the check characters tell.
        let alike: Vec<String> = (0..1000)
            .map(|rest| completed(&format!("12310120420501{rest:03}")))
            .filter(|code| resident::has_form(code.as_bytes()) && !resident::check_character_fits(code.as_bytes()))
            .collect();
        let (units, people): (Vec<_>, Vec<_>) =
            alike.iter().partition(|code| organisation_check_fits(&code.as_bytes()[8..17]));
        assert!(!units.is_empty() && !people.is_empty());
        assert!(units.iter().all(|code| code.parse::<Uscc>().is_ok()));
        assert!(people.iter().all(|code| code.parse::<Uscc>() == Err(ParseError::ResidentNumber)));
    }

    #[test]
    fn of_two_codes_that_overlap_the_last_is_taken() {
        // A digit in front of a code such that the first 18 characters fit as well.
        let overlapping = (0..1000).find_map(|serial| {
            let code = completed(&format!("12530000M1234{serial:04}"));
            let text = format!("1{code}");
            text[..LENGTH].parse::<Uscc>().is_ok().then_some((text, code))
        });
        let (text, code) = overlapping.unwrap();
        assert_eq!(Uscc::find(&text).unwrap().as_str(), code);
    }

    proptest! {
        #[test]
        fn no_text_with_an_identity_number_gives_a_code(
            before in "[0-9A-Za-z@]{0,12}", region in 0_u32..10_000, day in 1_u32..29, month in 1_u32..13,
            year in 1930_u32..2026, serial in 0_u32..1000, after in "[0-9A-Za-z]{0,6}",
        ) {
            let body = format!("53{region:04}{year}{month:02}{day:02}{serial:03}");
            let number = "0123456789X".chars().map(|check| format!("{body}{check}"))
                .find(|number| resident::check_character_fits(number.as_bytes())).unwrap();
            let text = format!("{before}{number}{after}");
            assert_eq!(Uscc::find(&text), None, "{text}");
        }

        #[test]
        fn find_never_panics_and_gives_only_valid_codes(text in any::<String>()) {
            if let Some(code) = Uscc::find(&text) {
                assert!(code.as_str().parse::<Uscc>().is_ok());
            }
        }
    }
}
