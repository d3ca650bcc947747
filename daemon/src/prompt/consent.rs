//! The question whether another program may use a login.

use super::attempt::Setting;
use super::limits::Turn;
use crate::token::{Consents, Party};
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use ukey_dbus::{DialogKind, Error, ErrorKind};

/// What a program wants to use.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) consents: Arc<Consents>,
    pub(super) party: Party,
}

impl Wish {
    /// Is it the same program and the same login?
    pub(super) fn is(&self, other: &Self) -> bool {
        self.party == other.party && Arc::ptr_eq(&self.consents, &other.consents)
    }
}

impl Setting {
    /// Asks, and keeps the answer for this login.
    #[tracing::instrument(name = "consent", skip_all, fields(key = %self.key.id(), caller = self.caller.user.name))]
    pub(super) async fn ask_for_consent(self, wish: Wish, cancelled: CancellationToken) -> Result<Vec<u8>, Error> {
        let stay = self.agents.stay(&self.caller).await?;
        let agent = self.agents.route(&self.caller).await?;
        let turn: Turn = self.limits.enter(self.caller.user.uid, Instant::now())?;
        let prompt = self.prompt(0);
        let over = |kind, message: &str| Err(Error::new(kind, message));
        let asked = tokio::select! {
            asked = self.in_time(agent.confirm(DialogKind::Consent, &prompt)) => asked,
            () = self.caller.gone.cancelled() => over(ErrorKind::Cancelled, "the caller left the bus"),
            () = cancelled.cancelled() => over(ErrorKind::Cancelled, "the request was cancelled"),
            () = self.key.removed() => over(ErrorKind::TokenRemoved, "the Key was removed"),
            why = stay.ended() => Err(why.cancelled()),
            () = self.key.login_ended(&wish.consents) => over(ErrorKind::LoginRequired, "the login has ended"),
        };
        let result = match asked {
            Ok(true) => {
                wish.consents.agree(wish.party);
                Ok(Vec::new())
            }
            Ok(false) => {
                wish.consents.refuse(wish.party, Instant::now());
                Err(Error::new(ErrorKind::ConsentDenied, "the user does not want this program to use the Key"))
            }
            Err(error) => {
                // It may be open still, whatever ended the wait.
                agent.cancel(&prompt.request).await;
                Err(error)
            }
        };
        tracing::info!(program = self.caller.user.program_text(), agreed = result.is_ok(), "consent");
        turn.ended(&result, Instant::now());
        result
    }
}
