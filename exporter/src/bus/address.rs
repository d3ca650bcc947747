//! Which bus ukeyd is on.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;
use zbus::Connection;
use zbus::connection::Builder;

/// An answer takes milliseconds. A ukeyd that hangs must not keep the exporter from ending.
const CALL_TIME: Duration = Duration::from_secs(10);

/// `--bus system|session|ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    System,
    Session,
    Address(String),
}

impl FromStr for Bus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "system" => Self::System,
            "session" => Self::Session,
            address => Self::Address(address.to_owned()),
        })
    }
}

impl Bus {
    /// Connects.
    pub(crate) async fn connect(&self) -> zbus::Result<Connection> {
        match self {
            Self::System => Builder::system(),
            Self::Session => Builder::session(),
            Self::Address(address) => Builder::address(address.as_str()),
        }
        .method_timeout(CALL_TIME)
        .build()
        .await
    }
}
