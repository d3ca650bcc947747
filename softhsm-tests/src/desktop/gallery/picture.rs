//! A picture of a view.

use super::view::View;
use crate::desktop::{Colours, Desktop, Locale};
use crate::etc::install_ca_texts;
use std::path::Path;

/// A view in a language and in colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What is seen.
    pub view: View,
    /// In which language.
    pub locale: Locale,
    /// In which colours.
    pub colours: Colours,
}

impl Picture {
    /// Every picture that there has to be: each view in Chinese and in English, and on a dark panel what is on one.
    pub fn all() -> Vec<Self> {
        let of = |view: View| {
            let light = [Locale::Chinese, Locale::English].map(|locale| (locale, Colours::Light));
            let dark = view.is_on_the_panel().then_some((Locale::Chinese, Colours::Dark));
            light.into_iter().chain(dark).map(move |(locale, colours)| Self { view, locale, colours })
        };
        View::all().into_iter().flat_map(of).collect()
    }

    /// Its file below `docs/screenshots`: `desktop/ready.zh-CN.png`.
    pub fn name(self) -> String {
        let kind = match (self.colours, self.locale) {
            (Colours::Dark, _) => "dark",
            (Colours::Light, Locale::Chinese) => "zh-CN",
            (Colours::Light, Locale::English) => "en",
        };
        format!("{}.{kind}.png", self.view.name())
    }

    /// Brings it about, and photographs it into this PNG file.
    pub async fn take(self, file: &Path) {
        install_ca_texts();
        let mut desktop = Desktop::start(self.view.person(), self.locale, self.colours).await;
        self.view.furnish(&mut desktop).await;
        let builder = self.view.builder().ca("云南CA").desktop(desktop, self.view.dialogs());
        let mut fixture = builder.start().await;
        self.view.bring_about(&mut fixture).await;
        let screen = fixture.desktop().screen();
        screen.wait_until_still().await;
        screen.photograph_part(self.view.frame().part(), file);
    }
}
