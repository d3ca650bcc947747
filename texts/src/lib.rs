//! Texts for people: Fluent catalogues, one per language, compiled into the program.
#![forbid(unsafe_code)]

pub use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// A language that there are texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language of this process' environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    pub fn from_environment() -> Self {
        Self::from_locale(&message_locale().unwrap_or_default())
    }

    /// The language for a locale name like `zh_CN.UTF-8`: Chinese when it starts with `zh`, else English.
    pub fn from_locale(locale: &str) -> Self {
        match locale.get(..2) {
            Some(language) if language.eq_ignore_ascii_case("zh") => Self::Chinese,
            _ => Self::English,
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        let tag = match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        };
        // Both are valid; the default, "und", would only cost the plural forms.
        tag.parse().unwrap_or_default()
    }
}

/// The locale for messages: POSIX' order of the variables; empty ones count as unset.
pub fn message_locale() -> Option<String> {
    first_set(&["LC_ALL", "LC_MESSAGES", "LANG"])
}

/// The first of these environment variables that is set and not empty.
pub fn first_set(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The texts of a program in one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    language: Language,
}

impl Catalogue {
    /// The catalogue of `language`, out of the program's two Fluent sources (usually from `include_str!`).
    ///
    /// Entries that Fluent can't read are left out: hold both sources together with [`keys`] in a test.
    pub fn new(language: Language, zh: &str, en: &str) -> Self {
        let source = match language {
            Language::Chinese => zh,
            Language::English => en,
        };
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(source.to_owned());
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Isolation marks are invisible characters, which pinentry and terminals show as boxes.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { bundle, language }
    }

    /// The language of the texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text called `key`; the key itself when there is none, so that a mistake shows.
    pub fn text(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text called `key` with its variables filled in: `text_with("line-user", &[("user", "Li")])`. Numbers
    /// take part in plural forms when given as [`FluentValue`].
    pub fn text_with<'a, V>(&self, key: &str, values: &[(&'a str, V)]) -> String
    where
        V: Into<FluentValue<'a>> + Clone,
    {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, value.clone());
        }
        self.format(key, Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        self.bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
    }
}

/// The message names in a Fluent source, sorted: for a test that two languages have the same ones.
///
/// # Errors
/// Fluent's own words for each entry that it can't read.
pub fn keys(source: &str) -> Result<Vec<String>, Vec<String>> {
    let resource = FluentResource::try_new(source.to_owned())
        .map_err(|(_, errors)| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut bundle = FluentBundle::new_concurrent(vec![Language::English.identifier()]);
    let names: Vec<String> = source
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim_end()))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect();
    bundle.add_resource(resource).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut found: Vec<String> = names.into_iter().filter(|name| bundle.has_message(name)).collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: &str = "greeting = 您好，{ $name }\nplain = 文字";
    const EN: &str =
        "greeting = Hello { $name }\nkeys = { $count ->\n    [one] one Key\n   *[other] { $count } Keys\n }";

    #[test]
    fn the_language_follows_the_locale_name() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Language::Chinese),
            ("zh", Language::Chinese),
            ("ZH_TW", Language::Chinese),
            ("en_GB", Language::English),
            ("C", Language::English),
            ("", Language::English),
            ("é", Language::English),
        ] {
            assert_eq!(Language::from_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn both_language_tags_are_valid() {
        for language in [Language::Chinese, Language::English] {
            assert_ne!(language.identifier(), LanguageIdentifier::default());
        }
    }

    #[test]
    fn variables_are_filled_in_without_isolation_marks() {
        assert_eq!(Catalogue::new(Language::Chinese, ZH, EN).text_with("greeting", &[("name", "李")]), "您好，李");
        let english = Catalogue::new(Language::English, ZH, EN);
        assert_eq!(english.text_with("keys", &[("count", 1)]), "one Key");
        assert_eq!(english.text_with("keys", &[("count", 4)]), "4 Keys");
        assert_eq!(english.text("absent"), "absent");
    }

    #[test]
    fn keys_are_listed_and_unreadable_entries_reported() {
        assert_eq!(keys(EN), Ok(vec!["greeting".to_owned(), "keys".to_owned()]));
        assert!(keys("broken = {").is_err());
    }
}
