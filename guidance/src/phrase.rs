//! Texts of a file, cleaned while they are read, so that a mistake is reported with its line.

use serde::Deserialize;
use ukey_formats::text::one_line;
use ukey_texts::Language;

/// Longest text, in characters.
const MAX_CHARS: usize = 400;
/// Longest list.
const MAX_ITEMS: usize = 20;

/// One plain line that isn't empty.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(crate) struct Phrase(String);

impl Phrase {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Phrase {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.chars().count() > MAX_CHARS {
            return Err(format!("a text has at most {MAX_CHARS} characters"));
        }
        let line = one_line(&text, MAX_CHARS);
        if line.is_empty() { Err("a text must not be empty".to_owned()) } else { Ok(Self(line)) }
    }
}

/// A list of lines; may be empty.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "Vec<Phrase>")]
pub(crate) struct Phrases(Vec<Phrase>);

impl Phrases {
    pub(crate) fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(|phrase| phrase.0.clone()).collect()
    }
}

impl TryFrom<Vec<Phrase>> for Phrases {
    type Error = String;

    fn try_from(items: Vec<Phrase>) -> Result<Self, Self::Error> {
        if items.len() > MAX_ITEMS { Err(format!("a list has at most {MAX_ITEMS} items")) } else { Ok(Self(items)) }
    }
}

/// Something in one language or both.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Localized<T> {
    #[serde(rename = "zh-CN", default = "Option::default")]
    chinese: Option<T>,
    #[serde(rename = "en", default = "Option::default")]
    english: Option<T>,
}

impl<T> Localized<T> {
    /// In this language, else in the other.
    pub(crate) fn get(&self, language: Language) -> Option<&T> {
        preferred(language, self.chinese.as_ref(), self.english.as_ref())
    }
}

/// What is in this language; else what is in the other: something is better than nothing.
pub(crate) fn preferred<'a, T>(language: Language, chinese: Option<&'a T>, english: Option<&'a T>) -> Option<&'a T> {
    match language {
        Language::Chinese => chinese.or(english),
        Language::English => english.or(chinese),
    }
}
