//! A login ends when its session is not the one any more that its seat shows, and when the session ends: told by
//! logind, or only seen. It is on record why.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Activity, Fixture, Logind, Outcome, Person, Session, no_options, refusal, staged};

#[test]
fn by_switching_to_another() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        logind.turn(&session, Activity::Inactive).await;
        ended(&fixture, "session switched").await;
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NotAuthorized);
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        logind.turn(&session, Activity::Active).await;
        fixture.log_in().await;
    });
}

#[test]
fn with_a_dialog_that_others_would_see() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        fixture.pinentry().dialog(1).await;
        logind.turn(&session, Activity::Inactive).await;
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
    });
}

#[test]
fn by_its_end() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        logind.remove(&session).await;
        ended(&fixture, "session ended").await;
    });
}

#[test]
fn by_its_end_that_programs_in_it_delay() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        fixture.log_in().await;
        logind.begin_to_close(&session);
        ended(&fixture, "session ended").await;
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NotAuthorized);
    });
}

/// A `systemd --user` service runs in no session.
#[test]
fn also_where_the_program_runs_in_none_and_counts_to_the_users_screen() {
    staged(async || {
        let (fixture, session, logind) = desktop().await;
        Session::leave();
        fixture.log_in().await;
        logind.lock(&session).await;
        ended(&fixture, "screen locked").await;
    });
}

async fn desktop() -> (Fixture, Session, Logind) {
    let session = Session::begin(Person::Clerk, Activity::Active);
    session.enter();
    let fixture = Fixture::builder().start().await;
    let logind = Logind::start(&fixture.bus, &[&session]).await;
    logind.is_delayed().await;
    (fixture, session, logind)
}

async fn ended(fixture: &Fixture, why: &str) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.daemon.will_have_recorded(why).await;
    assert!(!fixture.token().await.get_login().await.unwrap().0);
}
