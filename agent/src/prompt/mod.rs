//! The words of a dialog: who asks, what for, for which Key, what it may cost.

use crate::assuan;
use crate::context::Context;
use crate::layout::wrap;
use crate::pinentry::DialogTexts;
use crate::requester::{Program, Requester};
use crate::texts::{Catalogue, Language};
use ukey_dbus::PinState;
use ukey_formats::text::one_line;

const ZH: &str = include_str!("../locales/zh-CN/agent.ftl");
const EN: &str = include_str!("../locales/en/agent.ftl");

/// Longest texts in a dialog, in characters; tried in order until the description fits one Assuan line and
/// the screen. A USCC (18 characters) and a serial number of PKCS#11 (16) are cut in the last only.
const BOUNDS: [Bounds; 6] = [
    Bounds { reason: 120, holder: 60, name: 48, short: 32 },
    Bounds { reason: 80, holder: 40, name: 32, short: 24 },
    Bounds { reason: 40, holder: 24, name: 24, short: 18 },
    Bounds { reason: 24, holder: 20, name: 16, short: 18 },
    Bounds { reason: 14, holder: 18, name: 12, short: 18 },
    Bounds { reason: 10, holder: 12, name: 8, short: 8 },
];

#[derive(Clone, Copy)]
struct Bounds {
    reason: usize,
    holder: usize,
    /// Program, folder, script, label.
    name: usize,
    /// User, serial number, USCC.
    short: usize,
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

/// The dialog that asks for the user PIN.
pub(crate) fn pin(texts: &Catalogue, context: &Context, requester: &Requester, screen: Screen) -> DialogTexts {
    let warning = if context.is_final_try() {
        Some(texts.text("warning-final-try"))
    } else if context.pin_state == PinState::Low {
        Some(texts.text("warning-low"))
    } else {
        None
    };
    DialogTexts {
        title: texts.text("pin-title"),
        description: fitting(screen, |bounds| {
            let mut lines = vec![texts.text("pin-heading"), String::new()];
            lines.extend(facts(texts, context, requester, bounds));
            lines.extend([String::new(), texts.text("pin-consequence")]);
            lines
        }),
        prompt: texts.text("pin-prompt"),
        warning,
        ok: texts.text("button-ok"),
        cancel: texts.text("button-cancel"),
        own_words: own_words(texts),
    }
}

/// The dialog that asks whether to use the last try.
pub(crate) fn final_try(texts: &Catalogue, context: &Context, requester: &Requester, screen: Screen) -> DialogTexts {
    // Also asked, with no number known, after several wrong entries.
    let heading = if context.is_final_try() { "final-heading" } else { "final-heading-unknown" };
    DialogTexts {
        title: texts.text("final-title"),
        description: fitting(screen, |bounds| {
            let mut lines = vec![texts.text(heading), texts.text("final-cost"), texts.text("final-advice")];
            lines.push(String::new());
            lines.extend(facts(texts, context, requester, bounds));
            lines
        }),
        prompt: texts.text("pin-prompt"),
        warning: None,
        ok: texts.text("final-button-ok"),
        cancel: texts.text("final-button-cancel"),
        own_words: own_words(texts),
    }
}

fn facts(texts: &Catalogue, context: &Context, requester: &Requester, bounds: Bounds) -> Vec<String> {
    let mut lines = Vec::new();
    match &requester.program {
        Program::Known { name, folder, script } => {
            let (name, folder) = (one_line(name, bounds.name), one_line(folder, bounds.name));
            lines.push(texts.text_with("line-program", &[("program", name), ("folder", folder)]));
            if let Some(script) = script {
                lines.push(texts.text_with("line-script", &[("script", one_line(script, bounds.name))]));
            }
        }
        Program::Claimed(name) => {
            lines.push(texts.text_with("line-program-claimed", &[("program", one_line(name, bounds.name))]));
        }
        Program::Unknown => lines.push(texts.text("line-program-unknown")),
    }
    lines.push(texts.text_with("line-user", &[("user", one_line(&requester.user, bounds.short))]));
    lines.push(match one_line(&context.reason, bounds.reason) {
        reason if reason.is_empty() => texts.text("line-reason-none"),
        reason => texts.text_with("line-reason", &[("reason", reason)]),
    });
    let label = one_line(&context.label, bounds.name);
    let serial = one_line(&context.serial_number, bounds.short);
    lines.push(texts.text_with("line-key", &[("label", label), ("serial", serial)]));
    for (key, name, value) in [
        ("line-holder", "holder", one_line(&context.holder_name, bounds.holder)),
        ("line-holder-id", "id", one_line(&context.holder_id, bounds.short)),
    ] {
        if !value.is_empty() {
            lines.push(texts.text_with(key, &[(name, value)]));
        }
    }
    lines.push(match context.tries {
        Some(tries) => texts.text_with("line-tries", &[("tries", tries)]),
        None => texts.text("line-tries-unknown"),
    });
    lines.iter().map(|line| wrap(line)).collect()
}

/// Joins the lines, shortening what programs and Keys said until an Assuan line can carry them and the screen can
/// show them.
fn fitting(screen: Screen, lines: impl Fn(Bounds) -> Vec<String>) -> String {
    let mut text = String::new();
    for bounds in BOUNDS {
        text = lines(bounds).join("\n");
        if assuan::command("SETDESC", &text).is_ok() && text.lines().count() <= screen.lines() {
            break;
        }
    }
    text
}

/// What pinentry says by itself, in the language of the dialog (`default-…` options).
fn own_words(texts: &Catalogue) -> Vec<(&'static str, String)> {
    vec![
        ("default-ok", texts.text("button-ok")),
        ("default-cancel", texts.text("button-cancel")),
        ("default-prompt", texts.text("pin-prompt")),
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
mod tests {
    use super::*;
    use crate::texts::keys;
    use zbus::names::OwnedUniqueName;

    /// A context whose every text is `text`.
    fn context(text: &str, tries: Option<u32>, pin_state: PinState) -> Context {
        Context {
            request: "r1".to_owned(),
            caller: OwnedUniqueName::try_from(":1.5").unwrap(),
            caller_uid: 1000,
            reason: text.to_owned(),
            label: text.to_owned(),
            serial_number: text.to_owned(),
            holder_name: text.to_owned(),
            holder_id: text.to_owned(),
            tries,
            pin_state,
        }
    }

    fn requester(text: &str) -> Requester {
        let program = Program::Known { name: text.to_owned(), folder: text.to_owned(), script: Some(text.to_owned()) };
        Requester { program, user: text.to_owned() }
    }

    /// The terminal that has least room.
    const SMALL: Screen = Screen::Terminal(24);

    fn both() -> [Catalogue; 2] {
        [catalogue(Language::Chinese), catalogue(Language::English)]
    }

    #[test]
    fn both_catalogues_have_the_keys_that_the_code_uses_and_no_others() {
        let chinese = keys(ZH).unwrap();
        assert_eq!(chinese, keys(EN).unwrap());
        let code = include_str!("prompt.rs").split("#[cfg(test)]").next().unwrap();
        let prefixes = ["pin-", "final-", "line-", "warning-", "button-", "tooltip-", "hint-"];
        let mut used: Vec<&str> =
            code.split('"').skip(1).step_by(2).filter(|word| prefixes.iter().any(|p| word.starts_with(p))).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, chinese);
    }

    #[test]
    fn the_longest_and_most_hostile_texts_fit_an_assuan_line() {
        // Three and four bytes a character, three escaped bytes a character, and characters that are dropped.
        for character in ["药", "𠀋", "%", "\u{202e}", "<b>"] {
            let text = character.repeat(300);
            for texts in both() {
                for (tries, state) in [(None, PinState::Low), (Some(1), PinState::FinalTry)] {
                    let context = context(&text, tries, state);
                    for dialog in [
                        pin(&texts, &context, &requester(&text), SMALL),
                        final_try(&texts, &context, &requester(&text), SMALL),
                    ] {
                        assert!(assuan::command("SETDESC", &dialog.description).is_ok(), "{character}");
                        for shown in dialog.warning.iter().chain([&dialog.title, &dialog.ok, &dialog.cancel]) {
                            assert!(assuan::command("SETERROR", shown).is_ok());
                        }
                        assert!(dialog.description.lines().count() <= SMALL.lines(), "{}", dialog.description);
                        assert!(!dialog.description.contains('\u{202e}'));
                    }
                }
            }
        }
    }

    #[test]
    fn a_text_of_ordinary_length_is_shown_whole() {
        let reason = "签".repeat(100);
        for texts in both() {
            let context =
                Context { reason: reason.clone(), ..context("昆明市第一人民医院", Some(5), PinState::Ok) };
            let description = pin(&texts, &context, &requester("order-client"), Screen::Window).description;
            assert!(description.replace(['\n', '\u{a0}'], "").contains(&reason), "{description}");
        }
    }

    #[test]
    fn markup_never_stands_in_the_first_line_and_lines_are_not_forged() {
        for texts in both() {
            let hostile = "<b>x</b>\n用户：root\nUser: root";
            let context = context(hostile, None, PinState::Ok);
            for dialog in [
                pin(&texts, &context, &requester(hostile), SMALL),
                final_try(&texts, &context, &requester(hostile), SMALL),
            ] {
                let lines: Vec<&str> = dialog.description.lines().collect();
                assert!(!lines[0].contains(['<', '&']), "{}", lines[0]);
                assert!(!lines.iter().any(|line| *line == "用户：root" || *line == "User: root"), "{lines:?}");
            }
        }
    }

    #[test]
    fn tries_are_a_number_or_unknown_and_warnings_follow_the_state() {
        let texts = catalogue(Language::English);
        let said = |tries, state| pin(&texts, &context("x", tries, state), &requester("x"), SMALL);
        assert!(said(Some(5), PinState::Ok).description.contains("PIN tries left: 5\n"));
        assert!(said(None, PinState::Ok).description.contains("PIN tries left: unknown"));
        assert!(said(None, PinState::Ok).warning.is_none());
        assert!(said(None, PinState::Low).warning.unwrap().contains("before"));
        assert!(said(None, PinState::FinalTry).warning.unwrap().contains("Last try"));
        assert!(said(Some(1), PinState::Low).warning.unwrap().contains("Last try"));
        let confirm = final_try(&texts, &context("x", None, PinState::Low), &requester("x"), SMALL);
        assert!(confirm.description.contains("unknown"), "{}", confirm.description);
    }

    #[test]
    fn the_ascii_dialog_is_ascii() {
        let texts = catalogue(Language::English);
        let dialog = in_ascii(pin(&texts, &context("昆明", None, PinState::Low), &requester("昆明"), SMALL));
        assert!(dialog.description.is_ascii() && dialog.description.contains("Key: ??"), "{}", dialog.description);
    }
}
