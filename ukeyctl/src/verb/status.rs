//! `ukeyctl status`: one glance, and what to do next.

use crate::advice::{Advice, advise};
use crate::context::Context;
use crate::describe::{days_left, holders, module_state, pin_state, token_state, tries, validity};
use crate::error::Error;
use crate::guidance;
use crate::snapshot::Snapshot;
use crate::style::Style;
use crate::table::{Cell, Table};
use serde::Serialize;
use ukey_agent::texts::FluentValue;
use ukey_guidance::Directory;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Shows the service, its modules, each Key with its PIN state and certificates, and what to do where something is wrong.

Examples:
  ukeyctl status
  ukeyctl --json status | jq '.advice[].code'

JSON: {version, modules: [{name, library, version, state, reason, restarts, verified}], \
keys: [{id, label, serial_number, manufacturer, model, module, state, pin_state, pin_tries_remaining (null: unknown), \
so_pin_state, so_pin_tries_remaining, unblock_supported, certificates: [{id, fingerprint, holder_name, holder_id, \
issuer, serial_number, key_type, key_use, validity, not_before, not_after, days_left, algorithms}]}], \
advice: [{code, id, name, text, where, hotline (of the CA, where it is known)}]}. Times are {unix, rfc3339}.";

#[derive(Serialize)]
struct Status<'a> {
    #[serde(flatten)]
    snapshot: &'a Snapshot,
    advice: Vec<AdviceJson<'a>>,
}

#[derive(Serialize)]
struct AdviceJson<'a> {
    code: &'static str,
    id: &'a str,
    name: &'a str,
    text: String,
    #[serde(rename = "where")]
    place: Option<String>,
    hotline: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// `Unreachable`, and when standard output fails.
pub(crate) async fn run(context: &Context) -> Result<(), Error> {
    let snapshot = context.service().await?.snapshot().await?;
    let advice = advise(&snapshot);
    let directory = guidance::directory(context, None);
    let status = Status {
        snapshot: &snapshot,
        advice: advice
            .iter()
            .map(|advice| {
                let of_ca = of_ca(context, &directory, &snapshot, advice);
                AdviceJson {
                    code: advice.code,
                    id: &advice.id,
                    name: &advice.name,
                    text: advice_text(context, advice),
                    place: of_ca.as_ref().map(|of_ca| of_ca.place.clone()),
                    hotline: of_ca.and_then(|of_ca| of_ca.hotline),
                }
            })
            .collect(),
    };
    context.print(&status, || text(context, &directory, &snapshot, &advice))
}

/// What the Key's CA says, where there is a file of it.
fn of_ca(
    context: &Context,
    directory: &Directory,
    snapshot: &Snapshot,
    advice: &Advice,
) -> Option<ukey_guidance::Advice> {
    let (service, _, certificate) = advice.at_the_ca(snapshot)?;
    let of_ca = directory.advice(&certificate?.issuer, service, context.texts.language());
    of_ca.ca.is_some().then_some(of_ca)
}

fn advice_text(context: &Context, advice: &Advice) -> String {
    let values = [("name", FluentValue::from(advice.name.as_str())), ("days", advice.days.into())];
    context.texts.text_with(&format!("advice-{}", advice.code), &values)
}

fn text(context: &Context, directory: &Directory, snapshot: &Snapshot, advice: &[Advice]) -> String {
    let (texts, paint) = (&context.texts, context.paint);
    let mut lines = texts.text_with("status-service", &[("version", snapshot.version.as_str())]);
    lines.push('\n');

    let mut modules = Table::untitled();
    for module in &snapshot.modules {
        modules.push([
            texts.text_with("status-module", &[("name", module.name.as_str())]).into(),
            module_state(texts, &module.state),
            module.reason.as_str().into(),
        ]);
    }
    lines.push_str(&modules.render(paint, 0));

    for key in &snapshot.keys {
        lines.push('\n');
        lines.push_str(&paint.apply(Style::Title, &texts.text_with("status-key", &[("name", key.name())])));
        lines.push('\n');
        let mut facts = Table::untitled();
        let mut fact = |name, value: Cell| facts.push([texts.text(name).into(), value]);
        fact("title-holder", holders(key).into());
        fact("title-state", token_state(texts, &key.state));
        fact("title-pin", pin_state(texts, &key.pin_state));
        fact("title-tries", tries(texts, key.pin_tries_remaining).into());
        lines.push_str(&facts.render(paint, 2));
        let mut certificates = Table::untitled();
        for certificate in &key.certificates {
            certificates.push([
                certificate.key_type.as_str().into(),
                validity(texts, certificate),
                texts.text_with("until", &[("date", certificate.not_after.date())]).into(),
                days_left(texts, certificate).into(),
                certificate.name().into(),
            ]);
        }
        lines.push_str(&certificates.render(paint, 4));
    }

    if !advice.is_empty() {
        lines.push('\n');
        lines.push_str(&paint.apply(Style::Title, &texts.text("status-advice")));
        lines.push('\n');
        for advice in advice {
            let mark = paint.apply(advice.style, "*");
            lines.push_str(&format!("  {mark} {}\n", advice_text(context, advice)));
            if let Some(of_ca) = of_ca(context, directory, snapshot, advice) {
                for line in of_ca.contact().lines() {
                    lines.push_str(&format!("    {line}\n"));
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;

    #[test]
    fn a_glance_shows_state_and_what_to_do() {
        let snapshot = snapshot();
        let text = text(&context(), &Directory::default(), &snapshot, &advise(&snapshot));
        for part in
            ["0.1.0", "softhsm2", "采购 一", "县人民医院", "unknown", "locked", "20 days left", "expired", "5 days ago"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(text.contains("* 采购 二:"), "{text}");
    }

    #[test]
    fn the_ca_that_is_known_is_named_under_its_advice() {
        let folder = tempfile::tempdir().unwrap();
        let ca = "name = { en = 'x' }\nhotline = { number = '12345' }\n[match]\nname = 'County CA'\n\
                  [unlock.en]\nsummary = 'x'\nwhere = 'Room 7'\n";
        std::fs::write(folder.path().join("a.toml"), ca).unwrap();
        let directory = Directory::load(&[folder.path().to_owned()]).directory;
        let mut snapshot = snapshot();
        snapshot.keys[1].certificates[0].issuer = "CN=County CA, C=CN".to_owned();
        let text = text(&context(), &directory, &snapshot, &advise(&snapshot));
        assert!(text.contains("what-to-do.\n    Where: Room 7\n    Hotline: 12345\n"), "{text}");
        assert_eq!(text.matches("Where: ").count(), 2, "that it is unlocked, and its certificate renewed: {text}");
    }
}
