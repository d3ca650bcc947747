//! SIGHUP reads the module files again: the module whose file changed is started anew, another keeps its process and its
//! login; a file that can't be read changes nothing at all.

use rustix::process::Signal;
use ukey_dbus::{ErrorKind, KeyKind, TokenState, options};
use ukey_softhsm_tests::{Fixture, Lab, eventually, no_options, option, refusal, staged};

#[test]
fn another_modules_login_goes_on() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        // One that only reads flags may be among them: it ends too.
        let before = fixture.daemon.shims_of(&Lab::library());
        let bystander = fixture.bystander().await;
        fixture.log_in().await;
        fixture.daemon.add_to_module("softhsm2", "sessions = 2");
        fixture.daemon.program().signal(Signal::HUP);
        eventually("a new process", async || {
            let now = fixture.daemon.shims_of(&Lab::library());
            (!now.is_empty() && before.iter().all(|shim| !now.contains(shim))).then_some(())
        })
        .await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        let signed = certificate.sign_data("ECDSA-SHA256", b"order", never).await;
        assert_eq!(refusal(signed), ErrorKind::LoginRequired, "a login outlived its process");
        // It signs without a dialog all the time: its login is the one of the beginning, and so is its process.
        bystander.noticed_nothing();
    });
}

#[test]
fn nothing_changes_when_nothing_changed_or_a_file_is_wrong() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
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
        // A login ends with its process.
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(fixture.lab().pin_calls(), 1);
    });
}
