//! Fail closed: no polkit, a stopped polkit, a user without a seat: `NotAuthorized`. State can be read by everybody, and
//! nothing can be written.

use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::time::sleep_until;
use ukey_dbus::names::{BUS_NAME, CERTIFICATE, MODULE, TOKEN};
use ukey_dbus::{ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{Fixture, Person, no_options, option, refusal, staged};
use zbus::Connection;
use zbus::fdo::PropertiesProxy;

#[test]
fn a_user_without_a_seat() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Outsider).start().await;
        let outsider = fixture.bus.connect(Person::Outsider).await;
        assert_refused(&fixture, &outsider).await;
        assert!(fixture.agents[&Person::Outsider].pinentry().dialogs().is_empty());
        let token = fixture.token_of(fixture.key(), &outsider).await;
        assert_eq!(token.label().await.unwrap(), fixture.key().label(), "state can be read by everybody");
    });
}

#[test]
fn everybody_when_polkit_is_not_there() {
    staged(async || {
        let fixture = Fixture::builder().without_polkit().start().await;
        assert_refused(&fixture, &fixture.clerk).await;
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

#[test]
fn everybody_while_polkit_hangs() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.polkit.as_ref().unwrap().program().signal(Signal::STOP);
        let start = Instant::now();
        let refused = fixture.token().await.login(option(options::TIMEOUT_MS, 30_000_u32)).await;
        assert_eq!(refusal(refused), ErrorKind::NotAuthorized);
        assert!(start.elapsed() < Duration::from_secs(25), "libdbus clients had given up");
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

#[test]
fn a_login_does_not_outlive_the_right_to_it() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        drop(fixture.polkit.take());
        assert_refused(&fixture, &fixture.clerk).await;
    });
}

/// A yes is remembered for 30 s and asked for anew after 20 s, beside the calls of who goes on signing.
#[test]
fn who_signs_while_polkit_hangs_waits_for_nothing_and_not_for_long() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let sign =
            async || certificate.sign_data("ECDSA-SHA256", b"order", option(options::TIMEOUT_MS, 20_000_u32)).await;
        let first = Instant::now();
        sign().await.unwrap();
        let polkit = fixture.polkit.as_ref().unwrap().program();
        sleep_until((first + Duration::from_secs(22)).into()).await;
        polkit.signal(Signal::STOP);
        for _ in 0..3 {
            let start = Instant::now();
            sign().await.unwrap();
            assert!(start.elapsed() < Duration::from_secs(5), "the question hangs for ten");
        }
        sleep_until((first + Duration::from_secs(31)).into()).await;
        assert_eq!(refusal(sign().await), ErrorKind::NotAuthorized);
        polkit.signal(Signal::CONT);
        sign().await.unwrap();
    });
}

#[test]
fn no_property_can_be_written() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        for person in [Person::Clerk, Person::Root] {
            let connection = fixture.bus.connect(person).await;
            for (path, interfaces) in fixture.objects().await {
                let properties = PropertiesProxy::builder(&connection).destination(BUS_NAME);
                let properties = properties.path(path).build().await.unwrap();
                for interface in [MODULE, TOKEN, CERTIFICATE] {
                    for (name, value) in interfaces.get(interface).into_iter().flatten() {
                        let written = properties.set(interface.try_into().unwrap(), name, value).await;
                        assert!(written.is_err(), "{person:?} wrote {interface}.{name}");
                    }
                }
            }
        }
    });
}

async fn assert_refused(fixture: &Fixture, connection: &Connection) {
    let token = fixture.token_of(fixture.key(), connection).await;
    assert_eq!(refusal(token.login(no_options()).await), ErrorKind::NotAuthorized);
    let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, connection).await;
    let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
    assert_eq!(refusal(signed), ErrorKind::NotAuthorized);
}
