//! `ukeyctl audit list`: one line for each record.

use super::filter::FilterArgs;
use super::pages::Pages;
use super::record::Record;
use crate::context::{Context, Format};
use crate::describe::or_dash;
use crate::error::Error;
use crate::style::Style;
use crate::table::{Cell, Table};
use clap::Args;
use std::collections::VecDeque;
use std::num::NonZero;
use ukey_formats::text::one_line;

/// The `--help` of this part.
pub(super) const HELP: &str = "\
Lists what was asked of the Keys and what came of it, the oldest first. The first column is what `ukeyctl audit show` takes. \
Times are those of this computer's time zone; a day in --until is meant whole.

Examples:
  ukeyctl audit list --mine --limit 20
  ukeyctl audit list --since 2026-11-01 --until 2026-11-30 --kind sign
  ukeyctl --json audit list --result PinIncorrect | jq -r .user

JSON, one object for each line: {id, time, time_ms, kind, uid, user, pid, caller, program, key_id, certificate, algorithm, \
digest, reason, result (empty while under way), ended, ended_ms, tries (null: unknown), hash}, the words as in the D-Bus \
contract.";

/// Longest program and reason in the table, in characters.
const SHOWN_MAX: usize = 60;

/// Which records.
#[derive(Args, Clone, Debug)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Only the newest of them, at most this many
    #[arg(long, value_name = "N")]
    limit: Option<NonZero<usize>>,
}

/// Runs it.
///
/// # Errors
/// Those of `Audit.List` and `Audit.Mine`.
pub(super) async fn run(context: &Context, args: &ListArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let audit = service.audit().await?;
    let mut pages = Pages::new(&audit, &args.filter);
    let mut newest = VecDeque::new();
    let mut any = false;
    while let Some(page) = pages.next().await? {
        match args.limit {
            // The service counts from the oldest, so all of them pass by.
            Some(limit) => {
                newest.extend(page);
                newest.drain(..newest.len().saturating_sub(limit.get()));
            }
            None => {
                print(context, &page, if any { Head::Left } else { Head::Printed })?;
                any = true;
            }
        }
    }
    if any { Ok(()) } else { print(context, newest.make_contiguous(), Head::Printed) }
}

/// Whether the titles stand above a part of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Printed,
    /// They were printed above the part before.
    Left,
}

fn print(context: &Context, records: &[Record], head: Head) -> Result<(), Error> {
    match context.format {
        Format::Text => crate::context::write_out(table(context, records, head).as_bytes()),
        Format::Json => records.iter().try_for_each(|record| context.print(record, String::new)),
    }
}

fn table(context: &Context, records: &[Record], head: Head) -> String {
    let texts = &context.texts;
    let mut table = match head {
        Head::Left => Table::untitled(),
        Head::Printed => {
            let names = ["record", "time", "user", "program", "kind", "result", "reason"];
            Table::new(names.iter().map(|name| texts.text(&format!("title-{name}"))))
        }
    };
    for record in records {
        table.push([
            record.id.to_string().into(),
            record.time.date_and_time().into(),
            or_dash(&one_line(&record.who(), SHOWN_MAX)).into(),
            or_dash(&one_line(&record.program, SHOWN_MAX)).into(),
            record.kind_in(texts).into(),
            Cell::styled(record.result_in(texts), style(&record.result)),
            or_dash(&one_line(&record.reason, SHOWN_MAX)).into(),
        ]);
    }
    table.render(context.paint, 0)
}

/// How a result is to be seen.
pub(super) fn style(result: &str) -> Style {
    match result {
        "" => Style::Plain,
        "ok" => Style::Good,
        "outcome-unknown" => Style::Warn,
        _ => Style::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::example;
    use super::*;
    use crate::testing::context;

    #[test]
    fn a_record_is_one_line_under_titles_that_stand_once() {
        let text = table(&context(), &[example()], Head::Printed);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("Record"), "{text}");
        for part in ["3  ", "clerk", "/usr/bin/采购", "signature", "ok", "=1+1"] {
            assert!(lines[1].contains(part), "{part} is missing in\n{text}");
        }
        assert_eq!(table(&context(), &[example()], Head::Left).lines().count(), 1);
    }
}
