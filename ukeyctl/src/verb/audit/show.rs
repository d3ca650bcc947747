//! `ukeyctl audit show`: every field of one record.

use super::list::style;
use super::pages::{Whose, record};
use super::record::Record;
use crate::context::Context;
use crate::describe::{or_dash, tries};
use crate::error::Error;
use crate::table::{Cell, Table};
use crate::time::Time;
use clap::Args;
use ukey_agent::texts::Catalogue;

/// The `--help` of this part.
pub(super) const HELP: &str = "\
Shows everything about one record, which is named by its number, the first column of `ukeyctl audit list`. Your own records \
need no right.

Examples:
  ukeyctl audit show 4711
  ukeyctl --json audit show 4711 | jq -r .digest

JSON: as of `ukeyctl audit list`.";

/// Which record.
#[derive(Args, Clone, Debug)]
pub(super) struct ShowArgs {
    /// The record's number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
    id: u64,
}

/// Runs it.
///
/// # Errors
/// `UnknownRecord`, and those of `Audit.List` and `Audit.Mine`.
pub(super) async fn run(context: &Context, args: &ShowArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let audit = service.audit().await?;
    // What needs no right comes first.
    let found = match record(&audit, Whose::Mine, args.id).await? {
        Some(mine) => Some(mine),
        None => record(&audit, Whose::All, args.id).await?,
    };
    let record = found.ok_or(Error::UnknownRecord(args.id))?;
    context.print(&record, || facts(&context.texts, &record).render(context.paint, 0))
}

fn facts(texts: &Catalogue, record: &Record) -> Table {
    let ended = record.ended.map(Time::date_and_time).unwrap_or_default();
    let facts: [(&str, Cell); 16] = [
        ("record", record.id.to_string().into()),
        ("time", record.time.date_and_time().into()),
        ("kind", record.kind_in(texts).into()),
        ("result", Cell::styled(record.result_in(texts), style(&record.result))),
        ("ended", or_dash(&ended).into()),
        ("tries", tries(texts, record.tries).into()),
        ("user", format!("{} ({})", or_dash(&record.user), record.uid).into()),
        ("program", or_dash(&record.program).into()),
        ("pid", if record.pid == 0 { "-".into() } else { record.pid.to_string().into() }),
        ("caller", or_dash(&record.caller).into()),
        ("key", or_dash(&record.key_id).into()),
        ("certificate", or_dash(&record.certificate).into()),
        ("algorithms", or_dash(&record.algorithm).into()),
        ("digest", or_dash(&record.digest).into()),
        ("reason", or_dash(&record.reason).into()),
        ("record-hash", or_dash(&record.hash).into()),
    ];
    let mut table = Table::untitled();
    for (title, value) in facts {
        table.push([texts.text(&format!("title-{title}")).into(), value]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::record::example;
    use super::*;
    use crate::style::Paint;
    use crate::texts::catalogue;
    use ukey_agent::texts::Language;

    #[test]
    fn every_field_has_a_title_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            let text = facts(&catalogue(language), &example()).render(Paint::Off, 0);
            assert_eq!(text.lines().count(), 16);
            assert!(!text.contains("title-"), "{text}");
            assert!(text.contains("clerk (1000)") && text.contains("/usr/bin/采购"), "{text}");
        }
    }
}
