//! Why the exporter ends, each with its exit code.

use std::path::PathBuf;

/// systemd.exec(5): "Program is not configured". The unit does not start it again then.
const NOT_CONFIGURED: u8 = 6;
/// sysexits(3): the configuration has a mistake. The unit does not start it again then either.
const CONFIG: u8 = 78;

/// Why the exporter ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "nothing to do: neither a textfile nor an OpenTelemetry endpoint is configured. Set prometheus.textfile or \
         otlp.endpoint in /etc/ukeyd/exporter.toml; see ukey-exporter(8)"
    )]
    NothingConfigured,
    #[error("{path}: {source}", path = .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}", path = .path.display())]
    Malformed { path: PathBuf, message: String },
    /// An option of the file, or a variable.
    #[error("{name}: {message}")]
    Setting { name: String, message: String },
    #[error("bus: {0}")]
    Bus(#[from] zbus::Error),
    #[error("the bus connection was lost")]
    BusLost,
    #[error("{0}")]
    System(std::io::Error),
}

impl Error {
    /// As the unit knows it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NothingConfigured => NOT_CONFIGURED,
            Self::Unreadable { .. } | Self::Malformed { .. } | Self::Setting { .. } => CONFIG,
            Self::Bus(_) | Self::BusLost | Self::System(_) => 1,
        }
    }

    pub(crate) fn setting(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Setting { name: name.into(), message: message.into() }
    }
}
