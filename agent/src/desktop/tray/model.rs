//! What the tray shows: picture, texts and menu, out of a snapshot. Pure.

use crate::desktop::actions::Action;
use crate::desktop::keys::{Key, Login, Snapshot};
use crate::desktop::state::State;
use crate::desktop::texts::Texts;
use ukey_dbus::{PinState, TokenState};
use ukey_formats::text::one_line;

/// Longest text of a Key in the menu, in characters.
const NAME_MAX: usize = 40;
/// Most Keys that have a place in the menu: one that shows more is out of order.
const KEYS_MAX: usize = 16;

/// What the tray shows at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) state: State,
    /// One line.
    pub(super) title: String,
    /// Lines about the Keys, plain.
    pub(super) tooltip: String,
    /// The Key that a click on the picture is about: the one with the worst state.
    pub(super) first: Action,
    pub(super) menu: Vec<Entry>,
}

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// What makes it the same line after a change.
    pub(super) name: String,
    /// With an underscore before the letter that chooses it; underscores of others are doubled.
    pub(super) label: String,
    pub(super) kind: EntryKind,
}

/// What a line of the menu is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// It does this.
    Button(Action),
    /// It can't be chosen.
    Text,
    /// A line between others.
    Separator,
    /// It opens this.
    Menu(Vec<Entry>),
}

impl Model {
    /// What to show of a snapshot at `now` (Unix seconds).
    pub(super) fn of(texts: &Texts, snapshot: &Snapshot, now: i64) -> Self {
        let state = State::of(snapshot);
        let keys: Vec<&Key> = snapshot.used_keys().take(KEYS_MAX).collect();
        let title = if snapshot.service { texts.state(state) } else { texts.text("state-no-service") };
        let mut tooltip: Vec<String> = Vec::new();
        for key in &keys {
            tooltip.push(format!("{}\n{}", texts.key_with_days(key, now), texts.key_state(key)));
        }
        let failed: Vec<String> = snapshot
            .modules
            .iter()
            .filter(|module| module.has_failed())
            .map(|module| texts.with("menu-module", &[("module", one_line(&module.name, NAME_MAX))]))
            .collect();
        tooltip.extend(failed.iter().cloned());
        let worst = keys.iter().max_by_key(|key| State::of_key(key)).map(|key| key.path.clone());
        Self {
            state,
            title,
            tooltip: tooltip.join("\n"),
            first: Action::Details(worst),
            menu: menu(texts, snapshot, &keys, &failed, now),
        }
    }
}

fn menu(texts: &Texts, snapshot: &Snapshot, keys: &[&Key], failed: &[String], now: i64) -> Vec<Entry> {
    let mut menu = Vec::new();
    match keys {
        [] if failed.is_empty() => {
            let text = texts.text(if snapshot.service { "menu-no-key" } else { "menu-no-service" });
            menu.push(line("none", &text));
        }
        [] => {}
        // Of a single Key everything is one click away.
        [key] => {
            menu.push(line(&named(key, "head"), &texts.key_with_days(key, now)));
            menu.extend(of_key(texts, key));
        }
        keys => {
            for key in keys {
                let label = escape(&texts.key_with_days(key, now));
                menu.push(Entry { name: named(key, "menu"), label, kind: EntryKind::Menu(of_key(texts, key)) });
            }
        }
    }
    for (number, text) in failed.iter().enumerate() {
        menu.push(line(&format!("module/{number}"), text));
    }
    // Of a Key there is advice in its own lines; of a failed module without one, here.
    let told = keys.iter().any(|key| key.state == Some(TokenState::ModuleFailed));
    if keys.is_empty() || (!failed.is_empty() && !told) {
        menu.push(Entry { name: "separator".to_owned(), label: String::new(), kind: EntryKind::Separator });
        menu.push(button("advice", texts.text("menu-advice"), Action::Advice(None)));
        menu.push(button("details", texts.text("menu-details"), Action::Details(None)));
    }
    menu
}

fn of_key(texts: &Texts, key: &Key) -> Vec<Entry> {
    let path = || key.path.clone();
    let mut lines = vec![
        line(&named(key, "state"), &texts.key_state(key)),
        Entry { name: named(key, "separator"), label: String::new(), kind: EntryKind::Separator },
    ];
    if key.login == Login::Mine {
        lines.push(button(&named(key, "log-out"), texts.text("menu-log-out"), Action::LogOut(path())));
    }
    let works = key.state != Some(TokenState::ModuleFailed);
    if works && !matches!(key.pin_state, Some(PinState::Locked | PinState::NotSet)) {
        lines.push(button(&named(key, "change-pin"), texts.text("menu-change-pin"), Action::ChangePin(path())));
    }
    let bindable: Vec<_> = key.bindable().collect();
    for certificate in &bindable {
        let copy = Action::CopyBinding(certificate.fingerprint.clone());
        let label = match bindable.as_slice() {
            [_] => texts.text("menu-copy"),
            _ => escape_all(&texts.with("menu-copy-of", &[("kind", texts.kind(certificate))])),
        };
        lines.push(button(&format!("copy/{}", certificate.fingerprint), label, copy));
    }
    lines.push(button(&named(key, "advice"), texts.text("menu-advice"), Action::Advice(Some(path()))));
    lines.push(button(&named(key, "details"), texts.text("menu-details"), Action::Details(Some(path()))));
    lines
}

fn named(key: &Key, what: &str) -> String {
    format!("{}/{what}", key.path.as_str())
}

fn line(name: &str, text: &str) -> Entry {
    Entry { name: name.to_owned(), label: escape(text), kind: EntryKind::Text }
}

fn button(name: &str, label: String, action: Action) -> Entry {
    Entry { name: name.to_owned(), label, kind: EntryKind::Button(action) }
}

/// A text of others, whose underscores choose nothing.
fn escape(text: &str) -> String {
    text.replace('_', "__")
}

/// A label made of our words and others': no letter chooses it.
fn escape_all(text: &str) -> String {
    escape(&text.replace("(_C)", ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::keys::fixture;
    use crate::texts::Language;
    use ukey_dbus::Validity;

    const NOW: i64 = 1_800_000_000 - 20 * 86_400;

    fn model(change: impl FnOnce(&mut Snapshot)) -> Model {
        let mut snapshot = fixture::snapshot();
        change(&mut snapshot);
        Model::of(&Texts::new(Language::Chinese), &snapshot, NOW)
    }

    fn labels(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.label.as_str()).collect()
    }

    #[test]
    fn one_key_has_its_lines_on_top_and_several_have_menus() {
        let one = model(|snapshot| drop(snapshot.keys.pop()));
        assert_eq!(
            labels(&one.menu),
            [
                "某县人民医院（采购） · 剩 20 天",
                "可以使用",
                "",
                "修改 PIN 码(_P)…",
                "复制绑定信息(_C)",
                "怎么办(_W)…",
                "详细信息(_D)…"
            ]
        );
        let two = model(|_| ());
        assert_eq!(labels(&two.menu), ["某县人民医院（采购） · 剩 20 天", "验收 Key"]);
        assert!(matches!(&two.menu[0].kind, EntryKind::Menu(lines) if lines.len() == 6));
        assert_eq!(two.tooltip, "某县人民医院（采购） · 剩 20 天\n可以使用\n验收 Key\n可以使用");
    }

    #[test]
    fn what_cannot_be_done_is_not_offered() {
        let only = |change: fn(&mut Key)| {
            model(|snapshot| {
                snapshot.keys.pop();
                change(&mut snapshot.keys[0]);
            })
        };
        let has = |model: &Model, fits: fn(&Action) -> bool| {
            model.menu.iter().any(|entry| matches!(&entry.kind, EntryKind::Button(action) if fits(action)))
        };
        let change = |action: &Action| matches!(action, Action::ChangePin(_));
        let log_out = |action: &Action| matches!(action, Action::LogOut(_));
        let copy = |action: &Action| matches!(action, Action::CopyBinding(_));
        let plain = only(|_| ());
        assert!(has(&plain, change) && has(&plain, copy) && !has(&plain, log_out));
        assert!(!has(&only(|key| key.pin_state = Some(PinState::Locked)), change));
        assert!(has(&only(|key| key.login = Login::Mine), log_out));
        assert!(!has(&only(|key| key.login = Login::Another), log_out));
        assert!(!has(&only(|key| key.certificates[1].validity = Some(Validity::Expired)), copy));
    }

    #[test]
    fn without_keys_the_menu_says_why_and_what_to_do() {
        let none = model(|snapshot| snapshot.keys.clear());
        assert_eq!(labels(&none.menu), ["没有插入 UKey", "", "怎么办(_W)…", "详细信息(_D)…"]);
        assert_eq!((none.state, none.title.as_str(), none.tooltip.as_str()), (State::NoKey, "没有插入 UKey", ""));
        let gone = Model::of(&Texts::new(Language::Chinese), &Snapshot::default(), NOW);
        assert_eq!(gone.menu[0].label, "UKey 服务没有运行，请联系技术人员");
    }

    #[test]
    fn underscores_of_keys_and_modules_choose_nothing() {
        let hostile = model(|snapshot| {
            snapshot.keys[1].label = "_L_".to_owned();
            snapshot.modules[0].name = "a_b".to_owned();
            snapshot.modules[0].state = Some(ukey_dbus::ModuleState::Failed);
        });
        assert_eq!(hostile.menu[1].label, "__L__");
        assert_eq!(hostile.menu[2].label, "驱动“a__b”不能工作");
        assert_eq!(hostile.state, State::Failed);
    }

    #[test]
    fn the_menu_is_bounded() {
        let many = model(|snapshot| {
            let key = snapshot.keys[0].clone();
            snapshot.keys = vec![key; 500];
        });
        assert_eq!(many.menu.len(), KEYS_MAX);
    }

    #[test]
    fn the_picture_is_about_the_worst_key() {
        let low = model(|snapshot| snapshot.keys[1].pin_state = Some(PinState::FinalTry));
        let second = fixture::snapshot().keys[1].path.clone();
        assert_eq!((low.state, low.first), (State::PinLow, Action::Details(Some(second))));
    }
}
