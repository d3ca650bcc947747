//! `ukeyctl audit verify`: is the chain whole, and is it the one that the system's journal was told of?

use super::journal::{Compared, Comparison, Source};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::service::{Service, within};
use crate::snapshot::Properties;
use crate::style::Style;
use crate::texts::word;
use clap::Args;
use serde::Serialize;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;
use ukey_agent::texts::FluentValue;
use ukey_dbus::{AuditProxy, ErrorKind};
use zbus::OwnedVariant;

/// The `--help` of this part.
pub(super) const HELP: &str = "\
Follows the chain of hashes over all records that are kept. Ends with 0 when nothing was changed, removed or moved, and with \
12 when something was.

Who can write the database can make all of it anew, hashes and all. With --journal the chain is compared with what the \
service told the system's journal: the hash of each row, and the chain's end after every 100 rows and when the service starts \
and stops. Only entries that the service itself has written count. Rows that were removed by age can't be compared; how many \
that are is said. --journal-file takes the lines from a file in place of `journalctl --output=json`, e.g. from another computer \
that collects them; lines of the service's log as text are read too, and taken for its own.

Examples:
  ukeyctl audit verify
  ukeyctl audit verify --journal
  ukeyctl --json audit verify --journal-file collected.json | jq -r .problem

JSON: {ok, problem (empty, no-extent, gap, unreadable, hash, head, base; journal-missing, journal-differs, \
journal-replaced), at (number of the row), chain, first, last, head, journal (null: not compared): {heads, compared, older, \
earlier_chains}}.";

/// The service reads every row.
const VERIFICATION_MAX: Duration = Duration::from_secs(600);

/// What to compare with.
#[derive(Args, Clone, Debug)]
pub(super) struct VerifyArgs {
    /// Compare with the system's journal
    #[arg(long, conflicts_with = "journal_file")]
    journal: bool,
    /// Compare with such lines in this file
    #[arg(long, value_name = "FILE")]
    journal_file: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Verification {
    ok: bool,
    problem: String,
    at: u64,
    chain: String,
    first: u64,
    last: u64,
    head: String,
    journal: Option<Compared>,
}

/// Runs it: `Audit` when something was changed.
///
/// # Errors
/// Those of `Audit.Verify`; `Read` and `NoHeads` when there is nothing to compare with.
pub(super) async fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, Error> {
    let source = match (&args.journal_file, args.journal) {
        (Some(file), _) => Some(Source::file(file)?),
        (None, true) => Some(Source::system()?),
        (None, false) => None,
    };
    let service = context.service().await?;
    let audit = service.audit().await?;
    let answer = match within(VERIFICATION_MAX, async { Ok(audit.verify().await?) }).await {
        Err(Error::Service(error)) if error.kind() == ErrorKind::NotAuthorized => Err(Error::OnlyMine(error)),
        answer => answer,
    };
    let mut verification = Verification::new(&answer?);
    if let Some(source) = source.filter(|_| verification.ok) {
        verification.compare(&service, &audit, source).await?;
    }
    context.print(&verification, || text(context, &verification))?;
    Ok(if verification.ok { Exit::Success } else { Exit::Audit })
}

impl Verification {
    fn new(answer: &HashMap<String, OwnedVariant>) -> Self {
        let properties = Properties::new(answer);
        let field = |name: &str| properties.text(name);
        Self {
            ok: properties.flag("ok"),
            problem: field("problem"),
            at: properties.long("at"),
            chain: field("chain"),
            first: properties.long("first"),
            last: properties.long("last"),
            head: field("head"),
            journal: None,
        }
    }

    /// Compares a chain that is whole in itself with what the journal was told of it.
    async fn compare(&mut self, service: &Service, audit: &AuditProxy<'_>, source: Source) -> Result<(), Error> {
        let uid = service.uid().await?;
        let comparison = Comparison::new(audit, &self.chain, (self.first, self.last));
        let (compared, problem) = comparison.run(source, uid).await?;
        self.journal = Some(compared);
        if let Some((problem, row)) = problem {
            self.found(problem, row);
        }
        Ok(())
    }

    /// Notes a problem; the first counts.
    fn found(&mut self, problem: &str, at: u64) {
        if self.ok {
            (self.ok, self.problem, self.at) = (false, problem.to_owned(), at);
        }
    }
}

fn text(context: &Context, verification: &Verification) -> String {
    let (texts, paint) = (&context.texts, context.paint);
    let rows = [("first", verification.first), ("last", verification.last)];
    let mut lines = if verification.ok {
        paint.apply(Style::Good, &texts.text_with("audit-whole", &rows)) + "\n"
    } else {
        let problem = word(texts, "audit-problem", &verification.problem);
        let values = [("problem", FluentValue::from(problem)), ("row", verification.at.into())];
        let found = paint.apply(Style::Bad, &texts.text_with("audit-not-whole", &values));
        format!("{found}\n{}\n", texts.text("audit-not-whole-do"))
    };
    if let Some(journal) = verification.journal {
        let values = [("heads", journal.heads), ("compared", journal.compared), ("older", journal.older)];
        let style = if journal.compared == 0 { Style::Warn } else { Style::Plain };
        lines += &(paint.apply(style, &texts.text_with("audit-compared", &values)) + "\n");
        if journal.older > 0 {
            lines += &(texts.text_with("audit-older", &values) + "\n");
        }
        if journal.earlier_chains > 0 {
            lines += &(texts.text_with("audit-earlier-chains", &[("count", journal.earlier_chains)]) + "\n");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::context;

    fn whole() -> Verification {
        Verification {
            ok: true,
            problem: String::new(),
            at: 0,
            chain: "c".to_owned(),
            first: 1,
            last: 7,
            head: "ab".to_owned(),
            journal: None,
        }
    }

    #[test]
    fn a_whole_chain_is_told_from_a_changed_one() {
        let context = context();
        let mut verification = whole();
        assert!(text(&context, &verification).starts_with("Nothing was changed"));
        verification.found("hash", 3);
        verification.found("head", 7);
        assert_eq!((verification.problem.as_str(), verification.at), ("hash", 3), "the first counts");
        let text = text(&context, &verification);
        assert!(text.contains("row 3") && text.contains("a row was changed"), "{text}");
    }

    #[test]
    fn how_much_was_compared_is_said() {
        let journal = Some(Compared { heads: 5, compared: 2, older: 3, earlier_chains: 1 });
        let text = text(&context(), &Verification { journal, ..whole() });
        assert!(text.contains("2 of 5") && text.contains("3 of them") && text.contains("earlier"), "{text}");
    }

    #[test]
    fn every_problem_has_words() {
        let known = ukey_agent::texts::keys(include_str!("../../../locales/en/ukeyctl.ftl")).unwrap();
        let list = HELP.split_once("problem (empty, ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
        let problems: Vec<&str> = list.split([',', ';']).map(str::trim).collect();
        assert_eq!(problems.len(), 9);
        for problem in problems {
            assert!(known.contains(&format!("audit-problem-{problem}")), "{problem}");
        }
    }
}
