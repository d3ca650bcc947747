//! Colour, where a terminal shows it and the user did not switch it off.

use std::env;
use std::io::IsTerminal;

/// What a text means; the colour follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Ordinary.
    Plain,
    /// A heading.
    Title,
    /// As it should be.
    Good,
    /// Needs attention soon.
    Warn,
    /// Needs attention now.
    Bad,
}

/// Whether colour is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// Escape sequences are written.
    On,
    /// Plain text.
    Off,
}

impl Paint {
    /// Colour for a terminal unless `NO_COLOR` is set to something (no-color.org) or the terminal is `dumb`.
    pub(crate) fn for_stream(stream: &impl IsTerminal) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        if stream.is_terminal() && !refused && !dumb { Self::On } else { Self::Off }
    }

    /// The text as it is to be written.
    pub(crate) fn apply(self, style: Style, text: &str) -> String {
        let code = match (self, style) {
            (Self::Off, _) | (Self::On, Style::Plain) => return text.to_owned(),
            (Self::On, Style::Title) => "1",
            (Self::On, Style::Good) => "32",
            (Self::On, Style::Warn) => "33",
            (Self::On, Style::Bad) => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
