//! A module that forks inside `C_Initialize`: by default it may not; where its profile allows it, the child ends with the
//! shim however that ends. The Key works either way.

use rustix::process::Signal;
use ukey_dbus::TokenState;
use ukey_softhsm_tests::{Call, Fault, Fixture, Lab, When, eventually, is_running, kill, staged};

#[test]
fn it_may_not_by_default() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(forks).start().await;
        assert!(fixture.lab().forks_denied() > 0);
        fixture.log_in().await;
        assert!(fixture.lab().forked().is_empty());
        let shims = fixture.daemon.shims();
        fixture.kill_daemon().await;
        eventually("the shims' end", async || shims.iter().all(|shim| !is_running(*shim)).then_some(())).await;
        assert!(fixture.lab().forked().is_empty());
    });
}

#[test]
fn where_it_may_the_child_ends_with_a_shim_that_is_killed() {
    staged(async || {
        let fixture = Fixture::builder().lab(forks).module("fork = true").start().await;
        let children =
            eventually("children", async || Some(fixture.lab().forked()).filter(|all| !all.is_empty())).await;
        for shim in fixture.daemon.shims_of(&Lab::library()) {
            kill(shim, Signal::KILL);
        }
        eventually("their end", async || children.iter().all(|child| !is_running(*child)).then_some(())).await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        fixture.log_in().await;
    });
}

#[test]
fn and_with_the_daemon() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(forks).module("fork = true").start().await;
        fixture.log_in().await;
        let children =
            eventually("children", async || Some(fixture.lab().forked()).filter(|all| !all.is_empty())).await;
        fixture.daemon.program().signal(Signal::TERM);
        fixture.daemon.program_mut().ended().await;
        let all = [children, fixture.lab().forked()].concat();
        eventually("their end, those of probes too", async || {
            all.iter().all(|child| !is_running(*child)).then_some(())
        })
        .await;
    });
}

#[test]
fn and_with_a_killed_daemon() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(forks).module("fork = true").start().await;
        fixture.log_in().await;
        let children =
            eventually("children", async || Some(fixture.lab().forked()).filter(|all| !all.is_empty())).await;
        let shims = fixture.daemon.shims();
        fixture.kill_daemon().await;
        let all = [children, fixture.lab().forked(), shims].concat();
        eventually("their end", async || all.iter().all(|process| !is_running(*process)).then_some(())).await;
        fixture.start_daemon().await;
        fixture.log_in().await;
    });
}

fn forks(lab: &Lab, _keys: &[ukey_softhsm_tests::Key]) {
    lab.fault(When::calling(Call::Initialize), Fault::Fork);
}
