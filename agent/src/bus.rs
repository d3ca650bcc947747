//! Which bus ukeyd is on, and how to get there.

use crate::Error;
use crate::socket::CloexecSocket;
use std::fmt;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::str::FromStr;
use zbus::address::transport::{Transport, UnixSocket};
use zbus::connection::Builder;
use zbus::{Address, Connection};

/// A bus, as `--bus` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bus {
    /// The system bus (`DBUS_SYSTEM_BUS_ADDRESS` is honoured): where ukeyd is in production.
    System,
    /// The session bus of this user.
    Session,
    /// A private bus, by its D-Bus address.
    Address(String),
}

impl FromStr for Bus {
    type Err = Error;

    /// Reads `system`, `session` or a D-Bus address.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "system" => Ok(Self::System),
            "session" => Ok(Self::Session),
            address if Address::from_str(address).is_ok_and(|address| socket_address(&address).is_some()) => {
                Ok(Self::Address(address.to_owned()))
            }
            _ => Err(Error::BusName(text.chars().take(120).collect())),
        }
    }
}

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::System => "system",
            Self::Session => "session",
            Self::Address(address) => address,
        })
    }
}

impl Bus {
    fn address(&self) -> zbus::Result<Address> {
        match self {
            Self::System => Address::system(),
            Self::Session => Address::session(),
            Self::Address(address) => Address::from_str(address),
        }
    }
}

/// Connects to `bus` and says hello.
///
/// Descriptors that arrive over this connection are close-on-exec from the first instant, so that no child (a
/// pinentry, say) inherits the socket for a PIN.
///
/// # Errors
/// [`Error::BusName`] for an address that isn't a unix socket, [`Error::Connect`] when nobody listens there,
/// [`Error::Bus`] when the handshake fails.
pub async fn connect(bus: &Bus) -> Result<Connection, Error> {
    let address = bus.address()?;
    let failed = |error| Error::Connect { address: address.to_string(), error };
    let target = socket_address(&address).ok_or_else(|| Error::BusName(address.to_string()))?.map_err(failed)?;
    let stream = UnixStream::connect_addr(&target).map_err(failed)?;
    let socket = CloexecSocket::new(stream).map_err(failed)?;
    Ok(Builder::socket(socket).build().await?)
}

/// Where the unix socket of `address` is; `None` when it is of another kind.
fn socket_address(address: &Address) -> Option<std::io::Result<SocketAddr>> {
    let Transport::Unix(unix) = address.transport() else { return None };
    match unix.path() {
        UnixSocket::File(path) => Some(SocketAddr::from_pathname(path)),
        UnixSocket::Abstract(name) => Some(SocketAddr::from_abstract_name(name.as_bytes())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_a_word_or_a_unix_address() {
        assert_eq!("system".parse::<Bus>().unwrap(), Bus::System);
        assert_eq!("session".parse::<Bus>().unwrap(), Bus::Session);
        for address in ["unix:path=/run/x/bus", "unix:abstract=/tmp/x"] {
            assert_eq!(address.parse::<Bus>().unwrap().to_string(), address);
        }
        for other in ["", "System", "tcp:host=localhost,port=1", "unix:tmpdir=/tmp", "/run/bus"] {
            assert!(matches!(other.parse::<Bus>(), Err(Error::BusName(_))), "{other}");
        }
    }
}
