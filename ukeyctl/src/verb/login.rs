//! `ukeyctl login`: have the PIN asked, and stay logged in.

use crate::call::{Call, CallArgs};
use crate::context::Context;
use crate::error::Error;
use crate::select;
use crate::service::{Service, bounded};
use crate::snapshot::Key;
use crate::time::Time;
use clap::Args;
use serde::Serialize;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Logs in to a Key: the PIN is asked in a dialog of your desktop's agent, or on this terminal when there is none. One \
entry is one try; nothing is ever tried again by itself. The login is yours until logout, idle time or removal.

Examples:
  ukeyctl login
  ukeyctl login --key SN0001 --reason 'morning orders'

JSON: {key_id, key_label, logged_in, expires (null: not known)}.";

/// Which Key, and how to ask.
#[derive(Args, Clone, Debug)]
pub(crate) struct LoginArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[command(flatten)]
    call: CallArgs,
}

/// What is printed, here and by `logout`.
#[derive(Serialize)]
pub(super) struct LoginState<'a> {
    key_id: &'a str,
    key_label: &'a str,
    logged_in: bool,
    expires: Option<Time>,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.Login`, and when no single Key is meant.
pub(crate) async fn run(context: &Context, args: &LoginArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    let token = service.token(&key.path).await?;
    let mut call = Call::new(context, &service, &args.call)?;
    let done = call.run("", async |options| token.login(options).await).await;
    call.finish().await;
    done?;
    let state = login_state(&service, key).await?;
    context.print(&state, || text(context, &state, key))
}

/// Asks whether this user is logged in to a Key.
///
/// # Errors
/// Those of `Token.GetLogin`.
pub(super) async fn login_state<'a>(service: &Service, key: &'a Key) -> Result<LoginState<'a>, Error> {
    let token = service.token(&key.path).await?;
    let (mine, expires) = bounded(async { Ok(token.get_login().await?) }).await?;
    let expires = (mine && expires != 0).then(|| Time::from_unix(expires));
    Ok(LoginState { key_id: &key.id, key_label: &key.label, logged_in: mine, expires })
}

fn text(context: &Context, state: &LoginState<'_>, key: &Key) -> String {
    let texts = &context.texts;
    let line = match (state.logged_in, state.expires) {
        (true, Some(expires)) => {
            texts.text_with("logged-in-until", &[("key", key.name()), ("time", &expires.date_and_time())])
        }
        (true, None) => texts.text_with("logged-in", &[("key", key.name())]),
        (false, _) => texts.text_with("logged-in-and-out", &[("key", key.name())]),
    };
    line + "\n"
}
