//! A shim that dies takes nobody along: its Keys say so, the daemon answers, the shim is started again and its Keys
//! come back without a login. The daemon's own end leaves no shim behind.

use rustix::process::Signal;
use ukey_dbus::{KeyKind, ModuleState, TokenState};
use ukey_softhsm_tests::{
    Call, Code, Fault, Fixture, Lab, ModuleFile, When, eventually, is_running, kill, no_options, staged,
};

#[test]
fn it_is_started_again_and_its_keys_come_back() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let before = fixture.daemon.shims();
        for shim in &before {
            kill(*shim, Signal::KILL);
        }
        eventually("the Key without a login", async || {
            let state = fixture.token().await.state().await.ok()?;
            (state != TokenState::LoggedIn.as_str()).then_some(())
        })
        .await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        assert!(u32::try_from(fixture.module().await["Restarts"].clone()).unwrap() >= 1);
        assert!(fixture.daemon.shims().iter().all(|shim| !before.contains(shim)));
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn one_that_hangs_is_ended() {
    staged(async || {
        let fixture = Fixture::builder().module("[timeouts]\nsign = 500\nread = 500\nlogin = 1000\n").start().await;
        fixture.log_in().await;
        let hanging = fixture.daemon.shims();
        for shim in &hanging {
            kill(*shim, Signal::STOP);
        }
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        let kind = ukey_softhsm_tests::refusal(signed);
        assert!([ukey_dbus::ErrorKind::ModuleTimeout, ukey_dbus::ErrorKind::ModuleFailed].contains(&kind), "{kind:?}");
        eventually("their end", async || hanging.iter().all(|shim| !is_running(*shim)).then_some(())).await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    });
}

/// The daemon may hear of the end of a process before it has read what the process said.
#[test]
fn what_it_said_before_its_end_counts() {
    staged(async || {
        let lab = Lab::start("apart");
        lab.fault(When::calling(Call::Initialize), Fault::Delay(3000));
        lab.fault(When::calling(Call::Initialize).after_it(), Fault::Fail(Code::HOST_MEMORY));
        let late = ModuleFile::new("late", &Lab::library(), &lab.environment());
        let fixture = Fixture::builder().extra_module(late).start().await;
        let daemon = fixture.daemon.program();
        let shim = eventually("its process", async || fixture.daemon.shims_of(&Lab::library()).pop()).await;
        daemon.signal(Signal::STOP);
        eventually("its end", async || (!is_running(shim)).then_some(())).await;
        daemon.signal(Signal::CONT);
        let reason = eventually("the module's failure", async || {
            let module = fixture.module_named("late").await?;
            let text = |property: &str| String::try_from(module[property].clone()).unwrap();
            (text("State") == ModuleState::Failed.as_str()).then(|| text("Reason"))
        })
        .await;
        assert!(reason.contains("0x2"), "{reason}");
    });
}

#[test]
fn a_clean_stop_leaves_nothing_behind() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let shims = fixture.daemon.shims();
        assert!(!shims.is_empty());
        fixture.daemon.program().signal(Signal::TERM);
        assert!(fixture.daemon.program_mut().ended().await.success());
        eventually("the shims' end", async || shims.iter().all(|shim| !is_running(*shim)).then_some(())).await;
    });
}

#[test]
fn a_killed_daemon_leaves_no_shim() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let shims = fixture.daemon.shims();
        assert!(!shims.is_empty());
        fixture.daemon.program().signal(Signal::KILL);
        eventually("the shims' end", async || shims.iter().all(|shim| !is_running(*shim)).then_some(())).await;
    });
}
