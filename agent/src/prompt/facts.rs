//! The lines that say who asks, what for and for which Key, as long as the dialog can carry them.

use super::{Scene, Screen};
use crate::assuan;
use crate::factory::Whose;
use crate::layout::wrap;
use crate::requester::Program;
use crate::texts::Catalogue;
use ukey_formats::text::one_line;

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
pub(super) struct Bounds {
    reason: usize,
    holder: usize,
    /// Program, folder, script, label.
    name: usize,
    /// User, serial number, USCC.
    short: usize,
}

/// Joins the lines, shortening what programs and Keys said until an Assuan line can carry them and the screen can
/// show them.
pub(super) fn fitting(screen: Screen, lines: impl Fn(Bounds) -> Vec<String>) -> String {
    let mut text = String::new();
    for bounds in BOUNDS {
        text = lines(bounds).join("\n");
        if assuan::command("SETDESC", &text).is_ok() && text.lines().count() <= screen.lines() {
            break;
        }
    }
    text
}

/// Which dialog of a flow this is; nothing for a single one. The first line: the catalogue's own.
pub(super) fn step(texts: &Catalogue, scene: Scene<'_>) -> Option<String> {
    let (step, steps) = scene.context.step?;
    Some(texts.text_with("line-step", &[("step", step), ("steps", steps)]))
}

/// Program, user and purpose.
pub(super) fn who(texts: &Catalogue, scene: Scene<'_>, bounds: Bounds) -> Vec<String> {
    let mut lines = Vec::new();
    match &scene.requester.program {
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
    lines.push(texts.text_with("line-user", &[("user", one_line(&scene.requester.user, bounds.short))]));
    lines.push(match one_line(&scene.context.reason, bounds.reason) {
        reason if reason.is_empty() => texts.text("line-reason-none"),
        reason => texts.text_with("line-reason", &[("reason", reason)]),
    });
    lines.iter().map(|line| wrap(line)).collect()
}

/// The Key and whose it is.
pub(super) fn key(texts: &Catalogue, scene: Scene<'_>, bounds: Bounds) -> Vec<String> {
    let context = scene.context;
    let label = one_line(&context.label, bounds.name);
    let serial = one_line(&context.serial_number, bounds.short);
    let mut lines = vec![texts.text_with("line-key", &[("label", label), ("serial", serial)])];
    for (key, name, value) in [
        ("line-holder", "holder", one_line(&context.holder_name, bounds.holder)),
        ("line-holder-id", "id", one_line(&context.holder_id, bounds.short)),
    ] {
        if !value.is_empty() {
            lines.push(texts.text_with(key, &[(name, value)]));
        }
    }
    lines.iter().map(|line| wrap(line)).collect()
}

/// How many signatures are wanted now.
pub(super) fn count(texts: &Catalogue, scene: Scene<'_>) -> String {
    texts.text_with("line-count", &[("count", scene.context.count)])
}

/// Tries left of a PIN.
pub(super) fn tries(texts: &Catalogue, scene: Scene<'_>, whose: Whose) -> String {
    match (scene.context.tries, whose) {
        (Some(tries), Whose::User) => texts.text_with("line-tries", &[("tries", tries)]),
        (Some(tries), Whose::So) => texts.text_with("line-so-tries", &[("tries", tries)]),
        (None, Whose::User) => texts.text("line-tries-unknown"),
        (None, Whose::So) => texts.text("line-so-tries-unknown"),
    }
}

/// The lengths of a new PIN; nothing when the Key names none.
pub(super) fn length(texts: &Catalogue, scene: Scene<'_>) -> Option<String> {
    let (min, max) = scene.context.pin_length?;
    Some(texts.text_with("line-length", &[("min", min), ("max", max)]))
}
