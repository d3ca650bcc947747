//! Why the process ends by itself.

use std::process::ExitCode;

use crate::channel::ChannelError;

/// Exit code where the module kept a thread that waits for slot events, or never came back from finalizing.
pub(crate) const EXIT_STUCK: i32 = 5;

/// Every reason but the ordinary one, that the daemon closed the socket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line is not the daemon's.
    #[error(
        "usage: ukey-pkcs11-shim --library /path/to/module.so --parent PID [--fork allowed|denied] [--read PATH]… [--write PATH]… [--allow WHAT]…"
    )]
    Usage,
    /// The process that started it is gone, or is not the one that it names.
    #[error("the parent is not the process that was named")]
    NotTheParent,
    /// The kernel refused a step of the hardening; nothing was loaded.
    #[error("hardening failed: {0}")]
    Harden(#[from] rustix::io::Errno),
    /// The system-call filter could not be made or set; nothing was loaded.
    #[error("hardening failed: {0}")]
    Seccomp(String),
    /// Landlock is there and can't be used; nothing was loaded.
    #[error("hardening failed: {0}")]
    Landlock(#[from] ::landlock::RulesetError),
    /// The daemon sent what is no frame, or the socket broke.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The first request was no `Hello` of this version; it has been answered.
    #[error("no Hello of this version")]
    Hello,
    /// The module can't be loaded or initialized; `Hello` has been answered with it.
    #[error("the module can't be loaded")]
    Load,
    /// No thread can be started.
    #[error("can't start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

impl Error {
    /// 2: wrong command line, 3: hardening, 4: no module, 1: all else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage => ExitCode::from(2),
            Self::NotTheParent | Self::Harden(_) | Self::Seccomp(_) | Self::Landlock(_) => ExitCode::from(3),
            Self::Load => ExitCode::from(4),
            Self::Channel(_) | Self::Hello | Self::Thread(_) => ExitCode::from(1),
        }
    }
}

impl From<seccompiler::BackendError> for Error {
    fn from(error: seccompiler::BackendError) -> Self {
        Self::Seccomp(error.to_string())
    }
}
