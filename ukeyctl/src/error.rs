//! What can end a run of `ukeyctl`, and how each ending is classed.

use crate::exit::Exit;
use crate::select::SelectError;
use std::io;
use std::path::PathBuf;
use thiserror::Error as ThisError;
use ukey_dbus::ErrorKind;
use ukey_guidance::form::FormError;
use zbus::fdo;

/// Why a run failed. The texts here are English and for logs; a person reads the catalogue's.
#[derive(Debug, ThisError)]
pub(crate) enum Error {
    /// The service said no.
    #[error("{}", .0.message())]
    Service(ukey_dbus::Error),
    /// Of the journal only the caller's own records may be read.
    #[error("{}", .0.message())]
    OnlyMine(ukey_dbus::Error),
    /// The service, or the bus, does not answer. Trying again helps once it runs; no PIN was asked.
    #[error("{0}")]
    Unreachable(String),
    /// No single Key or certificate is meant.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The user pressed Ctrl-C; the request was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// The user answered a question of this program with no; nothing was asked of the service.
    #[error("declined")]
    Declined,
    /// A file can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file can't be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file to write is there already.
    #[error("{}: exists", .0.display())]
    Exists(PathBuf),
    /// The file is no certificate.
    #[error("{}: neither DER nor PEM", .0.display())]
    NotACertificate(PathBuf),
    /// No record has this number.
    #[error("{0}")]
    UnknownRecord(u64),
    /// The system's journal says nothing of the chain of records; what its reader said.
    #[error("{0}")]
    NoHeads(String),
    /// The CA's form can't be made; another font may help.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Options that don't go together; `usage-<word>` in the catalogue says which.
    #[error("usage: {0}")]
    Usage(&'static str),
    /// This program could not become its own agent; no PIN was asked.
    #[error("{0}")]
    Agent(ukey_agent::Error),
    /// Standard output failed; a reader that left is no error.
    #[error("standard output: {0}")]
    Output(io::Error),
}

impl Error {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Service(error) | Self::OnlyMine(error) => Exit::of(error.kind()),
            Self::Unreachable(_) => Exit::Unreachable,
            Self::Select(_) | Self::NotACertificate(_) | Self::UnknownRecord(_) => Exit::Argument,
            Self::Interrupted | Self::Declined | Self::Agent(_) => Exit::NoAnswer,
            Self::Read { .. } | Self::Write { .. } | Self::Exists(_) | Self::NoHeads(_) | Self::Output(_) => Exit::File,
            Self::Form(FormError::NoFont | FormError::MissingCharacter { .. }) => Exit::File,
            Self::Form(FormError::Pdf(_)) => Exit::Fault,
            Self::Usage(_) => Exit::Usage,
        }
    }

    /// The contract's kind, where the service gave one.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Service(error) | Self::OnlyMine(error) => Some(error.kind()),
            _ => None,
        }
    }

    /// Its name: of the contract, or one of `ukeyctl`'s own. Also its key in the catalogue, after `error-`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Service(error) | Self::OnlyMine(error) => error.kind().short_name(),
            Self::Unreachable(_) => "Unreachable",
            Self::Select(SelectError::NoKeys) => "NoKeys",
            Self::Select(SelectError::UnknownKey(_)) => "UnknownKey",
            Self::Select(SelectError::SeveralKeys(_)) => "SeveralKeys",
            Self::Select(SelectError::NoCertificates) => "NoCertificates",
            Self::Select(SelectError::UnknownCertificate(_)) => "UnknownCertificate",
            Self::Select(SelectError::SeveralCertificates(_)) => "SeveralCertificates",
            Self::Interrupted => "Interrupted",
            Self::Declined => "Declined",
            Self::Read { .. } => "FileUnreadable",
            Self::Write { .. } | Self::Output(_) => "FileUnwritable",
            Self::Exists(_) => "FileExists",
            Self::NotACertificate(_) => "NotACertificate",
            Self::UnknownRecord(_) => "UnknownRecord",
            Self::NoHeads(_) => "NoHeads",
            Self::Form(FormError::NoFont) => "NoFont",
            Self::Form(FormError::MissingCharacter { .. }) => "MissingCharacter",
            Self::Form(FormError::Pdf(_)) => "FormFailed",
            Self::Usage(_) => "Usage",
            Self::Agent(_) => "TerminalAgent",
        }
    }

    /// The key of what to do in the catalogue.
    pub(crate) fn advice(&self) -> String {
        match self {
            Self::OnlyMine(_) => "audit-only-mine-do".to_owned(),
            other => format!("error-{}-do", other.name()),
        }
    }

    /// The names of `ukeyctl`'s own errors.
    #[cfg(test)]
    pub(crate) const OWN_NAMES: &[&str] = &[
        "Unreachable",
        "NoKeys",
        "UnknownKey",
        "SeveralKeys",
        "NoCertificates",
        "UnknownCertificate",
        "SeveralCertificates",
        "Interrupted",
        "Declined",
        "FileUnreadable",
        "FileUnwritable",
        "FileExists",
        "NotACertificate",
        "UnknownRecord",
        "NoHeads",
        "NoFont",
        "MissingCharacter",
        "FormFailed",
        "Usage",
        "TerminalAgent",
    ];
}

impl From<zbus::Error> for Error {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::FDO(standard) => match &**standard {
                fdo::Error::ServiceUnknown(_)
                | fdo::Error::NameHasNoOwner(_)
                | fdo::Error::NoReply(_)
                | fdo::Error::NoServer(_)
                | fdo::Error::NoNetwork(_)
                | fdo::Error::Disconnected(_)
                | fdo::Error::Timeout(_)
                | fdo::Error::TimedOut(_)
                | fdo::Error::SpawnExecFailed(_)
                | fdo::Error::SpawnForkFailed(_)
                | fdo::Error::SpawnChildExited(_)
                | fdo::Error::SpawnChildSignaled(_)
                | fdo::Error::SpawnFailed(_)
                | fdo::Error::SpawnServiceNotFound(_) => Self::Unreachable(error.to_string()),
                // The bus' own policy, before the service's.
                fdo::Error::AccessDenied(message) | fdo::Error::AuthFailed(message) => {
                    Self::Service(ukey_dbus::Error::new(ErrorKind::NotAuthorized, message.clone()))
                }
                // Only objects of Keys come and go.
                fdo::Error::UnknownObject(message) => {
                    Self::Service(ukey_dbus::Error::new(ErrorKind::TokenRemoved, message.clone()))
                }
                _ => Self::Service(error.into()),
            },
            zbus::Error::InputOutput(_)
            | zbus::Error::Handshake(_)
            | zbus::Error::Address(_)
            | zbus::Error::Connection(..) => Self::Unreachable(error.to_string()),
            _ => Self::Service(error.into()),
        }
    }
}

impl From<fdo::Error> for Error {
    fn from(error: fdo::Error) -> Self {
        match error {
            fdo::Error::ZBus(inner) => inner.into(),
            standard => zbus::Error::FDO(Box::new(standard)).into(),
        }
    }
}

impl From<ukey_agent::Error> for Error {
    fn from(error: ukey_agent::Error) -> Self {
        match error {
            ukey_agent::Error::Bus(error) => error.into(),
            ukey_agent::Error::Connect { .. } | ukey_agent::Error::BusClosed | ukey_agent::Error::NoService => {
                Self::Unreachable(error.to_string())
            }
            ukey_agent::Error::Refused(error) => Self::Service(error),
            other => Self::Agent(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_service_is_told_from_a_refusal() {
        let missing = zbus::Error::FDO(Box::new(fdo::Error::ServiceUnknown("gone".to_owned())));
        assert_eq!(Error::from(missing).exit(), Exit::Unreachable);
        let denied = zbus::Error::FDO(Box::new(fdo::Error::AccessDenied("policy".to_owned())));
        assert_eq!(Error::from(denied).exit(), Exit::Refused);
        let removed = zbus::Error::FDO(Box::new(fdo::Error::UnknownObject("no object".to_owned())));
        assert_eq!(Error::from(removed).exit(), Exit::Key);
    }
}
