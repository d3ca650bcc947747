//! `ukeyctl unblock`: a technician unlocks the user PIN, whose user chooses a new one.

use crate::call::{Call, CallArgs};
use crate::confirm::agreed;
use crate::context::{Context, Format, write_out};
use crate::describe::{holders, or_dash, pin_state, tries};
use crate::error::Error;
use crate::select;
use crate::snapshot::Key;
use crate::style::Style;
use crate::table::Table;
use clap::Args;
use serde::Serialize;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Unlocks the user PIN of a Key. First says what it can cost, and asks whether to go on (--yes: does not ask here; the \
dialogs ask in any case). Then the technician enters the SO PIN (admin PIN) in a dialog, and the user chooses a new user \
PIN in another: the technician need not and should not learn it. A wrong SO PIN uses one of its tries; when the SO PIN \
locks, the Key can never be unlocked and has to be replaced by its CA.

Examples:
  ukeyctl unblock
  ukeyctl unblock --key SN0001 --reason 'form 2026-117'
  ukeyctl --json unblock --yes --key SN0001

JSON: {key_id, key_label, pin_state, pin_tries_remaining, so_pin_state, so_pin_tries_remaining}, as after the unlock.";

/// Which Key, and how to ask.
#[derive(Args, Clone, Debug)]
pub(crate) struct UnblockArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Do not ask on this terminal; the dialogs still do
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Serialize)]
struct Unblocked<'a> {
    key_id: &'a str,
    key_label: &'a str,
    pin_state: &'a str,
    pin_tries_remaining: Option<u32>,
    so_pin_state: &'a str,
    so_pin_tries_remaining: Option<u32>,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.UnblockPin`; `Declined` when the question was answered with no; `Usage` when there is nobody to ask.
pub(crate) async fn run(context: &Context, args: &UnblockArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    if context.format == Format::Text {
        write_out(cost(context, key).as_bytes())?;
    }
    if !args.yes {
        agreed(context, &context.texts.text("unblock-question"), Error::Usage("yes-is-needed"))?;
    }
    let token = service.token(&key.path).await?;
    let mut call = Call::new(context, &service, &args.call)?;
    let done = call.run("", async |options| token.unblock_pin(options).await).await;
    call.finish().await;
    done?;
    let after = service.snapshot().await?;
    // Pulled out since: what was known before is all there is.
    let key = after.keys.iter().find(|now| now.path == key.path).unwrap_or(key);
    let state = Unblocked {
        key_id: &key.id,
        key_label: &key.label,
        pin_state: &key.pin_state,
        pin_tries_remaining: key.pin_tries_remaining,
        so_pin_state: &key.so_pin_state,
        so_pin_tries_remaining: key.so_pin_tries_remaining,
    };
    context.print(&state, || context.texts.text_with("unblocked", &[("key", key.name())]) + "\n")
}

/// What is at stake, before anything is asked.
fn cost(context: &Context, key: &Key) -> String {
    let (texts, paint) = (&context.texts, context.paint);
    let mut facts = Table::untitled();
    facts.push([texts.text("title-key").into(), format!("{}  {}", key.name(), or_dash(&key.serial_number)).into()]);
    facts.push([texts.text("title-holder").into(), holders(key).into()]);
    facts.push([texts.text("title-pin").into(), pin_state(texts, &key.pin_state)]);
    facts.push([texts.text("title-so-pin").into(), pin_state(texts, &key.so_pin_state)]);
    facts.push([texts.text("title-so-tries").into(), tries(texts, key.so_pin_tries_remaining).into()]);
    let warning = paint.apply(Style::Warn, &texts.text("unblock-cost"));
    format!("{}\n{warning}\n\n{}\n", facts.render(paint, 0), texts.text("unblock-steps"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;
    use crate::testing::context;

    #[test]
    fn the_cost_is_told_before_anything_is_asked() {
        let text = cost(&context(), &snapshot().keys[1]);
        for part in ["采购 二", "SN0002", "市中医院", "locked", "SO PIN tries left", "unknown", "replaced"] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
