//! The dialogs that ask for a PIN. Those for the user PIN and those for the SO PIN share no title, heading, prompt or
//! warning, so that neither is typed where the other is wanted.

use super::facts::{count, fitting, key, length, step, tries, who};
use super::{Scene, Screen, own_words};
use crate::factory::Whose;
use crate::pinentry::DialogTexts;
use crate::texts::Catalogue;
use ukey_dbus::{DialogKind, PinState};

/// Which entry of a dialog this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The only one, or the first of two; with what was wrong before.
    First(Option<Remark>),
    /// The second of a new PIN.
    Again,
}

/// What was wrong with the entry before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remark {
    /// The two were not equal.
    Differed,
    /// Nothing was typed.
    Empty,
    /// Shorter than the Key takes.
    TooShort,
    /// Longer than the Key takes.
    TooLong,
}

/// The dialog that asks for a PIN of this kind.
pub(crate) fn pin(texts: &Catalogue, screen: Screen, scene: Scene<'_>, kind: DialogKind, entry: Entry) -> DialogTexts {
    let of_kind = |part: &str| texts.text(&format!("{kind}-{part}"));
    let [title, heading, prompt] = match entry {
        Entry::First(_) => ["title", "heading", "prompt"],
        Entry::Again => ["again-title", "again-heading", "again-prompt"],
    }
    .map(of_kind);
    let is_new = is_new(kind);
    let own_words = own_words(texts, &prompt);
    DialogTexts {
        title,
        description: fitting(screen, |bounds| {
            let mut lines: Vec<String> = step(texts, scene).into_iter().collect();
            lines.extend([heading.clone(), String::new()]);
            lines.extend(who(texts, scene, bounds));
            lines.extend(key(texts, scene, bounds));
            if kind == DialogKind::UserPin && scene.context.count > 1 {
                lines.push(count(texts, scene));
            }
            if is_new {
                lines.extend(length(texts, scene));
            } else {
                lines.push(tries(texts, scene, whose(kind)));
            }
            lines.extend([String::new(), of_kind("note")]);
            lines
        }),
        prompt,
        warning: match entry {
            Entry::First(Some(remark)) => Some(remark_text(texts, scene, remark)),
            _ if is_new => None,
            _ => state_warning(texts, scene, kind),
        },
        ok: texts.text("button-ok"),
        cancel: texts.text("button-cancel"),
        own_words,
    }
}

/// Whether a PIN of this kind is being chosen.
fn is_new(kind: DialogKind) -> bool {
    matches!(kind, DialogKind::NewPin | DialogKind::NewSoPin)
}

/// Whose tries a wrong entry uses.
fn whose(kind: DialogKind) -> Whose {
    match kind {
        DialogKind::SoPin | DialogKind::CurrentSoPin => Whose::So,
        _ => Whose::User,
    }
}

fn remark_text(texts: &Catalogue, scene: Scene<'_>, remark: Remark) -> String {
    let (min, max) = scene.context.pin_length.unwrap_or((1, u32::from(u8::MAX)));
    match remark {
        Remark::Differed => texts.text("remark-differed"),
        Remark::Empty => texts.text("remark-empty"),
        Remark::TooShort => texts.text_with("remark-too-short", &[("min", min)]),
        Remark::TooLong => texts.text_with("remark-too-long", &[("max", max)]),
    }
}

fn state_warning(texts: &Catalogue, scene: Scene<'_>, kind: DialogKind) -> Option<String> {
    match (scene.context.is_final_try(), scene.context.pin_state, whose(kind)) {
        (true, _, Whose::User) => Some(texts.text("warning-final-try")),
        (true, _, Whose::So) => Some(texts.text("warning-so-final-try")),
        (false, PinState::Low, Whose::User) => Some(texts.text("warning-low")),
        (false, PinState::Low, Whose::So) => Some(texts.text("warning-so-low")),
        _ => None,
    }
}
