//! The connection to the service.

use crate::error::Error;
use crate::snapshot::Snapshot;
use crate::time::Time;
use std::time::Duration;
use tokio::time::timeout;
use ukey_agent::Bus;
use ukey_dbus::{AuditProxy, CertificateProxy, ManagerProxy, TokenProxy, names};
use zbus::fdo::{DBusProxy, ObjectManagerProxy};
use zbus::proxy::CacheProperties;
use zbus::{Connection, ObjectPath};

/// What needs no person and no Key is answered within this time, or the service hangs.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// Who tells the service of sessions and sleep.
const LOGIND: &str = "org.freedesktop.login1";

/// A connection to the bus on which the service is.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    connection: Connection,
}

impl Service {
    /// Connects to the bus.
    ///
    /// # Errors
    /// `Unreachable` when there is no bus.
    pub(crate) async fn connect(bus: &Bus) -> Result<Self, Error> {
        let connection = bounded(async { ukey_agent::connect(bus).await.map_err(Error::from) }).await?;
        Ok(Self { connection })
    }

    /// The connection itself.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Everything that the service shows now.
    ///
    /// # Errors
    /// `Unreachable` when the service does not run or does not answer.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Error> {
        bounded(async {
            let version = self.manager().await?.version().await?;
            let objects = ObjectManagerProxy::builder(&self.connection)
                .destination(names::BUS_NAME)
                .path(names::ROOT_PATH)
                .cache_properties(CacheProperties::No)
                .build()
                .await?
                .get_managed_objects()
                .await?;
            Ok(Snapshot::new(version, &objects, Time::now()))
        })
        .await
    }

    /// Is logind on the bus?
    ///
    /// # Errors
    /// `Unreachable` when the bus does not answer.
    pub(crate) async fn has_logind(&self) -> Result<bool, Error> {
        bounded(async {
            let bus = DBusProxy::new(&self.connection).await?;
            Ok(bus.name_has_owner(LOGIND.try_into()?).await.map_err(zbus::Error::from)?)
        })
        .await
    }

    /// The root object.
    ///
    /// # Errors
    /// None of the service's: nothing is sent yet.
    pub(crate) async fn manager(&self) -> Result<ManagerProxy<'static>, Error> {
        Ok(ManagerProxy::builder(&self.connection).cache_properties(CacheProperties::No).build().await?)
    }

    /// The journal.
    ///
    /// # Errors
    /// None of the service's: nothing is sent yet.
    pub(crate) async fn audit(&self) -> Result<AuditProxy<'static>, Error> {
        Ok(AuditProxy::builder(&self.connection).cache_properties(CacheProperties::No).build().await?)
    }

    /// The service's user id, as the bus knows it.
    ///
    /// # Errors
    /// `Unreachable` when the service does not run.
    pub(crate) async fn uid(&self) -> Result<u32, Error> {
        bounded(async {
            let bus = DBusProxy::new(&self.connection).await?;
            Ok(bus.get_connection_unix_user(names::BUS_NAME.try_into()?).await?)
        })
        .await
    }

    /// A Key.
    ///
    /// # Errors
    /// None of the service's: nothing is sent yet.
    pub(crate) async fn token(&self, path: &ObjectPath<'_>) -> Result<TokenProxy<'static>, Error> {
        let proxy = TokenProxy::builder(&self.connection).path(path.to_owned());
        Ok(proxy.cache_properties(CacheProperties::No).build().await?)
    }

    /// A certificate.
    ///
    /// # Errors
    /// None of the service's: nothing is sent yet.
    pub(crate) async fn certificate(&self, path: &ObjectPath<'_>) -> Result<CertificateProxy<'static>, Error> {
        let proxy = CertificateProxy::builder(&self.connection).path(path.to_owned());
        Ok(proxy.cache_properties(CacheProperties::No).build().await?)
    }
}

/// Waits for an answer that needs no person.
///
/// # Errors
/// `Unreachable` after [`ANSWER_MAX`], else those of `answer`.
pub(crate) async fn bounded<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    within(ANSWER_MAX, answer).await
}

/// Waits at most `limit` for an answer that needs no person.
///
/// # Errors
/// `Unreachable` after `limit`, else those of `answer`.
pub(crate) async fn within<T>(limit: Duration, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(limit, answer)
        .await
        .unwrap_or_else(|_| Err(Error::Unreachable(format!("no answer within {} s", limit.as_secs()))))
}
