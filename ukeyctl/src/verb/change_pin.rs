//! `ukeyctl change-pin`: have a PIN changed in the dialogs.

use crate::call::{Call, CallArgs};
use crate::context::Context;
use crate::error::Error;
use crate::select;
use crate::snapshot::Key;
use clap::Args;
use serde::Serialize;
use ukey_dbus::options;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Changes the user PIN of a Key, or with --so its SO PIN (the technicians' admin PIN). Dialogs ask for the PIN in force and \
twice for the new one; PINs are never arguments. A wrong PIN uses one try, and nothing is tried again by itself. Your \
login to the Key ends.

Examples:
  ukeyctl change-pin
  ukeyctl change-pin --key SN0001
  ukeyctl change-pin --so --key SN0001      the admin PIN; keep the new one well

JSON: {key_id, key_label, changed (user, so)}.";

/// Which Key, which PIN, and how to ask.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChangePinArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Change the SO PIN instead of the user PIN
    #[arg(long)]
    so: bool,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Serialize)]
struct Changed<'a> {
    key_id: &'a str,
    key_label: &'a str,
    changed: &'static str,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.ChangePin`, and when no single Key is meant.
pub(crate) async fn run(context: &Context, args: &ChangePinArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    let token = service.token(&key.path).await?;
    let who = if args.so { options::WHO_SO } else { options::WHO_USER };
    let mut call = Call::new(context, &service, &args.call)?;
    let change = async |mut values: crate::call::Options<'_>| {
        values.insert(options::WHO, who.into());
        token.change_pin(values).await
    };
    let done = call.run("", change).await;
    call.finish().await;
    done?;
    let changed = Changed { key_id: &key.id, key_label: &key.label, changed: who };
    context.print(&changed, || text(context, key, args) + "\n")
}

fn text(context: &Context, key: &Key, args: &ChangePinArgs) -> String {
    let name = [("key", key.name())];
    if args.so {
        context.texts.text_with("so-pin-changed", &name)
    } else {
        context.texts.text_with("pin-changed", &name)
    }
}
