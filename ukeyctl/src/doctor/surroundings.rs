//! Services of others that the installation needs: polkit on the system bus, a tray in the desktop session. Asked of the
//! buses, each question bounded.

use super::{Tray, observe};
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::proxy::Proxy;

/// A bus that takes longer is taken for none.
const ANSWER_MAX: Duration = Duration::from_secs(3);
const POLKIT: &str = "org.freedesktop.PolicyKit1";
const TRAY: &str = "org.kde.StatusNotifierWatcher";
/// The rule that lets the service reach cards, and what pcscd's package brings to ask polkit about.
const PCSCD_RULE: &str = "/usr/share/polkit-1/rules.d/50-ukeyd-pcscd.rules";
const PCSCD_ACTIONS: &str = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy";

/// Can polkit be asked on this bus? Yes where the bus itself can't be asked.
pub(super) async fn has_polkit(connection: &Connection) -> bool {
    let answer = async {
        let bus = DBusProxy::new(connection).await?;
        let is_there = bus.name_has_owner(POLKIT.try_into()?).await?
            || bus.list_activatable_names().await?.iter().any(|name| name.as_str() == POLKIT);
        Ok::<_, zbus::Error>(is_there)
    };
    timeout(ANSWER_MAX, answer).await.is_ok_and(|answer| answer.unwrap_or(true))
}

/// Does pcscd ask polkit, with no rule that lets the service in?
pub(super) fn is_pcscd_rule_missing() -> bool {
    is_rule_missing(Path::new(PCSCD_ACTIONS), Path::new(PCSCD_RULE))
}

fn is_rule_missing(actions: &Path, rule: &Path) -> bool {
    // A folder that can't be looked into may hold it.
    actions.exists() && rule.try_exists().is_ok_and(|exists| !exists)
}

/// Who shows the icons of the desktop that this program runs in.
pub(super) async fn tray() -> Tray {
    if !observe::is_on_desktop() {
        return Tray::NoDesktop;
    }
    let answer = async {
        let session = Connection::session().await?;
        let bus = DBusProxy::new(&session).await?;
        if !bus.name_has_owner(TRAY.try_into()?).await? {
            return Ok(false);
        }
        let watcher = Proxy::new(&session, TRAY, "/StatusNotifierWatcher", TRAY).await?;
        watcher.get_property::<bool>("IsStatusNotifierHostRegistered").await
    };
    match timeout(ANSWER_MAX, answer).await {
        Ok(Ok(true)) => Tray::Shown,
        Ok(Ok(false)) => Tray::NoHost,
        // No session bus, or one that does not answer.
        Ok(Err(_)) | Err(_) => Tray::NoDesktop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_missing_only_where_pcscd_asks() {
        let folder = tempfile::tempdir().unwrap();
        let (actions, rule) = (folder.path().join("actions"), folder.path().join("rule"));
        assert!(!is_rule_missing(&actions, &rule));
        std::fs::write(&actions, "").unwrap();
        assert!(is_rule_missing(&actions, &rule));
        std::fs::write(&rule, "").unwrap();
        assert!(!is_rule_missing(&actions, &rule));
    }
}
