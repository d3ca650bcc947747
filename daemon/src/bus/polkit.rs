//! polkit: who waits to ask it, and which of its answers are remembered for a moment.

use super::authorize::{Action, denied};
use super::gates::Gates;
use super::leaves::{Leave, Leaves};
use super::standing::Standing;
use crate::prompt::Caller;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;
use ukey_dbus::Error;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream, Variant};
use zbus_polkit::policykit1::{AuthorityProxy, AuthorizationResult, CheckAuthorizationFlags};

/// A stopped polkitd does not answer; a person at its dialog may take this long.
const LIMIT: Duration = Duration::from_secs(60);
/// Without a dialog an answer takes milliseconds.
const LIMIT_SILENT: Duration = Duration::from_secs(10);
/// Questions of one user that are before polkit at once, with and without a dialog: polkit answers one after another, and
/// somebody's crowd must not stand before another's one question.
const QUESTIONS: usize = 4;
const POLKIT: &str = "org.freedesktop.PolicyKit1";
const AUTHORITY: &str = "org.freedesktop.PolicyKit1.Authority";

/// polkit.
pub(super) struct Polkit {
    authority: AuthorityProxy<'static>,
    /// By user, and whether a person may be asked, which takes long.
    questions: Gates<(u32, bool)>,
    leaves: Leaves,
}

/// What may change an answer.
struct News {
    changes: MessageStream,
    owners: NameOwnerChangedStream,
    sessions: watch::Receiver<()>,
}

impl Polkit {
    /// Starts following it, whether it is there yet or not.
    pub(super) async fn follow(connection: &Connection, sessions: watch::Receiver<()>) -> zbus::Result<Arc<Self>> {
        let builder = AuthorityProxy::builder(connection).cache_properties(zbus::proxy::CacheProperties::No);
        let authority = builder.build().await?;
        let polkit = Arc::new(Self { authority, questions: Gates::default(), leaves: Leaves::default() });
        // Anybody can send a signal that looks like polkit's; it only costs the memory of answers.
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(POLKIT).interface(AUTHORITY).member("Changed");
        let changes = MessageStream::for_match_rule(rule.build()?, connection, None).await?;
        let owners = DBusProxy::new(connection).await?.receive_name_owner_changed_with_args(&[(0, POLKIT)]).await?;
        tokio::spawn(News { changes, owners, sessions }.follow(Arc::clone(&polkit)));
        Ok(polkit)
    }

    /// Returns when policy allows it, else `NotAuthorized`.
    pub(super) async fn check(self: &Arc<Self>, caller: &Caller, may_ask: bool, action: Action) -> Result<(), Error> {
        if caller.gone.is_cancelled() {
            return Err(denied("the caller left the bus"));
        }
        match self.leaves.look(&caller.user.name, action, Instant::now()) {
            Leave::Given => Ok(()),
            Leave::Ageing => {
                self.renew(caller.clone(), action);
                Ok(())
            }
            Leave::Missing => {
                let _turn = self.turn(caller, may_ask).await?;
                // Another call of it may have been quicker.
                match self.leaves.look(&caller.user.name, action, Instant::now()) {
                    // Boxed, as it is seldom.
                    Leave::Missing => Box::pin(self.decide(caller, may_ask, action)).await,
                    Leave::Given | Leave::Ageing => Ok(()),
                }
            }
        }
    }

    /// Asks again, beside the calls that the yes from before still serves.
    fn renew(self: &Arc<Self>, caller: Caller, action: Action) {
        let polkit = Arc::clone(self);
        tokio::spawn(async move {
            let decided = async {
                let _turn = polkit.turn(&caller, false).await?;
                polkit.decide(&caller, false, action).await
            };
            if decided.await.is_err() {
                polkit.leaves.drop(&caller.user.name);
            }
        });
    }

    /// Waits until this caller may ask. Whoever has left asks nothing any more.
    async fn turn(&self, caller: &Caller, may_ask: bool) -> Result<OwnedSemaphorePermit, Error> {
        let gate = self.questions.gate((caller.user.uid, may_ask), QUESTIONS);
        tokio::select! {
            turn = gate.acquire_owned() => turn.map_err(|error| denied(error.to_string())),
            () = caller.gone.cancelled() => Err(denied("the caller left the bus")),
        }
    }

    /// Polkit's answer; a plain yes is kept.
    async fn decide(&self, caller: &Caller, may_ask: bool, action: Action) -> Result<(), Error> {
        // Before the question: an answer that something has overtaken is not kept.
        let (epoch, now, standing) = (self.leaves.epoch(), Instant::now(), Standing::of(&caller.user));
        let answer = self.ask(caller, may_ask, action).await?;
        if !answer.is_authorized {
            return Err(denied(format!("policy does not allow {}", action.id())));
        }
        // What a person has been asked for, or may be asked for again soon, is polkit's own to remember.
        if !may_ask && answer.details.is_empty() {
            self.leaves.keep(epoch, (&caller.user.name, standing), action, now);
        }
        Ok(())
    }

    async fn ask(&self, caller: &Caller, may_ask: bool, action: Action) -> Result<AuthorizationResult, Error> {
        let (flags, limit) = if may_ask {
            (CheckAuthorizationFlags::ALLOW_USER_INTERACTION, LIMIT)
        } else {
            (CheckAuthorizationFlags::empty(), LIMIT_SILENT)
        };
        // The unique bus name: a process id could be somebody else's by the time that polkit looks.
        let subject = ("system-bus-name", HashMap::from([("name", Variant::from(caller.user.name.as_str()))]));
        let details: HashMap<&str, &str> = HashMap::new();
        let question = (subject, action.id(), details, flags.bits(), "");
        let question = self.authority.inner().call("CheckAuthorization", &question);
        match tokio::time::timeout(limit, question).await {
            Ok(Ok(answer)) => Ok(answer),
            // A caller that left meanwhile is no fault of polkit's.
            Ok(Err(error)) if caller.gone.is_cancelled() => {
                tracing::debug!(%error, "the caller left before polkit answered");
                Err(denied("the caller left the bus"))
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "polkit cannot be asked");
                Err(denied("the policy could not be asked"))
            }
            Err(_) => {
                tracing::warn!("polkit does not answer");
                Err(denied("the policy could not be asked"))
            }
        }
    }
}

impl News {
    /// Forgets every answer whenever one might be another now; all of them for good when nothing more is heard.
    async fn follow(mut self, polkit: Arc<Polkit>) {
        loop {
            let heard = tokio::select! {
                signal = self.changes.next() => signal.is_some(),
                change = self.owners.next() => change.is_some(),
                changed = self.sessions.changed() => changed.is_ok(),
            };
            if !heard {
                return polkit.leaves.close();
            }
            polkit.leaves.forget();
        }
    }
}
