//! The texts of the agent, as they stand in its catalogues: titles of windows, lines of menus, letters of buttons.

use crate::desktop::Locale;
use ukey_texts::{Catalogue, Language, keys};

/// A catalogue of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Of dialogs.
    Dialogs,
    /// Of tray, menu and most notices.
    Desktop,
    /// Of certificates that end.
    Expiry,
}

const DIALOGS: [&str; 2] =
    [include_str!("../../../../agent/locales/zh-CN/agent.ftl"), include_str!("../../../../agent/locales/en/agent.ftl")];
const DESKTOP: [&str; 2] = [
    include_str!("../../../../agent/locales/zh-CN/desktop.ftl"),
    include_str!("../../../../agent/locales/en/desktop.ftl"),
];
const EXPIRY: [&str; 2] = [
    include_str!("../../../../agent/locales/zh-CN/expiry.ftl"),
    include_str!("../../../../agent/locales/en/expiry.ftl"),
];

impl Words {
    /// The text called `key`, without variables.
    pub fn text(self, locale: Locale, key: &str) -> String {
        let [zh, en] = self.sources();
        let language = match locale {
            Locale::Chinese => Language::Chinese,
            Locale::English => Language::English,
        };
        Catalogue::new(language, zh, en).text(key)
    }

    /// The names of all texts that are titles of something to see.
    pub fn titles(self) -> Vec<String> {
        let is_title = |key: &String| match self {
            // Its windows have the titles of the catalogue of the desktop.
            Self::Expiry => key.starts_with("title-"),
            Self::Dialogs | Self::Desktop => key.ends_with("-title"),
        };
        keys(self.sources()[0]).unwrap().into_iter().filter(is_title).collect()
    }

    /// The letter that presses the button with this text: 允许(_A) has A.
    pub(super) fn letter(self, locale: Locale, key: &str) -> char {
        let text = self.text(locale, key);
        let (_, rest) = text.split_once('_').unwrap_or_else(|| panic!("no letter in {text}"));
        rest.chars().next().unwrap().to_ascii_lowercase()
    }

    fn sources(self) -> [&'static str; 2] {
        match self {
            Self::Dialogs => DIALOGS,
            Self::Desktop => DESKTOP,
            Self::Expiry => EXPIRY,
        }
    }
}
