//! One notice.

use crate::desktop::state::State;
use std::fmt;
use std::sync::Arc;

/// What is told. All texts are plain; they are escaped where a server reads markup.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// What it is about: a notice takes the place of the one with the same tag.
    pub(crate) tag: String,
    /// One line.
    pub(crate) title: String,
    /// Lines.
    pub(crate) text: String,
    /// The picture beside it.
    pub(crate) picture: State,
    pub(crate) urgency: Urgency,
    pub(crate) weight: Weight,
    /// Buttons, the most useful first; it also is what a click on the notice itself does.
    pub(crate) actions: Vec<Action>,
    /// Ends the text where the server shows no buttons: what to do instead.
    pub(crate) without_buttons: String,
}

/// How urgent a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Good to know; it goes away by itself.
    Normal,
    /// Stays until it is closed.
    Critical,
    /// The Key waits for the person, who began what it waits for: stays until it is taken back, and is always shown.
    Standing,
}

/// What becomes of a notice where there is no server for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It is dropped: the Key works on.
    Ordinary,
    /// It comes in a window.
    Important,
}

/// A button.
#[derive(Clone)]
pub(crate) struct Action {
    /// What stands on it.
    pub(crate) label: String,
    /// What it does; called in the tokio runtime, and has to return at once.
    pub(crate) run: Arc<dyn Fn() + Send + Sync>,
}

impl Action {
    /// A button that does this.
    pub(crate) fn new(label: String, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { label, run: Arc::new(run) }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Action").field(&self.label).finish()
    }
}

impl Notice {
    /// Whether both look the same on the screen.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let labels = |notice: &Self| notice.actions.iter().map(|action| action.label.clone()).collect::<Vec<_>>();
        (&self.title, &self.text, self.urgency, self.picture)
            == (&other.title, &other.text, other.urgency, other.picture)
            && labels(self) == labels(other)
    }

    /// The text for a server with these abilities.
    pub(super) fn body(&self, abilities: Abilities) -> String {
        let mut body = self.text.clone();
        if !abilities.actions && !self.without_buttons.is_empty() {
            if !body.is_empty() {
                body.push('\n');
            }
            body.push_str(&self.without_buttons);
        }
        if abilities.markup { escape(&body) } else { body }
    }
}

/// What a server can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    /// It shows buttons.
    pub(super) actions: bool,
    /// It reads markup in the text.
    pub(super) markup: bool,
}

impl Abilities {
    /// Out of the words of `GetCapabilities`.
    pub(super) fn of(words: &[String]) -> Self {
        let has = |name: &str| words.iter().any(|word| word == name);
        Self { actions: has("actions"), markup: has("body-markup") }
    }
}

/// Makes a text show as it is where markup is read.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> Notice {
        Notice {
            tag: "t".to_owned(),
            title: "Title".to_owned(),
            text: text.to_owned(),
            picture: State::Ready,
            urgency: Urgency::Normal,
            weight: Weight::Ordinary,
            actions: vec![Action::new("Open".to_owned(), || ())],
            without_buttons: "Use the menu.".to_owned(),
        }
    }

    #[test]
    fn markup_of_a_key_shows_as_text_and_only_where_it_would_be_read() {
        let notice = notice("<b>Key</b> & \"'");
        let all = Abilities::of(&["actions".to_owned(), "body-markup".to_owned()]);
        assert_eq!(notice.body(all), "&lt;b&gt;Key&lt;/b&gt; &amp; &quot;&#39;");
        assert_eq!(notice.body(Abilities { markup: false, ..all }), "<b>Key</b> & \"'");
    }

    #[test]
    fn without_buttons_the_text_says_what_to_do() {
        assert_eq!(notice("Text").body(Abilities::default()), "Text\nUse the menu.");
        assert_eq!(notice("").body(Abilities::default()), "Use the menu.");
        assert_eq!(notice("Text").body(Abilities { actions: true, markup: false }), "Text");
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert!(notice("a").looks_like(&notice("a")));
        assert!(!notice("a").looks_like(&notice("b")));
        let without = Notice { actions: Vec::new(), ..notice("a") };
        assert!(!notice("a").looks_like(&without));
    }
}
