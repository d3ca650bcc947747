//! Who may do what. Default deny: whatever goes wrong on the way is a refusal.

use super::gates::Gates;
use crate::prompt::Caller;
use std::collections::HashMap;
use std::time::Duration;
use ukey_dbus::{Error, ErrorKind};
use zbus::Connection;
use zbus::message::{Flags, Header};
use zbus_polkit::policykit1::{AuthorityProxy, CheckAuthorizationFlags, Subject};

/// A stopped polkitd does not answer; a person at its dialog may take this long.
const LIMIT: Duration = Duration::from_secs(60);
/// Without a dialog an answer takes milliseconds.
const LIMIT_SILENT: Duration = Duration::from_secs(10);
/// Questions of one user that are before polkit at once, with and without a dialog: polkit answers one after another, and
/// somebody's crowd must not stand before another's one question.
const QUESTIONS: usize = 4;

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
    fn id(self) -> &'static str {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AuthorizerKind {
    /// Ask polkit, as the installed policy says.
    Polkit,
    /// Allow the daemon's own user everything and nobody else anything. Not on the system bus.
    SameUid,
}

/// Decides.
pub(super) enum Authorizer {
    Polkit(Box<Polkit>),
    SameUid(u32),
}

/// polkit, and who waits to ask it.
pub(super) struct Polkit {
    authority: AuthorityProxy<'static>,
    /// By user, and whether a person may be asked, which takes long.
    questions: Gates<(u32, bool)>,
}

fn denied(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NotAuthorized, message)
}

impl Authorizer {
    pub(super) async fn new(kind: AuthorizerKind, connection: &Connection) -> zbus::Result<Self> {
        Ok(match kind {
            AuthorizerKind::Polkit => {
                let builder = AuthorityProxy::builder(connection).cache_properties(zbus::proxy::CacheProperties::No);
                Self::Polkit(Box::new(Polkit { authority: builder.build().await?, questions: Gates::default() }))
            }
            AuthorizerKind::SameUid => Self::SameUid(rustix::process::getuid().as_raw()),
        })
    }

    /// Returns when the caller of this message may do this, else `NotAuthorized`.
    pub(super) async fn check(&self, caller: &Caller, header: &Header<'_>, action: Action) -> Result<(), Error> {
        match self {
            Self::SameUid(uid) if caller.user.uid == *uid => Ok(()),
            Self::SameUid(_) => Err(denied("only the service's own user is allowed")),
            Self::Polkit(polkit) => {
                let may_ask = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
                let gate = polkit.questions.gate((caller.user.uid, may_ask), QUESTIONS);
                // Whoever has left asks nothing any more.
                let _turn = tokio::select! {
                    turn = gate.acquire() => turn.map_err(|error| denied(error.to_string()))?,
                    () = caller.gone.cancelled() => return Err(denied("the caller left the bus")),
                };
                check_polkit(&polkit.authority, caller, header, action).await
            }
        }
    }
}

async fn check_polkit(
    authority: &AuthorityProxy<'_>,
    caller: &Caller,
    header: &Header<'_>,
    action: Action,
) -> Result<(), Error> {
    // The unique bus name: a process id could be somebody else's by the time that polkit looks.
    let subject = Subject::new_for_message_header(header).map_err(|error| denied(error.to_string()))?;
    let may_ask = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
    let (flags, limit) = if may_ask {
        (CheckAuthorizationFlags::ALLOW_USER_INTERACTION, LIMIT)
    } else {
        (CheckAuthorizationFlags::empty(), LIMIT_SILENT)
    };
    let details = HashMap::new();
    let question = authority.check_authorization(&subject, action.id(), &details, flags, "");
    match tokio::time::timeout(limit, question).await {
        Ok(Ok(answer)) if answer.is_authorized => Ok(()),
        Ok(Ok(_)) => Err(denied(format!("policy does not allow {}", action.id()))),
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
