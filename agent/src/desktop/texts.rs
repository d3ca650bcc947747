//! The texts of the desktop, and what several parts of it say alike.

use super::expiry::calendar;
use super::keys::{Certificate, Key, Login};
use super::state::State;
use crate::texts::{Catalogue, FluentValue, Language};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ukey_dbus::{KeyKind, PinState, TokenState, Validity};
use ukey_formats::text::one_line;
use ukey_guidance::Directory;

const ZH: &str = include_str!("../../locales/zh-CN/desktop.ftl");
const EN: &str = include_str!("../../locales/en/desktop.ftl");

/// Longest name of a Key or unit where there is little room, in characters.
const NAME_MAX: usize = 32;

/// The catalogue, and what the CAs say.
pub(crate) struct Texts(Catalogue, Directory);

impl Texts {
    /// In this language, without a word of any CA.
    #[cfg(test)]
    pub(crate) fn new(language: Language) -> Self {
        Self::with_directory(language, Directory::default())
    }

    /// In this language.
    pub(crate) fn with_directory(language: Language, directory: Directory) -> Self {
        Self(Catalogue::new(language, ZH, EN), directory)
    }

    /// What the CAs say.
    pub(crate) fn directory(&self) -> &Directory {
        &self.1
    }

    /// Their language.
    pub(crate) fn language(&self) -> Language {
        self.0.language()
    }

    /// The text called `key`.
    pub(crate) fn text(&self, key: &str) -> String {
        self.0.text(key)
    }

    /// The text called `key` with its variables.
    pub(crate) fn with<'a, V>(&self, key: &str, values: &[(&'a str, V)]) -> String
    where
        V: Into<FluentValue<'a>> + Clone,
    {
        self.0.text_with(key, values)
    }

    /// What to call a Key: the unit, and its label where that says more.
    pub(crate) fn key(&self, key: &Key) -> String {
        let (unit, label) = (one_line(key.unit(), NAME_MAX), one_line(key.name(), NAME_MAX));
        match unit.as_str() {
            "" => label,
            unit if unit == label => label,
            unit => self.with("menu-key-with-label", &[("unit", unit), ("label", &label)]),
        }
    }

    /// How long a certificate is valid still, at `now` (Unix seconds), in days of the user's calendar.
    pub(crate) fn days(&self, certificate: &Certificate, now: i64) -> String {
        if certificate.validity == Some(Validity::NotYetValid) {
            return self.text("days-not-yet");
        }
        let now = now.max(0).unsigned_abs();
        match calendar().days_left(certificate.not_after, now) {
            0 if now > certificate.not_after => self.text("days-over-today"),
            0 => self.text("days-last"),
            days @ 1.. => self.with("days-left", &[("days", days)]),
            days => self.with("days-over", &[("days", days.saturating_neg())]),
        }
    }

    /// How long the Key's first certificate to end is valid still; nothing without one.
    pub(crate) fn key_days(&self, key: &Key, now: i64) -> Option<String> {
        let first = key.current().min_by_key(|certificate| certificate.not_after)?;
        Some(self.days(first, now))
    }

    /// A Key with its days.
    pub(crate) fn key_with_days(&self, key: &Key, now: i64) -> String {
        let name = self.key(key);
        match self.key_days(key, now) {
            Some(days) => self.with("menu-key-with-days", &[("key", name), ("days", days)]),
            None => name,
        }
    }

    /// What the tray says of a state.
    pub(crate) fn state(&self, state: State) -> String {
        self.text(&format!("state-{}", state.name()))
    }

    /// What is to be said of a Key, in a few words: what troubles it, else what it does.
    pub(crate) fn key_state(&self, key: &Key) -> String {
        let word = match (key.state, key.pin_state) {
            (Some(TokenState::ModuleFailed), _) => "module-failed",
            (_, Some(PinState::Locked)) if !key.unblock_supported => "locked-for-good",
            (_, Some(PinState::Locked)) => "locked",
            (_, Some(PinState::FinalTry)) => "final-try",
            (_, Some(PinState::Low)) => match key.tries {
                Some(tries) => return self.with("key-low-tries", &[("tries", tries)]),
                None => "low",
            },
            (_, Some(PinState::ToBeChanged)) => "to-be-changed",
            (_, Some(PinState::NotSet)) => "not-set",
            _ if key.current().count() > 0 && !key.current().any(Certificate::is_in_force) => "expired",
            (Some(TokenState::LoggedIn), _) if key.login == Login::Mine => "logged-in",
            (Some(TokenState::LoggedIn), _) => "logged-in-other",
            (Some(TokenState::Present), _) => "present",
            _ => "ready",
        };
        self.text(&format!("key-{word}"))
    }

    /// The kind of a certificate's key.
    pub(crate) fn kind(&self, certificate: &Certificate) -> String {
        if certificate.key_type == KeyKind::Sm2.as_str() {
            self.text("kind-sm2")
        } else {
            self.with("kind-other", &[("type", certificate.key_type.to_ascii_uppercase())])
        }
    }

    /// The local date of Unix seconds.
    pub(crate) fn date(seconds: u64) -> String {
        let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        timestamp.unwrap_or(Timestamp::MAX).to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
    }
}

/// The computer's clock, Unix seconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use crate::texts::keys;

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys(ZH).unwrap(), keys(EN).unwrap());
        assert!(keys(ZH).unwrap().len() > 50);
    }

    #[test]
    fn every_text_that_the_code_names_is_there() {
        let known = keys(EN).unwrap();
        let sources = [
            include_str!("texts.rs"),
            include_str!("details.rs"),
            include_str!("actions.rs"),
            include_str!("form.rs"),
            include_str!("tray/model.rs"),
            include_str!("teller.rs"),
            include_str!("windows.rs"),
        ];
        let named: Vec<&str> = sources
            .iter()
            .flat_map(|source| [".text(\"", ".with(\""].map(|call| source.split(call).skip(1)))
            .flatten()
            .filter_map(|rest| rest.split('"').next())
            .filter(|name| !name.is_empty())
            .collect();
        for name in &named {
            assert!(known.contains(&(*name).to_owned()), "{name}");
        }
        assert!(named.len() > 30);
        for state in State::ALL {
            assert!(known.contains(&format!("state-{}", state.name())));
        }
    }

    #[test]
    fn a_key_is_called_by_its_unit_and_says_what_troubles_it() {
        let mut key = fixture::snapshot().keys[0].clone();
        let chinese = Texts::new(Language::Chinese);
        assert_eq!(chinese.key_with_days(&key, 1_800_000_000 - 3 * 86_400), "某县人民医院（采购） · 剩 3 天");
        assert_eq!(chinese.key_state(&key), "可以使用");
        key.pin_state = Some(PinState::Low);
        key.tries = Some(2);
        assert_eq!(chinese.key_state(&key), "之前输错过 PIN 码，还剩 2 次");
        let english = Texts::new(Language::English);
        key.tries = Some(1);
        assert_eq!(english.key_state(&key), "the PIN was entered wrongly, 1 try left");
        assert_eq!(english.key_days(&key, 1_800_000_000 + 86_400).as_deref(), Some("expired 1 day ago"));
    }
}
