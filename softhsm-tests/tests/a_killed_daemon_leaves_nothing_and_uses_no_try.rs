//! `kill -9` of the daemon at any moment: no shim outlives it, its dialogs close, and when it is started again the state
//! is right with no try used since. A login that was under way counts as a possible try.

use ukey_dbus::{ErrorKind, KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{
    Call, Fault, Fixture, Flags, Outcome, When, Who, eventually, is_running, no_options, refusal, staged,
};

const LOGIN: Call = Call::Login(Who::User);

#[test]
fn while_nothing_happens() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        killed(&mut fixture).await;
        assert_state(&fixture, PinState::Ok).await;
        signs_after_one_login(&fixture, 1).await;
    });
}

#[test]
fn while_a_dialog_is_open() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().dialog(1).await;
        killed(&mut fixture).await;
        assert!(call.await.unwrap().is_err());
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
        assert_state(&fixture, PinState::Ok).await;
        signs_after_one_login(&fixture, 0).await;
    });
}

#[test]
fn while_the_module_has_a_pin() {
    staged(async || during_a_login(When::calling(LOGIN), 0).await);
}

#[test]
fn while_the_module_has_judged_a_pin() {
    staged(async || during_a_login(When::calling(LOGIN).after_it(), 1).await);
}

async fn during_a_login(when: When, judged: usize) {
    // Nothing but the record tells that there may have been a try.
    let mut fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
    let key = fixture.key().clone();
    fixture.lab().fault(when.times(1), Fault::Hang);
    let token = fixture.token().await;
    fixture.pinentry().will_type("wrong-pin");
    let call = tokio::spawn(async move { token.login(no_options()).await });
    eventually("the call", async || (fixture.lab().count(LOGIN) == 1).then_some(())).await;
    eventually("the try", async || (fixture.lab().tries_used(&key) == judged).then_some(())).await;
    killed(&mut fixture).await;
    assert!(call.await.unwrap().is_err());
    assert_eq!((fixture.lab().pin_calls(), fixture.lab().tries_used(&key)), (1, judged));
    assert_state(&fixture, PinState::Low).await;

    // With the one that is on record this is the second; the third is asked about.
    fixture.pinentry().will_type("wrong-pin");
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinIncorrect);
    fixture.pinentry().will_refuse();
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
    assert_eq!(fixture.lab().pin_calls(), 2);
}

#[test]
fn while_the_key_signs() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        fixture.lab().fault(When::calling(Call::Sign).times(1), Fault::Hang);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        eventually("the signature", async || (fixture.lab().count(Call::Sign) == 1).then_some(())).await;
        killed(&mut fixture).await;
        assert!(call.await.unwrap().is_err());
        assert_state(&fixture, PinState::Ok).await;
        assert!(fixture.daemon.records().contains("outcome-unknown"), "a signature that may have been made");
        signs_after_one_login(&fixture, 1).await;
    });
}

#[test]
fn while_a_probe_reads_the_flags() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let starts = fixture.lab().count(Call::Initialize);
        fixture.lab().fault(When::calling(Call::GetTokenInfo), Fault::Hang);
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        eventually("a probe", async || (fixture.lab().count(Call::Initialize) > starts).then_some(())).await;
        let shims = fixture.daemon.shims();
        fixture.kill_daemon().await;
        fixture.lab().clear_faults();
        assert!(call.await.unwrap().is_err());
        eventually("the shims' end", async || shims.iter().all(|shim| !is_running(*shim)).then_some(())).await;
        fixture.start_daemon().await;
        signs_after_one_login(&fixture, 0).await;
    });
}

/// Kills the daemon, sees that nothing is left, and starts it again.
async fn killed(fixture: &mut Fixture) {
    let shims = fixture.daemon.shims();
    assert!(!shims.is_empty());
    let pin_calls = fixture.lab().pin_calls();
    fixture.kill_daemon().await;
    eventually("the shims' end", async || shims.iter().all(|shim| !is_running(*shim)).then_some(())).await;
    fixture.start_daemon().await;
    assert_eq!(fixture.lab().pin_calls(), pin_calls, "a PIN was tried by a daemon that started");
}

async fn assert_state(fixture: &Fixture, state: PinState) {
    let token = fixture.token().await;
    assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
    assert_eq!(token.pin_state().await.unwrap(), state.as_str());
    assert!(!token.get_login().await.unwrap().0);
}

async fn signs_after_one_login(fixture: &Fixture, pin_calls: usize) {
    assert_eq!(fixture.lab().pin_calls(), pin_calls);
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    fixture.pinentry().will_type(fixture.key().pin());
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(fixture.lab().pin_calls(), pin_calls + 1);
}
