//! When the screen of the session is locked, whichever way logind tells it, the login made there ends, and so does the
//! dialog that is open there; what the Key works on is finished. Nobody is asked for a PIN behind a locked screen.

use ukey_dbus::{ErrorKind, KeyKind, TokenState, options};
use ukey_softhsm_tests::{
    Activity, Call, Fault, Fixture, Logind, Outcome, Person, Session, When, eventually, no_options, option, refusal,
    staged,
};

const ALGORITHM: &str = "ECDSA-SHA256";

#[test]
fn by_the_lock_signal() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        logind.lock(&session).await;
        logged_out(&fixture).await;
        // The desktop did not say that it is locked: who asks now is asked.
        fixture.log_in().await;
        assert_eq!(fixture.pinentry().dialogs().len(), 2);
    });
}

#[test]
fn by_the_hint_of_the_desktop() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        logind.hint_locked(&session, true).await;
        logged_out(&fixture).await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let refused = certificate.sign_data(ALGORITHM, b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::NotAuthorized);
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NotAuthorized);
        assert_eq!(fixture.pinentry().dialogs().len(), 1, "a dialog behind a locked screen");
        logind.hint_locked(&session, false).await;
        fixture.log_in().await;
        certificate.sign_data(ALGORITHM, b"order", no_options()).await.unwrap();
    });
}

#[test]
fn an_open_dialog_is_closed_and_what_was_typed_is_not_tried() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().dialog(1).await;
        logind.lock(&session).await;
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
        assert_eq!(fixture.lab().pin_calls(), 0);
    });
}

#[test]
fn a_login_that_was_under_way_does_not_stay() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        let login = Call::Login(ukey_softhsm_tests::Who::User);
        fixture.lab().fault(When::calling(login), Fault::Delay(1500));
        fixture.pinentry().will_type(fixture.key().pin());
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        eventually("the try", async || (fixture.lab().count(login) == 1).then_some(())).await;
        logind.lock(&session).await;
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        logged_out(&fixture).await;
        assert_eq!(fixture.lab().pin_calls(), 1);
        assert_eq!(fixture.lab().count(Call::Logout), 1);
    });
}

#[test]
fn what_the_key_works_on_is_finished_and_the_next_asks_again() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        fixture.lab().fault(When::calling(Call::Sign), Fault::Delay(400));
        let working = certificate.clone();
        let call = tokio::spawn(async move { working.sign_data(ALGORITHM, b"order", no_options()).await });
        eventually("the signature", async || (fixture.lab().count(Call::Sign) > 0).then_some(())).await;
        logind.hint_locked(&session, true).await;
        call.await.unwrap().unwrap();
        logged_out(&fixture).await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        let refused = certificate.sign_data(ALGORITHM, b"order", never).await;
        assert_eq!(refusal(refused), ErrorKind::LoginRequired);
    });
}

#[test]
fn another_users_ends_nothing() {
    staged(async || {
        let nurse = Session::begin(Person::Nurse, Activity::Active);
        let (fixture, clerk, logind) = desktop().await;
        logind.add(&nurse).await;
        fixture.log_in().await;
        logind.lock(&nurse).await;
        logind.hint_locked(&nurse, true).await;
        logind.turn(&nurse, Activity::Inactive).await;
        logind.remove(&nurse).await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data(ALGORITHM, b"order", no_options()).await.unwrap();
        // The signals were heard: the next one is.
        logind.lock(&clerk).await;
        logged_out(&fixture).await;
        assert_eq!(fixture.lab().count(Call::Logout), 1);
    });
}

/// The clerk's desktop; this process and the agent belong to it.
async fn desktop() -> (Fixture, Session, Logind) {
    let session = Session::begin(Person::Clerk, Activity::Active);
    session.enter();
    let fixture = Fixture::builder().lab(|_, _| ()).start().await;
    let logind = Logind::start(&fixture.bus, &[&session]).await;
    logind.is_delayed().await;
    (fixture, session, logind)
}

async fn logged_out(fixture: &Fixture) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.daemon.will_have_recorded("screen locked").await;
    assert!(!fixture.token().await.get_login().await.unwrap().0);
}
