//! With a module that tells of its slots, and a desktop's agent on the bus, neither the service nor the module's process runs
//! while nothing happens. Without anybody on the bus that needs no module that tells: the kernel's USB events and the next
//! caller are enough.

use std::time::{Duration, Instant};
use ukey_softhsm_tests::{Fixture, Lab, SlotEvents, staged, times_run};

/// Longer than the pause of anything that looks now and then, but the minute's look where the kernel tells of no USB.
const QUIET: Duration = Duration::from_secs(65);
/// By then everything that a change needs some time after has been done.
const SETTLED: Duration = Duration::from_secs(150);

#[test]
fn with_a_module_that_tells_of_its_slots() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, _| lab.slot_events(SlotEvents::Working)).start().await;
        // It has told once, somebody has signed, and everything is done.
        fixture.lab().remove(fixture.key());
        fixture.wait_until_gone(fixture.key()).await;
        fixture.lab().insert(fixture.key());
        fixture.log_in().await;
        fixture.token().await.logout().await.unwrap();
        sleeps(&fixture).await;
        // It was asleep, not dead.
        fixture.lab().remove(fixture.key());
        fixture.wait_until_gone(fixture.key()).await;
    });
}

#[test]
fn with_nobody_on_the_bus() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|lab, _| lab.slot_events(SlotEvents::Missing)).start().await;
        fixture.log_in().await;
        fixture.token().await.logout().await.unwrap();
        fixture.agents.clear();
        fixture.clerk.clone().close().await.unwrap();
        sleeps(&fixture).await;
    });
}

/// Waits until neither has run for so long.
async fn sleeps(fixture: &Fixture) {
    let service = fixture.daemon.program().pid();
    let shims = fixture.daemon.shims_of(&Lab::library());
    let all = || std::iter::once(service).chain(shims.iter().copied()).map(times_run).collect::<Vec<_>>();
    let start = Instant::now();
    let (mut counts, mut since) = (all(), start);
    while since.elapsed() < QUIET {
        assert!(start.elapsed() < SETTLED, "they ran {counts:?} times by now");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = all();
        if now != counts {
            (counts, since) = (now, Instant::now());
        }
    }
}
