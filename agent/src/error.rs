//! What can keep an agent from starting or from serving on.

use std::io;
use std::path::PathBuf;

/// Why an agent can't serve. None of these has anything to do with a PIN; what a call of the daemon gets is a
/// [`ukey_dbus::Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no bus: it has to be `system`, `session` or a D-Bus address with `unix:path=` or `unix:abstract=`.
    #[error("\"{0}\" is not a bus: use system, session or a unix: D-Bus address")]
    BusName(String),
    /// The bus could not be reached, or ended.
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
    /// The socket of the bus could not be opened.
    #[error("the bus at {address}: {error}")]
    Connect {
        /// Where the bus was looked for.
        address: String,
        /// What the kernel said.
        error: io::Error,
    },
    /// The bus closed the connection: it was stopped, or the agent's session ended.
    #[error("the bus closed the connection")]
    BusClosed,
    /// ukeyd is not on the bus and can't be started by it. Only a terminal agent gets this; a desktop agent waits.
    #[error("ukeyd is not on the bus")]
    NoService,
    /// The owner of ukeyd's bus name runs as a user that may not ask for PINs.
    #[error("the owner of org.ukeyd.UKey1 runs as user {0}, which may not ask for PINs")]
    UntrustedService(u32),
    /// ukeyd refused the registration; most often because another agent serves this session.
    #[error("ukeyd refused this agent: {0}")]
    Refused(ukey_dbus::Error),
    /// No pinentry program fits the surroundings (display, terminal, what is installed).
    #[error("no pinentry program was found for this display or terminal")]
    NoPinentry,
    /// The pinentry program that was asked for isn't one that can be run.
    #[error("{} is not a program that can be run: give a name on PATH or an absolute path", .0.display())]
    NotAProgram(PathBuf),
    /// The settings file could not be read.
    #[error("{}: {error}", path.display())]
    SettingsFile {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        error: io::Error,
    },
    /// The settings file has a mistake.
    #[error("{}, line {line}: {message}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Line of the mistake, from 1.
        line: usize,
        /// What is wrong, in one line.
        message: String,
    },
    /// Signals can't be waited for.
    #[error("signals: {0}")]
    Signals(io::Error),
    /// The process could not be made safe against core files and debuggers.
    #[error("hardening: {0}")]
    Hardening(io::Error),
}
