//! What the tray shows: picture, texts and menu, out of a snapshot. Pure.

use crate::desktop::actions::Action;
use crate::desktop::form::SERVICES;
use crate::desktop::keys::{Certificate, Key, Login, Snapshot};
use crate::desktop::state::State;
use crate::desktop::texts::Texts;
use ukey_dbus::{KeyUse, PinState, TokenState};
use ukey_formats::text::one_line;

/// Longest text of a Key in the menu, in characters.
const NAME_MAX: usize = 40;
/// Most Keys that have a place in the menu: a screen holds no longer one.
const KEYS_MAX: usize = 24;
/// Most of them that have one in the tooltip.
const TOOLTIP_MAX: usize = 6;

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
        let mut keys: Vec<&Key> = snapshot.used_keys().collect();
        let more = keys.len().saturating_sub(KEYS_MAX);
        if more > 0 {
            // The picture speaks of the worst: that one must be among them.
            keys.sort_by_key(|key| std::cmp::Reverse(State::of_key(key)));
            keys.truncate(KEYS_MAX);
        }
        let title = if snapshot.service { texts.state(state) } else { texts.text("state-no-service") };
        let mut tooltip: Vec<String> = Vec::new();
        for key in keys.iter().take(TOOLTIP_MAX) {
            tooltip.push(format!("{}\n{}", texts.key_with_days(key, now), texts.key_state(key)));
        }
        let unsaid = more + keys.len().saturating_sub(TOOLTIP_MAX);
        if unsaid > 0 {
            tooltip.push(texts.with("menu-more", &[("count", unsaid)]));
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
            menu: menu(texts, snapshot, (&keys, more), &failed, now),
        }
    }
}

fn menu(texts: &Texts, snapshot: &Snapshot, (keys, more): (&[&Key], usize), failed: &[String], now: i64) -> Vec<Entry> {
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
    if more > 0 {
        menu.push(line("more", &texts.with("menu-more", &[("count", more)])));
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
    lines.extend(forms(texts, key));
    lines.push(button(&named(key, "advice"), texts.text("menu-advice"), Action::Advice(Some(path()))));
    lines.push(button(&named(key, "details"), texts.text("menu-details"), Action::Details(Some(path()))));
    lines
}

/// The CA's form, ticked as is chosen, for each certificate whose CA takes it; of a pair, for the one for signatures.
fn forms(texts: &Texts, key: &Key) -> Vec<Entry> {
    let certificates: Vec<_> = key
        .current()
        .filter(|certificate| certificate.key_use != Some(KeyUse::Encryption))
        .filter(|certificate| texts.directory().takes_form(&certificate.issuer))
        .collect();
    let menu = |certificate: &Certificate| {
        let name = format!("form/{}", certificate.fingerprint);
        let lines = SERVICES.map(|service| {
            let action = Action::Form(certificate.fingerprint.clone(), service);
            button(&format!("{name}/{service}"), service.name(texts.language()), action)
        });
        let label = match certificates.as_slice() {
            [_] => texts.text("menu-form"),
            _ => escape(&texts.with("menu-form-of", &[("kind", texts.kind(certificate))])),
        };
        Entry { name, label, kind: EntryKind::Menu(lines.into()) }
    };
    certificates.iter().map(|certificate| menu(certificate)).collect()
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
mod tests;
