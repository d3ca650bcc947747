//! The computer sleeps only when the Keys are logged out, or when that takes too long; a try is not interrupted, and no
//! login begins on the way. After the sleep everything is read anew, and the next sleep waits again.
//! Not proven: that a real computer sleeps.

use std::time::{Duration, Instant};
use ukey_dbus::{ErrorKind, KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{
    Activity, Call, Fault, Fixture, Flags, Key, Lab, Logind, Outcome, PATIENCE, Person, Session, When, Who, eventually,
    no_options, refusal, staged,
};

/// logind waits 5 s by default (`InhibitDelayMaxSec`).
const BOUND: Duration = Duration::from_secs(4);
const LOGIN: Call = Call::Login(Who::User);

#[test]
fn and_not_earlier() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|_, _| ()).await;
        assert_eq!(logind.inhibitors(), [("sleep".to_owned(), "ukeyd".to_owned(), "delay".to_owned())]);
        fixture.log_in().await;
        // Long enough for a release that does not wait to be seen as one.
        fixture.lab().fault(When::calling(Call::Logout), Fault::Delay(800));
        let start = Instant::now();
        logind.prepare_for_sleep(true).await;
        sleeps_in_time(&logind).await;
        assert!(start.elapsed() >= Duration::from_millis(800), "it sleeps while the Key logs out");
        assert_eq!(fixture.lab().count(Call::Logout), 1);
        assert!(!fixture.token().await.get_login().await.unwrap().0);
        assert_eq!(fixture.token().await.state().await.unwrap(), TokenState::Ready.as_str());
        fixture.daemon.will_have_recorded("suspend").await;
    });
}

#[test]
fn with_nothing_to_do_at_once() {
    staged(async || {
        let (_fixture, _session, logind) = desktop(|_, _| ()).await;
        let start = Instant::now();
        logind.prepare_for_sleep(true).await;
        sleeps_in_time(&logind).await;
        assert!(start.elapsed() < Duration::from_secs(1));
    });
}

#[test]
fn or_when_a_module_hangs() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|_, _| ()).await;
        fixture.log_in().await;
        fixture.lab().fault(When::calling(Call::Logout), Fault::Hang);
        logind.prepare_for_sleep(true).await;
        sleeps_in_time(&logind).await;
        // The bus was never kept waiting, and no signature comes of that login any more.
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let signatures = fixture.lab().count(Call::Sign);
        assert!(certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.is_err());
        assert_eq!(fixture.lab().count(Call::Sign), signatures);
    });
}

#[test]
fn also_of_a_login_that_is_under_way() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|_, _| ()).await;
        fixture.lab().fault(When::calling(LOGIN), Fault::Delay(1000));
        fixture.pinentry().will_type(fixture.key().pin());
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        eventually("the try", async || (fixture.lab().count(LOGIN) == 1).then_some(())).await;
        logind.prepare_for_sleep(true).await;
        sleeps_in_time(&logind).await;
        assert_eq!(fixture.lab().count(Call::Logout), 1);
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.lab().pin_calls(), 1, "the try was made, once");
    });
}

#[test]
fn and_nobody_is_asked_for_a_pin_on_the_way() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|_, _| ()).await;
        let token = fixture.token().await;
        let open = tokio::spawn({
            let token = token.clone();
            async move { token.login(no_options()).await }
        });
        fixture.pinentry().dialog(1).await;
        logind.prepare_for_sleep(true).await;
        assert_eq!(refusal(open.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
        sleeps_in_time(&logind).await;
        fixture.pinentry().will_type(fixture.key().pin());
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(fixture.lab().pin_calls(), 0);
        logind.prepare_for_sleep(false).await;
        logind.is_delayed().await;
        token.login(no_options()).await.unwrap();
    });
}

#[test]
fn and_read_anew_after_it() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|lab, keys| lab.flags(&keys[0], Flags::Lagging)).await;
        for _ in 0..2 {
            fixture.log_in().await;
            logind.prepare_for_sleep(true).await;
            sleeps_in_time(&logind).await;
            logind.prepare_for_sleep(false).await;
            logind.is_delayed().await;
        }
        logind.prepare_for_sleep(true).await;
        sleeps_in_time(&logind).await;
        let token = fixture.token().await;
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
        // Somebody used up tries on another computer, and plugged it in again before ours woke up. The running module
        // does not notice.
        fixture.lab().pin_limit(fixture.key(), 1, 10);
        logind.prepare_for_sleep(false).await;
        eventually("the PIN state of now", async || {
            (token.pin_state().await.unwrap() == PinState::FinalTry.as_str()).then_some(())
        })
        .await;
    });
}

#[test]
fn and_before_it_shuts_down() {
    staged(async || {
        let (fixture, _session, logind) = desktop(|_, _| ()).await;
        fixture.log_in().await;
        logind.prepare_for_shutdown(true).await;
        fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
        fixture.daemon.will_have_recorded("shutdown").await;
        logind.prepare_for_shutdown(false).await;
        eventually("a shutdown that was called off", async || {
            fixture.pinentry().will_type(fixture.key().pin());
            fixture.token().await.login(no_options()).await.ok()
        })
        .await;
    });
}

async fn desktop(prepare: fn(&Lab, &[Key])) -> (Fixture, Session, Logind) {
    let session = Session::begin(Person::Clerk, Activity::Active);
    session.enter();
    let fixture = Fixture::builder().lab(prepare).start().await;
    let logind = Logind::start(&fixture.bus, &[&session]).await;
    logind.is_delayed().await;
    (fixture, session, logind)
}

async fn sleeps_in_time(logind: &Logind) {
    let start = Instant::now();
    tokio::time::timeout(PATIENCE, logind.sleeps()).await.expect("the computer never sleeps");
    assert!(start.elapsed() < BOUND, "it waited {:?}", start.elapsed());
}
