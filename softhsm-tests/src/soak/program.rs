//! The calls of programs, and what they are answered.

use std::collections::HashMap;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, TOKEN};
use ukey_dbus::{ErrorKind, options};
use zbus::{Connection, OwnedObjectPath, Variant, fdo};

/// Every call wants its answer within this time, in milliseconds.
pub(super) const TIMEOUT_MS: u32 = 10_000;

/// The algorithm of the soak's keys.
pub(super) const ALGORITHM: &str = "ECDSA-SHA256";

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done.
    Done,
    /// A signature.
    Signature(Vec<u8>),
    /// An error of the contract.
    Refused(ErrorKind),
    /// There is no such object: the Key is not there.
    Gone,
    /// Anything else.
    Odd(String),
}

impl Answer {
    /// The name for the table.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Done | Self::Signature(_) => "ok",
            Self::Refused(kind) => kind.short_name(),
            Self::Gone => "(no object)",
            Self::Odd(_) => "(odd)",
        }
    }

    fn of(error: &zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, message, _) => match ErrorKind::from_dbus_name(name.as_str()) {
                Some(kind) => Self::Refused(kind),
                None => Self::Odd(format!("{name}: {}", message.as_deref().unwrap_or_default())),
            },
            zbus::Error::FDO(error) if matches!(**error, fdo::Error::UnknownObject(_)) => Self::Gone,
            error => Self::Odd(error.to_string()),
        }
    }
}

/// May a dialog be shown?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    Auto,
    Never,
}

/// Signs some data.
pub(super) async fn sign(
    connection: &Connection,
    certificate: &OwnedObjectPath,
    data: &[u8],
    prompt: Prompt,
) -> Answer {
    let word = if prompt == Prompt::Auto { options::PROMPT_AUTO } else { options::PROMPT_NEVER };
    let mut options = in_time();
    options.insert(options::PROMPT, word.into());
    let body = (ALGORITHM, data, options);
    match connection.call_method(Some(BUS_NAME), certificate, Some(CERTIFICATE), "SignData", &body).await {
        Ok(reply) => match reply.body().deserialize::<Vec<u8>>() {
            Ok(signature) => Answer::Signature(signature),
            Err(error) => Answer::Odd(error.to_string()),
        },
        Err(error) => Answer::of(&error),
    }
}

/// `Login` or `UnblockPin`.
pub(super) async fn with_dialogs(connection: &Connection, token: &OwnedObjectPath, method: &str) -> Answer {
    done(connection.call_method(Some(BUS_NAME), token, Some(TOKEN), method, &(in_time(),)).await)
}

/// `Logout`.
pub(super) async fn log_out(connection: &Connection, token: &OwnedObjectPath) -> Answer {
    done(connection.call_method(Some(BUS_NAME), token, Some(TOKEN), "Logout", &()).await)
}

fn done(reply: zbus::Result<zbus::Message>) -> Answer {
    reply.map_or_else(|error| Answer::of(&error), |_| Answer::Done)
}

fn in_time() -> HashMap<&'static str, Variant<'static>> {
    HashMap::from([(options::TIMEOUT_MS, TIMEOUT_MS.into())])
}
