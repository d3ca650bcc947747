//! `ukeyctl audit recover`: a new database where the old one is broken.

use crate::confirm::agreed;
use crate::context::Context;
use crate::error::Error;
use crate::service::within;
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// The `--help` of this part.
pub(super) const HELP: &str = "\
Where the database can't be used, or was changed: puts it aside in its folder and begins a new one, whose first record says \
so. Where nothing is wrong nothing is done. Until then nothing is signed. For administrators. Asks before (--yes: does not).

Examples:
  ukeyctl audit recover
  ukeyctl --json audit recover --yes

JSON: {moved_to}, the old database's new name in its folder, null when nothing was wrong.";

/// The service reads the whole chain first.
const RECOVERY_MAX: Duration = Duration::from_secs(600);

/// How to ask.
#[derive(Args, Clone, Debug)]
pub(super) struct RecoverArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Recovered<'a> {
    moved_to: Option<&'a str>,
}

/// Runs it.
///
/// # Errors
/// Those of `Audit.Recover`; `Declined` when the question was answered with no; `Usage` when there is nobody to ask.
pub(super) async fn run(context: &Context, args: &RecoverArgs) -> Result<(), Error> {
    if !args.yes {
        agreed(context, &context.texts.text("audit-recover-question"), Error::Usage("yes-to-recover"))?;
    }
    let service = context.service().await?;
    let audit = service.audit().await?;
    let moved = within(RECOVERY_MAX, async { Ok(audit.recover().await?) }).await?;
    let moved_to = Some(moved.as_str()).filter(|name| !name.is_empty());
    context.print(&Recovered { moved_to }, || {
        let text = match moved_to {
            Some(name) => context.texts.text_with("audit-recovered", &[("file", name)]),
            None => context.texts.text("audit-recover-nothing"),
        };
        text + "\n"
    })
}
