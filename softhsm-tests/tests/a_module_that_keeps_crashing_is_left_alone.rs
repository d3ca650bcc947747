//! A module whose process dies again and again is quarantined with a reason, its Keys say so, nothing starts it any
//! more; reading the configuration again (SIGHUP) gives it another chance. Another module serves meanwhile.

use rustix::process::Signal;
use ukey_dbus::{ErrorKind, ModuleState, TokenState};
use ukey_softhsm_tests::{Call, Fault, Fixture, Lab, When, eventually, kill, no_options, refusal, staged};

#[test]
fn until_the_configuration_is_read_again() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        let (lab, key) = (fixture.lab(), fixture.key());
        let bystander = fixture.bystander().await;
        // The back-off begins anew with each good start: two crashes of a running one come quickly.
        for fault in [None, Some(Fault::Segfault)] {
            let shims = fixture.daemon.shims_of(&Lab::library());
            assert!(!shims.is_empty());
            if let Some(fault) = fault.clone() {
                lab.fault(When::calling(Call::Initialize), fault);
            }
            shims.iter().for_each(|shim| kill(*shim, Signal::KILL));
            fixture.wait_for_state(key, TokenState::ModuleFailed).await;
            if fault.is_none() {
                fixture.wait_for_state(key, TokenState::Ready).await;
            }
        }
        let (reason, restarts) = eventually("quarantine", async || {
            let module = fixture.module().await;
            let text = |name: &str| String::try_from(module[name].clone()).unwrap();
            let restarts = u32::try_from(module["Restarts"].clone()).unwrap();
            (text("State") == ModuleState::Quarantined.as_str()).then(|| (text("Reason"), restarts))
        })
        .await;
        assert!(reason.contains("crashed"), "{reason}");
        assert!(fixture.daemon.shims_of(&Lab::library()).is_empty());
        assert!((3..=5).contains(&restarts), "{restarts} restarts");
        let starts = lab.count(Call::Initialize);
        let kind = refusal(fixture.token().await.login(no_options()).await);
        assert_eq!(kind, ErrorKind::ModuleFailed);
        lab.clear_faults();
        assert_eq!(fixture.token().await.state().await.unwrap(), TokenState::ModuleFailed.as_str());
        assert_eq!(lab.count(Call::Initialize), starts, "it was started once more");

        fixture.daemon.program().signal(Signal::HUP);
        fixture.wait_for_state(key, TokenState::Ready).await;
        fixture.log_in().await;
        assert_eq!(lab.pin_calls(), 1);
        bystander.noticed_nothing();
    });
}
