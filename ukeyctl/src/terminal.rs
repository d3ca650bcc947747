//! This program as the agent of its own connection, for a user without a desktop agent.

use crate::call::CallArgs;
use crate::context::Context;
use crate::error::Error;
use crate::service::Service;
use std::io::{self, IsTerminal};
use ukey_agent::{AgentKind, Registration, Settings};

/// Asks for PINs on this terminal, or with the pinentry that the user named.
///
/// # Errors
/// `Agent` when the agent can't be set up. `None` when there is no terminal to ask on and no pinentry was named.
pub(crate) async fn serve(
    context: &Context,
    service: &Service,
    args: &CallArgs,
) -> Result<Option<Registration>, Error> {
    let has_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if args.no_prompt || (args.pinentry.is_none() && !has_terminal) {
        return Ok(None);
    }
    // From here on a PIN may pass through this process. Not earlier: a desktop agent could then not tell the user
    // which program asks.
    ukey_agent::harden()?;
    let mut settings = Settings::load(context.bus.clone())?;
    settings.language = context.texts.language();
    if args.pinentry.is_some() {
        settings.pinentry.clone_from(&args.pinentry);
    }
    Ok(Some(ukey_agent::serve(service.connection(), settings, AgentKind::Terminal).await?))
}
