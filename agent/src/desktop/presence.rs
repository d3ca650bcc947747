//! Is this session the one that its user sits at? Notices of another one would pile up unseen.

use crate::texts::first_set;
use std::time::Duration;
use tokio::time::timeout;
use zbus::proxy::CacheProperties;
use zbus::{Connection, OwnedObjectPath, proxy};

/// logind answers at once, or does not run.
const ANSWER_TIME: Duration = Duration::from_secs(2);

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
trait Logind {
    #[zbus(no_autostart)]
    fn get_session(&self, id: &str) -> zbus::Result<OwnedObjectPath>;
}

#[proxy(interface = "org.freedesktop.login1.Session", default_service = "org.freedesktop.login1")]
trait LogindSession {
    #[zbus(property)]
    fn active(&self) -> zbus::Result<bool>;
}

/// Whether notices are seen now. Where logind does not say, they are.
pub(crate) async fn is_seen(connection: &Connection) -> bool {
    let Some(id) = first_set(&["XDG_SESSION_ID"]) else { return true };
    let asked = async {
        let path = LogindProxy::new(connection).await?.get_session(&id).await?;
        let session = LogindSessionProxy::builder(connection).path(path).cache_properties(CacheProperties::No);
        session.build().await?.active().await
    };
    match timeout(ANSWER_TIME, asked).await {
        Ok(Ok(active)) => active,
        Ok(Err(error)) => {
            tracing::debug!(%error, "logind");
            true
        }
        Err(_) => true,
    }
}
