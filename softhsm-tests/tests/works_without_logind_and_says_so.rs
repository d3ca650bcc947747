//! Without logind logins and agents work, and the log says what that means. A logind that comes later is used from then
//! on, one that is started again is asked anew, and nobody else is believed.

use std::collections::HashMap;
use ukey_dbus::names::BUS_NAME;
use ukey_dbus::{KeyKind, TokenState};
use ukey_softhsm_tests::{Activity, Fixture, Logind, Person, Session, eventually, no_options, staged};
use zbus::names::BusName;

const SAID: &str = "there is no logind";

#[test]
fn from_the_beginning_and_for_good() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        fixture.token().await.logout().await.unwrap();
        let log = fixture.daemon.program().log();
        assert_eq!(log.matches(SAID).count(), 1, "said once");
        assert!(!log.contains("sleep will not wait"), "an error of what is not there");
    });
}

#[test]
fn until_one_comes() {
    staged(async || {
        let session = Session::begin(Person::Clerk, Activity::Active);
        session.enter();
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let logind = Logind::start(&fixture.bus, &[&session]).await;
        logind.is_delayed().await;
        // Whose session that login is of, nobody can tell any more.
        ended(&fixture, "session unknown").await;
        fixture.log_in().await;
        logind.lock(&session).await;
        ended(&fixture, "screen locked").await;
    });
}

#[test]
fn and_when_it_leaves() {
    staged(async || {
        let session = Session::begin(Person::Clerk, Activity::Active);
        session.enter();
        let fixture = Fixture::builder().start().await;
        let logind = Logind::start(&fixture.bus, &[&session]).await;
        logind.is_delayed().await;
        fixture.log_in().await;
        logind.leave().await;
        eventually("the end of logind", async || {
            fixture.daemon.program().log().contains("logind has left").then_some(())
        })
        .await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        fixture.token().await.logout().await.unwrap();
        fixture.log_in().await;
    });
}

#[test]
fn and_when_it_starts_again() {
    staged(async || {
        let (clerk, nurse) =
            (Session::begin(Person::Clerk, Activity::Active), Session::begin(Person::Nurse, Activity::Active));
        clerk.enter();
        let fixture = Fixture::builder().start().await;
        let mut logind = Logind::start(&fixture.bus, &[&clerk, &nurse]).await;
        logind.is_delayed().await;
        fixture.log_in().await;
        logind.restart(&fixture.bus).await;
        logind.is_delayed().await;
        assert_eq!(logind.inhibitors().len(), 1);
        assert!(fixture.token().await.get_login().await.unwrap().0, "the session is there still");
        // What ended while nobody could tell is seen by the new one.
        logind.forget(&clerk).await;
        logind.restart(&fixture.bus).await;
        ended(&fixture, "session ended").await;
    });
}

#[test]
fn and_believes_nobody_else() {
    staged(async || {
        let session = Session::begin(Person::Clerk, Activity::Active);
        session.enter();
        let fixture = Fixture::builder().start().await;
        let logind = Logind::start(&fixture.bus, &[&session]).await;
        logind.is_delayed().await;
        fixture.log_in().await;
        let stranger = fixture.bus.connect(Person::Outsider).await;
        let daemon = Some(BusName::try_from(BUS_NAME).unwrap());
        let root = "/org/freedesktop/login1";
        let own = format!("{root}/session/{}", session.id());
        let (manager, of_session) = ("org.freedesktop.login1.Manager", "org.freedesktop.login1.Session");
        for destination in [None, daemon] {
            stranger.emit_signal(destination.clone(), root, manager, "PrepareForSleep", &true).await.unwrap();
            stranger.emit_signal(destination.clone(), own.as_str(), of_session, "Lock", &()).await.unwrap();
            let changed = (of_session, HashMap::from([("LockedHint", zbus::Variant::from(true))]), Vec::<&str>::new());
            let properties = "org.freedesktop.DBus.Properties";
            stranger.emit_signal(destination, own.as_str(), properties, "PropertiesChanged", &changed).await.unwrap();
        }
        // An answer of the daemon to the stranger comes after what the stranger has sent.
        fixture.token_of(fixture.key(), &stranger).await.get_login().await.unwrap();
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert!(fixture.token().await.get_login().await.unwrap().0);
        assert_eq!(logind.inhibitors().len(), 1, "the false sleep took it");
        // The very same from logind counts.
        logind.lock(&session).await;
        ended(&fixture, "screen locked").await;
    });
}

async fn ended(fixture: &Fixture, why: &str) {
    fixture.wait_for_state(fixture.key(), TokenState::Ready).await;
    fixture.daemon.will_have_recorded(why).await;
}
