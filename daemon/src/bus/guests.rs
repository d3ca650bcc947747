//! Desktop agents that do not run in the session that they serve: `systemd --user` services, for one.

use super::agents::{Reach, Registered, Registry};

impl Registry {
    /// Agents of a user that run in no session may serve one that has begun later; so may those that registered when
    /// logind was not there.
    pub(super) async fn post_guests_anew(&self, uid: u32) {
        let is_guest = |agent: &&Registered| {
            agent.reach == Reach::Desktop
                && agent.owner.user.uid == uid
                && agent.post.as_ref().is_none_or(|post| !post.own)
        };
        let guests: Vec<Registered> = self.lock().iter().filter(is_guest).cloned().collect();
        for guest in guests {
            let user = &guest.owner.user;
            let post = match self.logind.post_of_agent(user, guest.claimed.as_deref()).await {
                Ok(post) => post,
                // What it claimed may have ended.
                Err(_) => self.logind.post_of_agent(user, None).await.unwrap_or_default(),
            };
            let mut agents = self.lock();
            let taken = post.is_some()
                && agents.iter().any(|other| {
                    other.owner.user.name != user.name && other.owner.user.uid == uid && other.serves_as(post.as_ref())
                });
            if let Some(agent) = agents.iter_mut().find(|agent| agent.owner.user.name == user.name) {
                agent.post = post.filter(|_| !taken);
            }
        }
    }
}
