//! A program that has one dialog after another opened for nothing, over however many connections, is soon refused, and hears
//! when to come again. Its user's Key stays as it is, and another user is served meanwhile. So it is with agents.

use std::collections::HashMap;
use ukey_dbus::names::AGENT_PATH;
use ukey_dbus::{Error, ErrorKind, KeyKind, ManagerProxy};
use ukey_softhsm_tests::{Fixture, KeyBuilder, Outcome, Person, no_options, refusal, staged};
use zbus::ObjectPath;

/// As the reference says.
const FRUITLESS: usize = 12;
const OPEN: usize = 8;
const AGENTS: usize = 32;

#[test]
fn by_callers_that_ask_and_vanish() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        for number in 1..=FRUITLESS {
            let connection = fixture.bus.connect(Person::Clerk).await;
            let token = fixture.token_of(fixture.key(), &connection).await;
            let call = tokio::spawn(async move { token.login(no_options()).await });
            fixture.pinentry().dialog(number).await;
            connection.close().await.unwrap();
            assert_eq!(fixture.pinentry().outcome(number).await, Outcome::Killed);
            drop(call.await);
        }
        let error = Error::from(fixture.token().await.login(no_options()).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::TooManyRequests);
        let wait = error.message().strip_suffix(" s").and_then(|rest| rest.rsplit(' ').next()).unwrap();
        assert!((1..=300).contains(&wait.parse::<u32>().unwrap()), "{error}");
        assert_eq!(fixture.pinentry().dialogs().len(), FRUITLESS);

        let nurse = fixture.bus.connect(Person::Nurse).await;
        fixture.agents[&Person::Nurse].pinentry().will_type(fixture.key().pin());
        fixture.token_of(fixture.key(), &nurse).await.login(no_options()).await.unwrap();
    });
}

#[test]
fn by_wrong_and_closed_entries_but_not_after_a_right_one() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        for _ in 0..2 {
            for _ in 0..FRUITLESS - 1 {
                fixture.pinentry().will_cancel();
                assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
            }
            fixture.log_in().await;
            token.logout().await.unwrap();
        }
        for _ in 0..FRUITLESS {
            fixture.pinentry().will_cancel();
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::Cancelled);
        }
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::TooManyRequests);
    });
}

#[test]
fn on_many_keys_at_once() {
    staged(async || {
        let labels = (0..=OPEN).map(|number| format!("UKey {number}"));
        let builder = labels.fold(Fixture::builder(), |builder, label| {
            let one = ukey_softhsm_tests::CertificateProfile::default();
            builder.key(KeyBuilder::default().label(&label).certificate(KeyKind::EcP256, one))
        });
        let fixture = builder.start().await;
        let mut calls = Vec::new();
        for key in &fixture.keys[..OPEN] {
            let token = fixture.token_of(key, &fixture.clerk).await;
            calls.push(tokio::spawn(async move { token.login(no_options()).await }));
        }
        // One is on the screen, the others wait for it.
        fixture.pinentry().dialog(1).await;
        let last = fixture.token_of(&fixture.keys[OPEN], &fixture.clerk).await;
        ukey_softhsm_tests::eventually("the others", async || {
            match last.login(ukey_softhsm_tests::option("timeout-ms", 300_u32)).await.map_err(Error::from) {
                Err(error) if error.kind() == ErrorKind::TooManyRequests => Some(()),
                // Quicker than one of the others.
                _ => None,
            }
        })
        .await;
        for _ in 0..OPEN {
            fixture.pinentry().will_type(fixture.key().pin());
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        fixture.log_in_to(&fixture.keys[OPEN]).await;
    });
}

#[test]
fn and_of_agents() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let path = ObjectPath::try_from(AGENT_PATH).unwrap();
        let terminal = || HashMap::from([("kind", "terminal".into())]);
        let mut connections = Vec::new();
        // The desktop's is one of them.
        for _ in 1..AGENTS {
            let connection = fixture.bus.connect(Person::Clerk).await;
            ManagerProxy::new(&connection).await.unwrap().register_agent(&path, terminal()).await.unwrap();
            connections.push(connection);
        }
        let manager = ManagerProxy::new(&fixture.clerk).await.unwrap();
        assert_eq!(refusal(manager.register_agent(&path, terminal()).await), ErrorKind::TooManyRequests);
        let nurse = fixture.bus.connect(Person::Nurse).await;
        ManagerProxy::new(&nurse).await.unwrap().register_agent(&path, terminal()).await.unwrap();
        let first = ManagerProxy::new(&connections[0]).await.unwrap();
        for _ in 0..100 {
            first.unregister_agent(&path).await.unwrap();
            first.register_agent(&path, terminal()).await.unwrap();
        }
        first.unregister_agent(&path).await.unwrap();
        manager.register_agent(&path, terminal()).await.unwrap();
    });
}
