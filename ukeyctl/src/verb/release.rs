//! `ukeyctl release`: let other software have the Key.

use crate::context::Context;
use crate::error::Error;
use crate::select;
use crate::service::bounded;
use clap::Args;
use serde::Serialize;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Closes every session that the service holds on a Key and ends your login to it, so that other software (a CA's own tool, \
a browser) can use the Key. The next signature asks for the PIN again.

Examples:
  ukeyctl release
  ukeyctl release --key SN0001

JSON: {key_id, key_label, released}.";

/// Which Key.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReleaseArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

#[derive(Serialize)]
struct Released<'a> {
    key_id: &'a str,
    key_label: &'a str,
    released: bool,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.Release`, and when no single Key is meant.
pub(crate) async fn run(context: &Context, args: &ReleaseArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    let token = service.token(&key.path).await?;
    bounded(async { Ok(token.release().await?) }).await?;
    let released = Released { key_id: &key.id, key_label: &key.label, released: true };
    context.print(&released, || context.texts.text_with("released", &[("key", key.name())]) + "\n")
}
