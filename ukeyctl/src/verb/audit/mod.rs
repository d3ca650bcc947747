//! `ukeyctl audit`: what was asked of the Keys, and whether the record of it is whole.

mod csv;
mod export;
mod filter;
mod journal;
mod list;
mod pages;
mod record;
mod recover;
mod show;
mod verify;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use clap::{Args, Subcommand};

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Reads the service's journal of what was asked of the Keys and what came of it, and checks that nothing in it was changed. \
Reading all of it needs the right org.ukeyd.read-audit (administrators, technicians); with --mine everybody reads their own \
records.

Examples:
  ukeyctl audit list --mine
  ukeyctl audit list --since 2026-11-01 --kind sign --result ok
  ukeyctl audit show 4711
  ukeyctl audit verify --journal
  ukeyctl audit export --format csv november.csv --since 2026-11-01 --until 2026-11-30
  ukeyctl audit recover

JSON: see the help of each, e.g. `ukeyctl audit list --help`.";

/// What to do with the journal.
#[derive(Args, Clone, Debug)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Subcommand, Clone, Debug)]
enum AuditVerb {
    /// List records, the oldest first
    #[command(long_about = list::HELP)]
    List(list::ListArgs),
    /// Show everything about one record
    #[command(long_about = show::HELP)]
    Show(show::ShowArgs),
    /// Check that nothing was changed, removed or moved
    #[command(long_about = verify::HELP)]
    Verify(verify::VerifyArgs),
    /// Write records to a new file
    #[command(long_about = export::HELP)]
    Export(export::ExportArgs),
    /// Put a broken database aside and begin a new one
    #[command(long_about = recover::HELP)]
    Recover(recover::RecoverArgs),
}

/// Runs the verb: `Audit` when verification finds something.
///
/// # Errors
/// Those of the interface `org.ukeyd.UKey1.Audit`, and those of files.
pub(crate) async fn run(context: &Context, args: &AuditArgs) -> Result<Exit, Error> {
    let done = match &args.verb {
        AuditVerb::List(args) => list::run(context, args).await,
        AuditVerb::Show(args) => show::run(context, args).await,
        AuditVerb::Verify(args) => return verify::run(context, args).await,
        AuditVerb::Export(args) => export::run(context, args).await,
        AuditVerb::Recover(args) => recover::run(context, args).await,
    };
    done.map(|()| Exit::Success)
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn each_part_teaches_by_example() {
        let mut command = Cli::command();
        let audit = command.find_subcommand_mut("audit").unwrap();
        for name in ["list", "show", "verify", "export", "recover"] {
            let help = audit.find_subcommand_mut(name).unwrap().render_long_help().to_string();
            assert!(help.contains(&format!("  ukeyctl audit {name}")), "{name}: {help}");
        }
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        let parse = |words: &[&str]| Cli::try_parse_from(["ukeyctl", "audit"].iter().chain(words));
        for words in [
            &["list"][..],
            &["list", "--mine", "--since", "2026-11-01", "--until", "2026-11-02T10:00", "--limit", "5"],
            &["list", "--kind", "sign-with-pin", "--uid", "7"],
            &["show", "1"],
            &["verify", "--journal-file", "heads.txt"],
            &["export", "--format", "csv", "out.csv", "--mine"],
            &["recover", "--yes"],
        ] {
            assert!(parse(words).is_ok(), "{words:?}");
        }
        for words in [
            &[][..],
            &["list", "--mine", "--uid", "7"],
            &["list", "--kind", "signed"],
            &["list", "--since", "yesterday-ish"],
            &["list", "--limit", "0"],
            &["show", "0"],
            &["show"],
            &["export", "out.csv"],
            &["verify", "--journal", "--journal-file", "heads.txt"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
