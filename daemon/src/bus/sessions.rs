//! Sessions as logind tells them. Without logind there are none, and agents serve by user alone.

use crate::token::User;
use ukey_dbus::{Error, ErrorKind};
use zbus::{Connection, OwnedObjectPath, Proxy};

const LOGIND: &str = "org.freedesktop.login1";

/// A way to logind, if it is there.
pub(super) struct Sessions {
    connection: Connection,
}

impl Sessions {
    pub(super) fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// The session of a caller's process; `None` without logind or outside a session.
    pub(super) async fn of_process(&self, user: &User) -> Option<String> {
        let path = self.ask("GetSessionByPID", &user.pid).await?;
        self.session(&path).await.filter(|(_, uid)| *uid == user.uid).map(|(id, _)| id)
    }

    /// Checks a session id that an agent claims: with logind it must exist and be the agent's user's.
    pub(super) async fn check(&self, claimed: &str, user: &User) -> Result<(), Error> {
        if !self.has_logind().await {
            return Ok(());
        }
        let owner = match self.ask("GetSession", &claimed).await {
            Some(path) => self.session(&path).await.map(|(_, uid)| uid),
            None => None,
        };
        if owner == Some(user.uid) {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::NotAuthorized, "this session is not one of yours"))
        }
    }

    async fn has_logind(&self) -> bool {
        match zbus::fdo::DBusProxy::new(&self.connection).await {
            Ok(bus) => match LOGIND.try_into() {
                Ok(name) => bus.name_has_owner(name).await.unwrap_or(false),
                Err(_) => false,
            },
            Err(_) => false,
        }
    }

    async fn ask<A>(&self, method: &str, argument: &A) -> Option<OwnedObjectPath>
    where
        A: serde::Serialize + zbus::Type,
    {
        if !self.has_logind().await {
            return None;
        }
        let manager =
            Proxy::new(&self.connection, LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1.Manager").await;
        manager.ok()?.call(method, argument).await.ok()
    }

    /// Id and user of the session at this path.
    async fn session(&self, path: &OwnedObjectPath) -> Option<(String, u32)> {
        let session =
            Proxy::new(&self.connection, LOGIND, path.clone(), "org.freedesktop.login1.Session").await.ok()?;
        let id = session.get_property::<String>("Id").await.ok()?;
        let (uid, _) = session.get_property::<(u32, OwnedObjectPath)>("User").await.ok()?;
        Some((id, uid))
    }
}
