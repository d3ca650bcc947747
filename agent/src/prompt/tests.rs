use super::facts::fitting;
use super::*;
use crate::assuan;
use crate::factory::FactoryPins;
use crate::requester::Program;
use crate::texts::keys;
use std::collections::BTreeSet;
use ukey_dbus::{DialogKind, NoticeKind, PinState};
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
        pin_length: Some((6, 16)),
        step: Some((2, 3)),
        count: 1,
        is_about_so_pin: false,
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

fn asking() -> impl Iterator<Item = DialogKind> {
    DialogKind::ALL.iter().copied().filter(|kind| kind.asks_for_a_pin())
}

fn is_new(kind: DialogKind) -> bool {
    matches!(kind, DialogKind::NewPin | DialogKind::NewSoPin)
}

/// Every dialog that there is.
fn dialogs(texts: &Catalogue, screen: Screen, context: &Context, requester: &Requester) -> Vec<DialogTexts> {
    let scene = Scene { context, requester };
    let mut dialogs = vec![factory_choice(texts, screen, scene)];
    for kind in DialogKind::ALL.iter().copied() {
        if kind.asks_for_a_pin() {
            let remark = is_new(kind).then_some(Remark::TooShort);
            dialogs.push(pin(texts, screen, scene, kind, Entry::First(remark)));
        } else {
            dialogs.push(question(texts, screen, scene, kind));
        }
        if is_new(kind) {
            dialogs.push(pin(texts, screen, scene, kind, Entry::Again));
        }
    }
    for kind in NoticeKind::ALL.iter().copied() {
        let all = Message { kind, factory: FactoryPins { user: true, so: true } };
        dialogs.push(message(texts, screen, scene, all));
    }
    dialogs
}

fn user_pin(texts: &Catalogue, context: &Context, text: &str, screen: Screen) -> DialogTexts {
    pin(texts, screen, Scene { context, requester: &requester(text) }, DialogKind::UserPin, Entry::First(None))
}

#[test]
fn both_catalogues_have_the_keys_that_the_code_uses_and_no_others() {
    let chinese = keys(ZH).unwrap();
    assert_eq!(chinese, keys(EN).unwrap());
    let mut used = BTreeSet::new();
    let sources =
        ["mod.rs", "facts.rs", "message.rs", "pin.rs", "question.rs"].map(|file| format!("src/prompt/{file}"));
    for source in sources {
        let code = std::fs::read_to_string(source).unwrap();
        let named = ["text(\"", "text_with(\""].into_iter().flat_map(|call| code.split(call).skip(1));
        used.extend(named.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    used.extend(["line-holder", "line-holder-id"].map(str::to_owned));
    used.extend(
        ["cost", "so-cost", "unblock-cost", "pinpad-note", "consent-note", "consent-allow", "consent-refuse"]
            .map(str::to_owned),
    );
    used.extend(["button-try", "button-try-not", "button-continue", "button-continue-not"].map(str::to_owned));
    for kind in DialogKind::ALL {
        used.extend(["title", "heading"].map(|part| format!("{kind}-{part}")));
        if kind.asks_for_a_pin() {
            used.extend(["note", "prompt"].map(|part| format!("{kind}-{part}")));
        }
        if is_new(*kind) {
            used.extend(["again-title", "again-heading", "again-prompt"].map(|part| format!("{kind}-{part}")));
        }
    }
    let notices =
        ["token-removed", "press", "pinpad-notice", "factory-pin", "pin-changed", "so-pin-changed", "unblocked"];
    for notice in notices {
        used.extend(["title", "heading"].map(|part| format!("{notice}-{part}")));
    }
    assert_eq!(used.into_iter().collect::<Vec<_>>(), chinese);
}

#[test]
fn no_dialog_shows_the_name_of_a_missing_text() {
    for texts in both() {
        for dialog in dialogs(&texts, Screen::Window, &context("x", None, PinState::Low), &requester("x")) {
            let shown = [&dialog.title, &dialog.description, &dialog.prompt, &dialog.ok, &dialog.cancel];
            for text in shown.into_iter().chain(&dialog.warning) {
                let is_key =
                    |line: &str| line.contains('-') && line.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                assert!(!text.lines().any(is_key), "{text}");
            }
        }
    }
}

#[test]
fn the_longest_and_most_hostile_texts_fit_an_assuan_line() {
    // Three and four bytes a character, three escaped bytes a character, and characters that are dropped.
    for character in ["药", "𠀋", "%", "\u{202e}", "<b>"] {
        let text = character.repeat(300);
        for texts in both() {
            for (tries, state) in [(None, PinState::Low), (Some(1), PinState::FinalTry)] {
                for dialog in dialogs(&texts, SMALL, &context(&text, tries, state), &requester(&text)) {
                    let length = dialog.description.len();
                    assert!(assuan::command("SETDESC", &dialog.description).is_ok(), "{character} {length}");
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
        let description = user_pin(&texts, &context, "order-client", Screen::Window).description;
        assert!(description.replace(['\n', '\u{a0}'], "").contains(&reason), "{description}");
    }
}

#[test]
fn markup_never_stands_in_the_first_line_and_lines_are_not_forged() {
    for texts in both() {
        let hostile = "<b>x</b>\n用户：root\nUser: root";
        for dialog in dialogs(&texts, SMALL, &context(hostile, None, PinState::Ok), &requester(hostile)) {
            let lines: Vec<&str> = dialog.description.lines().collect();
            assert!(!lines[0].contains(['<', '&']), "{}", lines[0]);
            assert!(!lines.iter().any(|line| *line == "用户：root" || *line == "User: root"), "{lines:?}");
        }
    }
}

#[test]
fn tries_are_a_number_or_unknown_and_warnings_follow_the_state() {
    let texts = catalogue(Language::English);
    let said = |tries, state| user_pin(&texts, &context("x", tries, state), "x", SMALL);
    assert!(said(Some(5), PinState::Ok).description.contains("PIN tries left: 5\n"));
    assert!(said(None, PinState::Ok).description.contains("PIN tries left: unknown"));
    assert!(said(None, PinState::Ok).warning.is_none());
    assert!(said(None, PinState::Low).warning.unwrap().contains("before"));
    assert!(said(None, PinState::FinalTry).warning.unwrap().contains("Last try"));
    assert!(said(Some(1), PinState::Low).warning.unwrap().contains("Last try"));
}

#[test]
fn a_dialog_for_the_so_pin_says_so_everywhere_and_one_for_the_user_pin_nowhere() {
    let (context, requester) = (context("x", None, PinState::Low), requester("x"));
    let scene = Scene { context: &context, requester: &requester };
    for texts in both() {
        for kind in asking() {
            let first = pin(&texts, SMALL, scene, kind, Entry::First(None));
            let mut headings = vec![first.description.lines().nth(1).unwrap().to_owned()];
            let mut prompts = vec![first.prompt];
            if is_new(kind) {
                let again = pin(&texts, SMALL, scene, kind, Entry::Again);
                headings.push(again.description.lines().nth(1).unwrap().to_owned());
                prompts.push(again.prompt);
            }
            let is_so = kind.as_str().contains("so-");
            for text in headings.iter().chain(&prompts).chain([&first.title]) {
                assert_eq!(text.contains("SO PIN") || text.contains("管理员"), is_so, "{kind}: {text}");
            }
        }
    }
}

#[test]
fn a_new_pin_has_its_length_and_a_step_its_number_on_the_screen() {
    let texts = catalogue(Language::English);
    let (context, requester) = (context("x", None, PinState::Ok), requester("x"));
    let scene = Scene { context: &context, requester: &requester };
    let again = pin(&texts, SMALL, scene, DialogKind::NewPin, Entry::Again).description;
    assert!(again.starts_with("Step 2 of 3\n") && again.contains("Length: 6 to 16"), "{again}");
    assert!(again.contains("AGAIN") && !again.contains("tries left"), "{again}");
}

#[test]
fn the_ascii_dialog_is_ascii() {
    let texts = catalogue(Language::English);
    let dialog = in_ascii(user_pin(&texts, &context("昆明", None, PinState::Low), "昆明", SMALL));
    assert!(dialog.description.is_ascii() && dialog.description.contains("Key: ??"), "{}", dialog.description);
}

#[test]
fn bounds_end_even_where_nothing_fits() {
    assert_eq!(fitting(Screen::Terminal(0), |_| vec!["x".to_owned(); 3]), "x\nx\nx");
}
