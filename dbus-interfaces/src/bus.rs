//! Which bus ukeyd is on.

use std::convert::Infallible;
use std::str::FromStr;
use zbus::connection::Builder;

/// A bus as `--bus` names it: `system`, `session` or a D-Bus address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bus {
    /// The system bus: where ukeyd is in production.
    System,
    /// The session bus of this user.
    Session,
    /// A private bus, by its D-Bus address.
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
    /// A connection to it, to be built. An address that is none is an error of the building.
    pub fn builder(&self) -> Builder<'_> {
        match self {
            Self::System => Builder::system(),
            Self::Session => Builder::session(),
            Self::Address(address) => Builder::address(address.as_str()),
        }
    }
}
