//! `ukeyctl list`: one line for each Key, certificate or module.

use crate::context::Context;
use crate::describe::{days_left, holders, module_state, or_dash, pin_state, token_state, tries, validity};
use crate::error::Error;
use crate::snapshot::{Certificate, Key, Module, Snapshot};
use crate::table::Table;
use crate::texts::word;
use clap::{Args, ValueEnum};
use serde::Serialize;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Lists certificates (the default), Keys or modules, one line each. The first column is what --certificate or --key takes.

Examples:
  ukeyctl list
  ukeyctl list keys
  ukeyctl --json list certificates | jq -r '.certificates[] | select(.days_left < 30) | .holder_name'

JSON: {certificates: [{key_id, key_label, …}]}, {keys: […]} or {modules: […]}, the objects as in `ukeyctl status`.";

/// What to list.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value_t = What::Certificates)]
    what: What,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum What {
    Certificates,
    Keys,
    Modules,
}

#[derive(Serialize)]
struct Certificates<'a> {
    certificates: Vec<OnKey<'a>>,
}

#[derive(Serialize)]
struct OnKey<'a> {
    key_id: &'a str,
    key_label: &'a str,
    #[serde(flatten)]
    certificate: &'a Certificate,
}

#[derive(Serialize)]
struct Keys<'a> {
    keys: &'a [Key],
}

#[derive(Serialize)]
struct Modules<'a> {
    modules: &'a [Module],
}

/// Runs the verb.
///
/// # Errors
/// `Unreachable`, and when standard output fails.
pub(crate) async fn run(context: &Context, args: &ListArgs) -> Result<(), Error> {
    let snapshot = context.service().await?.snapshot().await?;
    match args.what {
        What::Certificates => {
            let certificates = snapshot.certificates();
            let certificates = certificates
                .map(|(key, certificate)| OnKey { key_id: &key.id, key_label: &key.label, certificate })
                .collect();
            context.print(&Certificates { certificates }, || certificate_table(context, &snapshot))
        }
        What::Keys => context.print(&Keys { keys: &snapshot.keys }, || key_table(context, &snapshot.keys)),
        What::Modules => {
            context.print(&Modules { modules: &snapshot.modules }, || module_table(context, &snapshot.modules))
        }
    }
}

fn titles(context: &Context, names: &[&str]) -> Table {
    Table::new(names.iter().map(|name| context.texts.text(&format!("title-{name}"))))
}

fn certificate_table(context: &Context, snapshot: &Snapshot) -> String {
    let texts = &context.texts;
    let mut table =
        titles(context, &["certificate", "key-type", "use", "validity", "not-after", "days", "holder", "key"]);
    for (key, certificate) in snapshot.certificates() {
        table.push([
            certificate.id.as_str().into(),
            or_dash(&certificate.key_type).into(),
            word(texts, "key-use", &certificate.key_use).into(),
            validity(texts, certificate),
            certificate.not_after.date().into(),
            days_left(texts, certificate).into(),
            or_dash(certificate.name()).into(),
            key.name().into(),
        ]);
    }
    table.render(context.paint, 0)
}

fn key_table(context: &Context, keys: &[Key]) -> String {
    let texts = &context.texts;
    let mut table = titles(context, &["key", "label", "serial", "state", "pin", "tries", "module", "holder"]);
    for key in keys {
        table.push([
            key.id.as_str().into(),
            or_dash(&key.label).into(),
            or_dash(&key.serial_number).into(),
            token_state(texts, &key.state),
            pin_state(texts, &key.pin_state),
            tries(texts, key.pin_tries_remaining).into(),
            or_dash(&key.module).into(),
            holders(key).into(),
        ]);
    }
    table.render(context.paint, 0)
}

fn module_table(context: &Context, modules: &[Module]) -> String {
    let mut table = titles(context, &["module", "state", "restarts", "library", "reason"]);
    for module in modules {
        table.push([
            module.name.as_str().into(),
            module_state(&context.texts, &module.state),
            module.restarts.to_string().into(),
            or_dash(&module.library).into(),
            or_dash(&module.reason).into(),
        ]);
    }
    table.render(context.paint, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;

    #[test]
    fn each_certificate_has_one_line_that_starts_with_its_name_for_the_command_line() {
        let text = certificate_table(&context(), &snapshot());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[1].starts_with("11bb11bb11bb11bb  ec-p256"), "{text}");
    }

    #[test]
    fn the_json_of_a_certificate_names_its_key() {
        let snapshot = snapshot();
        let (key, certificate) = snapshot.certificates().next().unwrap();
        let json = serde_json::to_value(OnKey { key_id: &key.id, key_label: &key.label, certificate }).unwrap();
        assert_eq!(json["key_label"], "采购 一");
        assert_eq!(json["days_left"], 20);
    }
}
