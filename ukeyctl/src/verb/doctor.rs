//! `ukeyctl doctor`: examine the installation, and say what to do.

use crate::context::Context;
use crate::describe::{days_left, module_state, or_dash, pin_state, token_state, tries, validity};
use crate::doctor::{Finding, Level, Seen, anonymous, findings, observe};
use crate::error::Error;
use crate::exit::Exit;
use crate::file::{self, Existing};
use crate::style::{Paint, Style};
use crate::table::Table;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use ukey_agent::texts::Catalogue;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Examines the installation: the service and its files, the vendors' libraries (there? for this processor? safe? in use by \
other programs?), modules, Keys and PIN states, Keys that two modules show, USB and who may open it, pcscd, polkit, the agent, the tray, the clock. Says of each \
finding what to do. Reads only: no Key is asked for a PIN.

--report writes a report that can be given away: without serial numbers, holders, USCCs, labels, fingerprints and user \
names. Exit code 0: nothing bad; 3: something does not work; 9: the service can't be reached.

Examples:
  ukeyctl doctor
  ukeyctl doctor --report ukeyd-report.txt
  ukeyctl --json doctor | jq -r '.findings[] | select(.level == \"bad\") | .code'

JSON: {ukeyctl, system, kernel, time, version, modules, keys (as in `ukeyctl status`), unreachable, libraries: [{module, \
path, trouble (null: none), used_by}], usb, usb_closed, pcscd (reachable, refuses, absent), pcscd_rule_missing, polkit, agent, logind, \
tray (shown, no-host, no-desktop), missing, findings: [{code, level \
(note, warning, bad), text, do}]}. With --json the report is such an object too.";

/// What to do with the result.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    /// Also write a report without personal data to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "report")]
    force: bool,
}

#[derive(Serialize)]
struct Examination<'a> {
    #[serde(flatten)]
    seen: &'a Seen,
    findings: &'a [Finding],
}

/// Runs the verb.
///
/// # Errors
/// When the report or standard output can't be written. What is found is no error but an exit code.
pub(crate) async fn run(context: &Context, args: &DoctorArgs) -> Result<Exit, Error> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    if let Some(path) = &args.report {
        file::check(path, existing)?;
    }
    let seen = observe(context).await;
    let found = findings(&context.texts, &seen);
    if let Some(path) = &args.report {
        file::write(path, &report(context, &seen)?, existing)?;
    }
    let examination = Examination { seen: &seen, findings: &found };
    context.print(&examination, || text(&context.texts, context.paint, &examination))?;
    Ok(if seen.service.is_none() {
        Exit::Unreachable
    } else if found.iter().any(|finding| finding.level == Level::Bad) {
        Exit::Key
    } else {
        Exit::Success
    })
}

fn report(context: &Context, seen: &Seen) -> Result<Vec<u8>, Error> {
    let seen = anonymous(seen);
    let found = findings(&context.texts, &seen);
    let examination = Examination { seen: &seen, findings: &found };
    match context.format {
        crate::context::Format::Text => Ok(text(&context.texts, Paint::Off, &examination).into_bytes()),
        crate::context::Format::Json => {
            serde_json::to_vec_pretty(&examination).map_err(|error| Error::Output(error.into()))
        }
    }
}

fn text(texts: &Catalogue, paint: Paint, examination: &Examination<'_>) -> String {
    let seen = examination.seen;
    let mut facts = Table::untitled();
    let service = seen.service.as_ref().map_or("-", |snapshot| snapshot.version.as_str());
    facts.push(["ukeyd".into(), service.into()]);
    facts.push(["ukeyctl".into(), seen.ukeyctl.into()]);
    facts.push([texts.text("title-system").into(), format!("{}, Linux {}", seen.system, seen.kernel).into()]);
    facts.push([texts.text("title-time").into(), seen.time.date_and_time().into()]);
    facts.push(["USB".into(), or_dash(&seen.usb.join(", ")).into()]);
    let mut lines = facts.render(paint, 0);
    if let Some(snapshot) = &seen.service {
        let mut modules = Table::untitled();
        for (module, library) in snapshot.modules.iter().zip(&seen.libraries) {
            modules.push([
                texts.text_with("status-module", &[("name", module.name.as_str())]).into(),
                module_state(texts, &module.state),
                or_dash(&module.version).into(),
                library.path.as_str().into(),
            ]);
        }
        lines.push_str(&modules.render(paint, 0));
        let mut keys = Table::untitled();
        for key in &snapshot.keys {
            keys.push([
                texts.text_with("status-key", &[("name", key.name())]).into(),
                token_state(texts, &key.state),
                format!("{} {}", key.manufacturer, key.model).into(),
                texts.text("title-pin").into(),
                pin_state(texts, &key.pin_state),
                tries(texts, key.pin_tries_remaining).into(),
                texts.text("title-so-pin").into(),
                pin_state(texts, &key.so_pin_state),
                tries(texts, key.so_pin_tries_remaining).into(),
            ]);
            for certificate in &key.certificates {
                keys.push([
                    "".into(),
                    certificate.key_type.as_str().into(),
                    validity(texts, certificate),
                    days_left(texts, certificate).into(),
                ]);
            }
        }
        lines.push_str(&keys.render(paint, 0));
    }
    lines.push('\n');
    if examination.findings.is_empty() {
        lines.push_str(&paint.apply(Style::Good, &texts.text("doctor-healthy")));
        lines.push('\n');
    }
    for finding in examination.findings {
        lines.push_str(&format!("{} {}\n", paint.apply(finding.level.style(), "*"), finding.text));
        if !finding.advice.is_empty() {
            lines.push_str(&format!("  {}\n", finding.advice));
        }
    }
    lines
}
