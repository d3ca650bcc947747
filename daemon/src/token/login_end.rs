//! How a Key's login ends: its user logs out, its person leaves, its Key or its module is gone.

use super::User;
use super::actor::{Actor, Attached};
use super::login::Login;
use super::program::ProgramOnce;
use super::stay::Departure;
use crate::audit::Operation;
use crate::config::LoginSettings;
use crate::modules::LinkError;
use std::time::Duration;
use ukey_dbus::{Error, ErrorKind};
use ukey_shim_protocol::{FailureKind, Request};

/// How long signatures may take to finish when their person has left; sleep waits for them.
const LAST_SIGNATURES: Duration = Duration::from_secs(1);

impl Actor {
    pub(super) async fn log_out(&mut self, user: &User) -> Result<(), Error> {
        match &self.login {
            Some(login) if login.uid == user.uid || user.uid == 0 => {}
            // Also when another user is logged in: nobody learns of that.
            _ => return Err(Error::new(ErrorKind::LoginRequired, "you are not logged in to this Key")),
        }
        self.end_login("logout").await;
        Ok(())
    }

    /// Ends a login whose time is over or whose person has left.
    pub(super) async fn look_at_login(&mut self) {
        if self.login.as_ref().is_some_and(|login| login.is_over(&self.limits)) {
            self.end_login("time limit").await;
        }
        self.end_departed().await;
    }

    /// Ends a login whose person has left; gives why. Signatures that the Key works on may finish.
    pub(super) async fn end_departed(&mut self) -> Option<Departure> {
        let why = self.login.as_ref()?.stay.departure()?;
        if tokio::time::timeout(LAST_SIGNATURES, self.queue.finish()).await.is_err() {
            tracing::warn!("a signature is cut off by the end of its login");
        }
        self.end_login(why.as_str()).await;
        Some(why)
    }

    /// Logs out and closes every session, whatever the module says to it.
    pub(super) async fn end_login(&mut self, why: &str) {
        let Some(login) = &self.login else { return };
        let record = self.journal.begin(self.intent(Operation::Logout, &owner(login), why.to_owned()), &[]);
        if let Some(Attached { link, token, .. }) = &self.attached {
            let _turn = self.module.control_turn().await;
            let answer = link.submit(Request::Logout { token: *token }, self.module.profile().timeouts.login());
            if let Err(error) = answer.await {
                let gone = |kind| matches!(kind, FailureKind::TokenRemoved | FailureKind::NotLoggedIn);
                match &error {
                    // A token that is gone took its sessions along.
                    LinkError::Refused(failure) if gone(failure.kind) => tracing::debug!(%error, "logout"),
                    // Sessions may still be open: only a new process surely has none.
                    LinkError::Refused(_) => {
                        tracing::warn!(%error, "logout");
                        self.module.reinitialize();
                    }
                    _ => tracing::warn!(%error, "logout"),
                }
            }
        }
        record.finish("ok");
        self.forget_login(why);
    }

    /// Ends a login without waiting for the module's word; an old process may be gone.
    pub(super) fn drop_login(&mut self, why: &str) {
        self.record_lost_login(why);
        if let (Some(_), Some(Attached { link, token, .. })) = (&self.login, &self.attached) {
            drop(link.submit(Request::Logout { token: *token }, self.module.profile().timeouts.login()));
        }
        self.forget_login(why);
    }

    /// Puts the end of a login that nobody ended on record.
    pub(super) fn record_lost_login(&self, why: &str) {
        let Some(login) = &self.login else { return };
        self.journal.begin(self.intent(Operation::Logout, &owner(login), why.to_owned()), &[]).finish("ok");
    }

    pub(super) fn forget_login(&mut self, why: &str) {
        if let Some(login) = self.login.take() {
            tracing::info!(uid = login.uid, why, "login ended");
            self.show_state();
        }
    }
}

/// The user of a login, for the record of its end: no program asked for that.
fn owner(login: &Login) -> User {
    User { uid: login.uid, pid: 0, name: String::new(), program: ProgramOnce::default() }
}

/// Waits until a login may have ended; for ever where there is none.
pub(super) async fn may_have_ended(login: Option<&mut Login>, limits: &LoginSettings) {
    match login {
        Some(login) => login.may_have_ended(limits).await,
        None => std::future::pending().await,
    }
}
