//! The dialogs that ask yes or no.

use super::facts::{count, fitting, key, step, tries, who};
use super::{Scene, Screen, own_words};
use crate::factory::Whose;
use crate::pinentry::DialogTexts;
use crate::texts::Catalogue;
use ukey_dbus::DialogKind;

/// The dialog of a `Confirm` of this kind: what it costs stands before who asks.
pub(crate) fn question(texts: &Catalogue, screen: Screen, scene: Scene<'_>, kind: DialogKind) -> DialogTexts {
    let of_kind = |part: &str| texts.text(&format!("{kind}-{part}"));
    let (cost, ok, cancel) = match kind {
        DialogKind::SoFinalTry | DialogKind::SoUnknownTries => ("so-cost", "button-try", "button-try-not"),
        DialogKind::Unblock => ("unblock-cost", "button-continue", "button-continue-not"),
        DialogKind::Pinpad => ("pinpad-note", "button-continue", "button-continue-not"),
        DialogKind::Consent => ("consent-note", "consent-allow", "consent-refuse"),
        _ => ("cost", "button-try", "button-try-not"),
    };
    let whose = match kind {
        DialogKind::SoFinalTry | DialogKind::SoUnknownTries | DialogKind::Unblock => Whose::So,
        _ => Whose::User,
    };
    DialogTexts {
        title: of_kind("title"),
        description: fitting(screen, |bounds| {
            let mut lines: Vec<String> = step(texts, scene).into_iter().collect();
            lines.extend([of_kind("heading"), texts.text(cost), String::new()]);
            lines.extend(who(texts, scene, bounds));
            lines.extend(key(texts, scene, bounds));
            lines.push(match kind {
                // No PIN is typed here.
                DialogKind::Consent => count(texts, scene),
                _ => tries(texts, scene, whose),
            });
            lines
        }),
        prompt: String::new(),
        warning: None,
        ok: texts.text(ok),
        cancel: texts.text(cancel),
        own_words: own_words(texts, ""),
    }
}

/// Asks whether a new PIN that everybody knows is meant.
pub(crate) fn factory_choice(texts: &Catalogue, screen: Screen, scene: Scene<'_>) -> DialogTexts {
    DialogTexts {
        title: texts.text("factory-choice-title"),
        description: fitting(screen, |bounds| {
            let mut lines = vec![texts.text("factory-choice-heading"), String::new()];
            lines.extend(key(texts, scene, bounds));
            lines
        }),
        prompt: String::new(),
        warning: None,
        ok: texts.text("factory-choice-use"),
        cancel: texts.text("factory-choice-another"),
        own_words: own_words(texts, ""),
    }
}
