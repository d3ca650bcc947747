//! Who may ask for PINs: the owner of ukeyd's bus name, when it runs as the right user.

use crate::{Bus, Error};
use nix::unistd::User;
use ukey_dbus::names::BUS_NAME;
use zbus::Connection;
use zbus::fdo::{self, DBusProxy};
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};

/// The user that ukeyd runs as where the package is installed.
const SERVICE_USER: &str = "ukeyd";

/// The users who may own ukeyd's bus name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustedUsers(Vec<u32>);

/// The daemon as it is on the bus now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceOwner {
    pub(crate) name: OwnedUniqueName,
    pub(crate) uid: u32,
}

impl TrustedUsers {
    /// Root and the service's user; on a bus of the user's own, the user too, who could start ukeyd there.
    pub(crate) async fn on(bus: &Bus) -> Self {
        let look = tokio::task::spawn_blocking(|| User::from_name(SERVICE_USER));
        let service = look.await.ok().and_then(Result::ok).flatten().map(|user| user.uid.as_raw());
        Self::new(bus, service, rustix::process::getuid().as_raw())
    }

    fn new(bus: &Bus, service: Option<u32>, own: u32) -> Self {
        let own = match bus {
            Bus::System => None,
            Bus::Session | Bus::Address(_) => Some(own),
        };
        Self([Some(0), service, own].into_iter().flatten().collect())
    }

    /// The owner of ukeyd's name; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::UntrustedService`] when it runs as anybody else, [`Error::Bus`] when the bus doesn't answer.
    pub(crate) async fn owner(&self, connection: &Connection) -> Result<Option<ServiceOwner>, Error> {
        let bus = DBusProxy::new(connection).await?;
        let name = match bus.get_name_owner(service_name().into()).await {
            Ok(name) => name,
            Err(fdo::Error::NameHasNoOwner(_)) => return Ok(None),
            Err(error) => return Err(Error::Bus(error.into())),
        };
        // Asked about the unique name, so that both answers are about the same connection.
        let uid = match bus.get_connection_unix_user(BusName::Unique(name.inner().clone())).await {
            Ok(uid) => uid,
            Err(fdo::Error::NameHasNoOwner(_)) => return Ok(None),
            Err(error) => return Err(Error::Bus(error.into())),
        };
        if self.0.contains(&uid) { Ok(Some(ServiceOwner { name, uid })) } else { Err(Error::UntrustedService(uid)) }
    }
}

/// ukeyd's name on the bus.
pub(crate) fn service_name() -> WellKnownName<'static> {
    WellKnownName::from_static_str_unchecked(BUS_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_daemon_is_trusted_on_the_users_own_bus_only() {
        assert_eq!(TrustedUsers::new(&Bus::System, Some(990), 1000), TrustedUsers(vec![0, 990]));
        assert_eq!(TrustedUsers::new(&Bus::System, None, 1000), TrustedUsers(vec![0]));
        assert_eq!(TrustedUsers::new(&Bus::Session, Some(990), 1000), TrustedUsers(vec![0, 990, 1000]));
    }

    #[test]
    fn the_bus_name_is_a_valid_one() {
        assert!(WellKnownName::try_from(BUS_NAME).is_ok());
    }
}
