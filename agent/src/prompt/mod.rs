//! The words of the dialogs: who asks, what for, for which Key, what it may cost.

mod facts;
mod message;
mod pin;
mod question;

#[cfg(feature = "desktop")]
pub(crate) use message::plain;
pub(crate) use message::{Message, message};
pub(crate) use pin::{Entry, Remark, pin};
pub(crate) use question::{factory_choice, question};

use crate::context::Context;
use crate::pinentry::DialogTexts;
use crate::requester::Requester;
use crate::texts::{Catalogue, Language};

const ZH: &str = include_str!("../../locales/zh-CN/agent.ftl");
const EN: &str = include_str!("../../locales/en/agent.ftl");

/// What a dialog is about.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) context: &'a Context,
    pub(crate) requester: &'a Requester,
}

/// Where a dialog is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// In a window, which grows with its text.
    Window,
    /// On a terminal of this many rows.
    Terminal(usize),
}

impl Screen {
    /// Most lines of a description. Pinentry-curses needs 8 rows for a warning, the prompt, the buttons and the frame,
    /// and refuses the dialog when there are fewer.
    fn lines(self) -> usize {
        match self {
            Self::Window => usize::MAX,
            Self::Terminal(rows) => rows.saturating_sub(8),
        }
    }
}

/// The agent's own catalogue.
pub(crate) fn catalogue(language: Language) -> Catalogue {
    Catalogue::new(language, ZH, EN)
}

/// What pinentry says by itself, in the language of the dialog (`default-…` options).
fn own_words(texts: &Catalogue, prompt: &str) -> Vec<(&'static str, String)> {
    vec![
        ("default-ok", texts.text("button-ok")),
        ("default-cancel", texts.text("button-cancel")),
        ("default-prompt", prompt.to_owned()),
        ("default-tt-visi", texts.text("tooltip-show")),
        ("default-tt-hide", texts.text("tooltip-hide")),
        ("default-capshint", texts.text("hint-caps-lock")),
    ]
}

/// The same dialog for a terminal that shows ASCII only: every other character becomes `?`, the indent dots.
pub(crate) fn in_ascii(mut texts: DialogTexts) -> DialogTexts {
    let own_words = texts.own_words.iter_mut().map(|(_, text)| text);
    let shown = [&mut texts.title, &mut texts.description, &mut texts.prompt, &mut texts.ok, &mut texts.cancel];
    for text in shown.into_iter().chain(&mut texts.warning).chain(own_words) {
        let in_ascii = |character| match character {
            '\u{a0}' => '.',
            other if other.is_ascii() => other,
            _ => '?',
        };
        *text = text.chars().map(in_ascii).collect();
    }
    texts
}

#[cfg(test)]
mod tests;
