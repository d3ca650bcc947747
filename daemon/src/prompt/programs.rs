//! Which program a caller is: asked of its user's agent, once.

use super::agent::Agents;
use super::caller::Caller;
use crate::token::Program;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// An agent looks into `/proc`; one that takes longer counts as one that can't tell.
const LIMIT: Duration = Duration::from_secs(3);

/// Finds out the caller's program, where that is not known yet; it is unknown where no agent can tell, and asked again only
/// when there was none to ask. Goes on when nobody waits for it any more: a retry finds it done.
pub(super) fn find_program(agents: &Arc<dyn Agents>, caller: &Caller) -> JoinHandle<()> {
    let (agents, caller) = (Arc::clone(agents), caller.clone());
    tokio::spawn(async move {
        let ask = async {
            let agent = agents.route(&caller).await.ok()?;
            match tokio::time::timeout(LIMIT, agent.identify(&caller)).await {
                Ok(program) => program.ok(),
                Err(_) => {
                    tracing::warn!(caller = caller.user.name, "the agent is too slow to tell the program");
                    Some(Program::default())
                }
            }
        };
        caller.user.program.find(ask).await;
    })
}
