//! `ukeyctl audit export`: records in a new file.

use super::csv;
use super::filter::FilterArgs;
use super::pages::Pages;
use super::record::Record;
use crate::context::Context;
use crate::error::Error;
use crate::file::{Existing, NewFile};
use crate::interrupt::Interrupt;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use ukey_agent::texts::FluentValue;

/// The `--help` of this part.
pub(super) const HELP: &str = "\
Writes records to a new file; one that exists is never replaced. The options that choose records are those of \
`ukeyctl audit list`.

csv is UTF-8 with a byte order mark and a line of titles, times in UTC; a cell that a spreadsheet would take for a formula \
has a ' before it. json is one array, each record on a line of its own, as of `ukeyctl audit list`.

Examples:
  ukeyctl audit export --format csv november.csv --since 2026-11-01 --until 2026-11-30
  ukeyctl audit export --format json mine.json --mine

JSON: {output, records}.";

/// Which records, and where to.
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// The form of the file
    #[arg(long, value_enum)]
    format: FileFormat,
    /// The file; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum FileFormat {
    Json,
    Csv,
}

#[derive(Serialize)]
struct Exported<'a> {
    output: &'a Path,
    records: u64,
}

/// Runs it.
///
/// # Errors
/// Those of `Audit.List` and `Audit.Mine`, and those of the file; then there is no file.
pub(super) async fn run(context: &Context, args: &ExportArgs) -> Result<(), Error> {
    let mut interrupt = Interrupt::new()?;
    let mut file = NewFile::create(&args.file, Existing::Keep)?;
    let records = tokio::select! {
        done = write(context, args, &mut file) => done?,
        () = interrupt.wait() => return Err(Error::Interrupted),
    };
    file.keep()?;
    let values = [("file", FluentValue::from(args.file.display().to_string())), ("count", records.into())];
    context
        .print(&Exported { output: &args.file, records }, || context.texts.text_with("audit-exported", &values) + "\n")
}

async fn write(context: &Context, args: &ExportArgs, file: &mut NewFile) -> Result<u64, Error> {
    let service = context.service().await?;
    let audit = service.audit().await?;
    let mut pages = Pages::new(&audit, &args.filter);
    let mut records = 0;
    file.write(args.format.beginning().as_bytes())?;
    while let Some(page) = pages.next().await? {
        for record in &page {
            file.write(args.format.of(record, records)?.as_bytes())?;
            records += 1;
        }
    }
    file.write(args.format.end().as_bytes())?;
    Ok(records)
}

impl FileFormat {
    fn beginning(self) -> String {
        match self {
            Self::Json => "[".to_owned(),
            Self::Csv => csv::titles(),
        }
    }

    /// A record that follows `before` others.
    fn of(self, record: &Record, before: u64) -> Result<String, Error> {
        match self {
            Self::Json => {
                let json = serde_json::to_string(record).map_err(|error| Error::Output(error.into()))?;
                Ok(format!("{}\n{json}", if before == 0 { "" } else { "," }))
            }
            Self::Csv => Ok(csv::of(record)),
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Json => "\n]\n",
            Self::Csv => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::example;
    use super::*;

    #[test]
    fn the_json_file_is_one_array_however_many_records_there_are() {
        for count in 0..3 {
            let records = (0..count).map(|before| FileFormat::Json.of(&example(), before).unwrap());
            let text = FileFormat::Json.beginning() + &records.collect::<String>() + FileFormat::Json.end();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value.as_array().unwrap().len() as u64, count);
        }
    }
}
