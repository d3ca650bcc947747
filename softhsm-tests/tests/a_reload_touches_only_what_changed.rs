//! SIGHUP reads the module files again: the module whose file changed is started anew, another keeps its process and its
//! login; a file that can't be read changes nothing at all.

use rustix::process::Signal;
use ukey_dbus::{ErrorKind, KeyKind, TokenState, options};
use ukey_softhsm_tests::{Fixture, Lab, eventually, no_options, option, refusal, staged};

#[test]
fn another_modules_login_goes_on() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        // Before anybody logs in there are no others, such as those that only read flags.
        let (changed, all) = (fixture.daemon.shims_of(&Lab::library()), fixture.daemon.shims());
        let bystander = fixture.bystander().await;
        fixture.log_in().await;
        fixture.daemon.add_to_module("softhsm2", "sessions = 2");
        fixture.daemon.program().signal(Signal::HUP);
        eventually("a new process", async || {
            let now = fixture.daemon.shims_of(&Lab::library());
            (!now.is_empty() && changed.iter().all(|shim| !now.contains(shim))).then_some(())
        })
        .await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        let others = all.iter().filter(|shim| !changed.contains(shim));
        assert!(others.clone().count() > 0);
        assert!(others.into_iter().all(|shim| fixture.daemon.shims().contains(shim)), "the other was started anew");
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", never).await;
        assert_eq!(refusal(signed), ErrorKind::LoginRequired, "a login outlived its process");
        bystander.noticed_nothing();
    });
}

#[test]
fn nothing_changes_when_nothing_changed_or_a_file_is_wrong() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let shims = fixture.daemon.shims_of(&Lab::library());
        fixture.log_in().await;
        for lines in ["# a remark", "sesions = 2"] {
            fixture.daemon.add_to_module("softhsm2", lines);
            fixture.daemon.program().signal(Signal::HUP);
            eventually("a word about it", async || {
                let log = fixture.daemon.program().log();
                let done = if lines.starts_with('#') { "modules read again" } else { "sesions" };
                log.contains(done).then_some(())
            })
            .await;
        }
        let now = fixture.daemon.shims_of(&Lab::library());
        assert!(!shims.is_empty() && shims.iter().all(|shim| now.contains(shim)));
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(fixture.lab().pin_calls(), 1);
    });
}
