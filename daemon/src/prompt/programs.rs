//! Which program a caller is: asked of its user's agent, once.

use super::agent::Agents;
use super::caller::Caller;
use crate::token::Program;
use std::time::Duration;

/// An agent looks into `/proc`; one that takes longer counts as one that can't tell.
const LIMIT: Duration = Duration::from_secs(3);

/// The caller's program. Unknown where no agent can tell; asked again only when there was none to ask.
pub(super) async fn program_of(agents: &dyn Agents, caller: &Caller) -> Program {
    let find = async {
        let agent = agents.route(caller).await.ok()?;
        match tokio::time::timeout(LIMIT, agent.identify(caller)).await {
            Ok(program) => program.ok(),
            Err(_) => {
                tracing::warn!(caller = caller.user.name, "the agent is too slow to tell the program");
                Some(Program::default())
            }
        }
    };
    caller.user.program.or_find(find).await
}
