//! One exported object whose property changes are announced: its values are compared with those told last, and what
//! differs goes out as one `PropertiesChanged`.

use std::collections::HashMap;
use tokio::sync::Mutex;
use zbus::fdo::Properties;
use zbus::object_server::{Interface, InterfaceRef, SignalEmitter};
use zbus::{Connection, ObjectPath, OwnedVariant, Variant};

type Values = HashMap<String, OwnedVariant>;

/// An interface at a path.
pub(super) struct Announced<I: Interface> {
    connection: Connection,
    object: InterfaceRef<I>,
    path: ObjectPath<'static>,
    told: Mutex<Values>,
}

impl<I: Interface> Announced<I> {
    /// Exports it, which tells its first values.
    pub(super) async fn export(connection: &Connection, path: String, interface: I) -> zbus::Result<Self> {
        let path = ObjectPath::try_from(path)?;
        // Read before they are told: a change in between is then announced once too often, never too seldom.
        let emitter = SignalEmitter::new(connection, path.clone())?;
        let told = Mutex::new(interface.get_all(connection.object_server(), connection, None, &emitter).await?);
        if connection.object_server().at(path.clone(), interface).await?.is_some() {
            return Err(zbus::Error::Failure(format!("{path} is exported already")));
        }
        let object = connection.object_server().interface::<_, I>(path.clone()).await?;
        Ok(Self { connection: connection.clone(), object, path, told })
    }

    /// Announces what has changed since the last time.
    pub(super) async fn announce(&self) {
        if let Err(error) = self.try_announce().await {
            tracing::warn!(%error, path = %self.path, "a change cannot be announced");
        }
    }

    async fn try_announce(&self) -> zbus::Result<()> {
        let mut told = self.told.lock().await;
        let emitter = self.object.signal_emitter();
        let now = {
            let object = self.object.get().await;
            object.get_all(self.connection.object_server(), &self.connection, None, emitter).await?
        };
        let changed: HashMap<&str, Variant<'_>> = now
            .iter()
            .filter(|(name, value)| told.get(*name) != Some(value))
            .map(|(name, value)| Ok((name.as_str(), Variant::try_from(value)?)))
            .collect::<zbus::Result<_>>()?;
        if !changed.is_empty() {
            Properties::properties_changed(emitter, I::name(), changed, [].as_slice().into()).await?;
        }
        *told = now;
        Ok(())
    }

    /// For signals of its own.
    pub(super) fn emitter(&self) -> &SignalEmitter<'static> {
        self.object.signal_emitter()
    }

    /// Takes it off the bus.
    pub(super) async fn withdraw(&self) {
        if let Err(error) = self.connection.object_server().remove::<I, _>(self.path.clone()).await {
            tracing::warn!(%error, path = %self.path, "an object cannot be removed");
        }
    }
}
