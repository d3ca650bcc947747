//! Who may do what. Default deny: whatever goes wrong on the way is a refusal.

use super::polkit::Polkit;
use crate::prompt::Caller;
use std::str::FromStr;
use std::sync::Arc;
use tokio::sync::watch;
use ukey_dbus::{Error, ErrorKind};
use zbus::Connection;
use zbus::message::{Flags, Header};

/// The polkit actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Sign,
    Login,
    ReadCertificate,
    ChangePin,
    UnblockPin,
    ReadAudit,
    ReadStatistics,
    RecoverAudit,
}

impl Action {
    /// Its name at polkit.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Sign => "org.ukeyd.sign",
            Self::Login => "org.ukeyd.login",
            Self::ReadCertificate => "org.ukeyd.read-certificate",
            Self::ChangePin => "org.ukeyd.change-pin",
            Self::UnblockPin => "org.ukeyd.unblock-pin",
            Self::ReadAudit => "org.ukeyd.read-audit",
            Self::ReadStatistics => "org.ukeyd.read-statistics",
            Self::RecoverAudit => "org.ukeyd.recover-audit",
        }
    }
}

/// `--authorizer polkit|same-uid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthorizerKind {
    /// Ask polkit, as the installed policy says.
    Polkit,
    /// Allow the daemon's own user everything and nobody else anything. Not on the system bus.
    SameUid,
}

impl FromStr for AuthorizerKind {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "polkit" => Ok(Self::Polkit),
            "same-uid" => Ok(Self::SameUid),
            _ => Err("neither polkit nor same-uid"),
        }
    }
}

/// Decides.
pub(super) enum Authorizer {
    Polkit(Arc<Polkit>),
    SameUid(u32),
}

/// A refusal.
pub(super) fn denied(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NotAuthorized, message)
}

impl Authorizer {
    /// `sessions` tells when something about somebody's session has changed.
    pub(super) async fn new(
        kind: AuthorizerKind,
        connection: &Connection,
        sessions: watch::Receiver<()>,
    ) -> zbus::Result<Self> {
        Ok(match kind {
            AuthorizerKind::Polkit => Self::Polkit(Polkit::follow(connection, sessions).await?),
            AuthorizerKind::SameUid => Self::SameUid(rustix::process::getuid().as_raw()),
        })
    }

    /// Returns when this caller, whose message has this header, may do this, else `NotAuthorized`.
    pub(super) async fn check(&self, caller: &Caller, header: &Header<'_>, action: Action) -> Result<(), Error> {
        match self {
            Self::SameUid(uid) if caller.user.uid == *uid => Ok(()),
            Self::SameUid(_) => Err(denied("only the service's own user is allowed")),
            Self::Polkit(polkit) => {
                let may_ask = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
                polkit.check(caller, may_ask, action).await
            }
        }
    }
}
