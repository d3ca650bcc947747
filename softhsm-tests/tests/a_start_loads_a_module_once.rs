//! A start of the service starts one process for a module, and no other until somebody is there to see a Key.

use std::time::Duration;
use ukey_softhsm_tests::{Call, Fixture, eventually, staged};
use zbus::fdo::DBusProxy;

/// Longer than a process needs that is started with the name.
const A_WHILE: Duration = Duration::from_secs(1);

#[test]
fn with_a_key_that_is_there() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| {}).without_agent().start().await;
        fixture.kill_daemon().await;
        let before = fixture.lab().count(Call::Initialize);
        let bus = DBusProxy::new(&fixture.clerk).await.unwrap();
        let _started = fixture.daemon.builder().launch();
        let named = async || bus.name_has_owner("org.ukeyd.UKey1".try_into().unwrap()).await.unwrap().then_some(());
        eventually("the name on the bus", named).await;
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(fixture.lab().count(Call::Initialize), before + 1);
    });
}
