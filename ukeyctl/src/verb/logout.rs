//! `ukeyctl logout`: end the login at once.

use super::login::login_state;
use crate::context::Context;
use crate::error::Error;
use crate::select;
use crate::service::bounded;
use clap::Args;

/// The `--help` of this verb.
pub(crate) const HELP: &str = "\
Ends your login to a Key, so that the next signature asks for the PIN again.

Examples:
  ukeyctl logout
  ukeyctl logout --key SN0001

JSON: {key_id, key_label, logged_in, expires}.";

/// Which Key.
#[derive(Args, Clone, Debug)]
pub(crate) struct LogoutArgs {
    /// The Key: its id, label or serial number, or the start of one
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// Those of `Token.Logout`, and when no single Key is meant.
pub(crate) async fn run(context: &Context, args: &LogoutArgs) -> Result<(), Error> {
    let service = context.service().await?;
    let snapshot = service.snapshot().await?;
    let key = select::key(&snapshot.keys, args.key.as_deref())?;
    let token = service.token(&key.path).await?;
    bounded(async { Ok(token.logout().await?) }).await?;
    let state = login_state(&service, key).await?;
    context.print(&state, || context.texts.text_with("logged-out", &[("key", key.name())]) + "\n")
}
