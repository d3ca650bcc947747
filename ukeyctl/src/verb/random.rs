//! `ukeyctl random`: bytes of a Key's own generator.

use crate::context::{Context, Format, write_out};
use crate::error::Error;
use crate::hex;
use crate::select;
use crate::service::bounded;
use clap::Args;
use serde::Serialize;
use std::io::{self, IsTerminal};
use ukey_dbus::options::RANDOM_MAX;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Prints random bytes of a Key's own generator, in hexadecimal or with --raw as they are. No PIN is needed.

Examples:
  ukeyctl random 32
  ukeyctl random --raw 4096 > seed

JSON: {key_id, key_label, random (hexadecimal)}.";

/// How many, and of which Key.
#[derive(Args, Clone, Debug)]
pub(crate) struct RandomArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Write the bytes themselves
    #[arg(long)]
    raw: bool,
    /// How many bytes, at most 4096
    #[arg(value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=i64::from(RANDOM_MAX)))]
    count: u32,
}

#[derive(Serialize)]
struct Output<'a> {
    key_id: &'a str,
    key_label: &'a str,
    random: String,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.Random`, and when no single Key is meant.
pub(crate) async fn run(context: &Context, args: &RandomArgs) -> Result<(), Error> {
    let raw = args.raw && context.format == Format::Text;
    if raw && io::stdout().is_terminal() {
        return Err(Error::Usage("random-to-terminal"));
    }
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    let token = service.token(&key.path).await?;
    let bytes = bounded(async { Ok(token.random(args.count).await?) }).await?;
    if raw {
        return write_out(&bytes);
    }
    let output = Output { key_id: &key.id, key_label: &key.label, random: hex::encode(&bytes) };
    context.print(&output, || output.random.clone() + "\n")
}
