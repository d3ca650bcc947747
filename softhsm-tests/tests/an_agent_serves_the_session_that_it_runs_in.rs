//! Whose session an agent serves is what logind says of its process, not what it claims; each session has one, and a
//! dialog appears in the session of the program that caused it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::names::AGENT_PATH;
use ukey_dbus::{ErrorKind, ManagerProxy, options};
use ukey_softhsm_tests::{
    Activity, Agent, CountingAgent, Fixture, Logind, Outcome, Person, Session, eventually, no_options, refusal, staged,
};
use zbus::{Connection, ObjectPath, Variant};

#[test]
fn whatever_session_it_claims() {
    staged(async || {
        let seat = Scene::start().await;
        seat.here.enter();
        for (person, claims) in [
            (Person::Clerk, vec![seat.there.id(), seat.nurses.id(), "c999", ""]),
            (Person::Nurse, vec![seat.here.id(), seat.there.id(), "c999", ""]),
            (Person::Root, vec![seat.here.id(), seat.nurses.id()]),
        ] {
            let agent = seat.agent_of(person).await;
            for claim in claims {
                let refused = register(&agent, Some(claim)).await;
                assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{person:?} claims {claim:?}");
            }
        }
        assert_eq!(refusal(seat.fixture.token().await.login(no_options()).await), ErrorKind::NoAgent);
        assert_eq!(seat.asked.load(Ordering::SeqCst), 0);
        let agent = seat.agent_of(Person::Clerk).await;
        register(&agent, Some(seat.here.id())).await.unwrap();
        assert_eq!(refusal(seat.fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(seat.asked.load(Ordering::SeqCst), 1);
    });
}

/// As a `systemd --user` service.
#[test]
fn and_from_outside_one_of_its_users() {
    staged(async || {
        let seat = Scene::start().await;
        Session::leave();
        for (person, claim) in [
            (Person::Clerk, Some(seat.nurses.id())),
            (Person::Nurse, Some(seat.here.id())),
            (Person::Outsider, Some(seat.here.id())),
        ] {
            let refused = register(&seat.agent_of(person).await, claim).await;
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{person:?} claims {claim:?}");
        }
        // Who has no session at all has an agent for programs outside; one.
        let outside = seat.agent_of(Person::Outsider).await;
        register(&outside, None).await.unwrap();
        assert_eq!(refusal(register(&seat.agent_of(Person::Outsider).await, None).await), ErrorKind::NotAuthorized);
        let (guest, claiming) = (seat.agent_of(Person::Clerk).await, seat.agent_of(Person::Clerk).await);
        register(&guest, None).await.unwrap();
        // The first is at the clerk's screen.
        assert_eq!(refusal(register(&claiming, Some(seat.here.id())).await), ErrorKind::NotAuthorized);
        register(&claiming, Some(seat.there.id())).await.unwrap();
        seat.here.enter();
        assert_eq!(refusal(seat.fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(seat.asked.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn and_none_from_outside_takes_the_place_of_the_desktops_own() {
    staged(async || {
        let seat = Scene::start().await;
        seat.here.enter();
        let desktop = Agent::start(&seat.fixture.bus, Person::Clerk).await;
        Session::leave();
        let rival = seat.agent_of(Person::Clerk).await;
        for claim in [None, Some(seat.here.id())] {
            assert_eq!(refusal(register(&rival, claim).await), ErrorKind::NotAuthorized);
        }
        // Another session of the clerk's is free, and its agent has no say in this one; neither for programs outside.
        register(&rival, Some(seat.there.id())).await.unwrap();
        for enter in [|seat: &Scene| seat.here.enter(), |_: &Scene| Session::leave()] {
            enter(&seat);
            desktop.pinentry().will_type(seat.fixture.key().pin());
            let token = seat.fixture.token().await;
            token.login(no_options()).await.unwrap();
            token.logout().await.unwrap();
        }
        assert_eq!(seat.asked.load(Ordering::SeqCst), 0);
        assert_eq!(desktop.pinentry().dialogs().len(), 2);
    });
}

#[test]
fn and_each_of_two_sessions_of_one_user_has_dialogs_of_its_own() {
    staged(async || {
        let seat = Scene::start().await;
        seat.here.enter();
        let here = Agent::start_at(&seat.fixture.bus, Person::Clerk, "here").await;
        seat.there.enter();
        let there = Agent::start_at(&seat.fixture.bus, Person::Clerk, "there").await;
        for (session, own, other) in [(&seat.here, &here, &there), (&seat.there, &there, &here)] {
            session.enter();
            let before = other.pinentry().dialogs().len();
            let token = seat.fixture.token().await;
            let call = tokio::spawn(async move { token.login(no_options()).await });
            own.pinentry().dialog(1).await;
            // Only a dialog of that session is closed with it.
            let another = if own.bus_name() == here.bus_name() { &seat.there } else { &seat.here };
            seat.logind.lock(another).await;
            own.pinentry().will_type(seat.fixture.key().pin());
            call.await.unwrap().unwrap();
            assert_eq!(own.pinentry().outcome(1).await, Outcome::Pin);
            assert_eq!(other.pinentry().dialogs().len(), before);
            seat.logind.lock(session).await;
            eventually("the end of the login", async || {
                (!seat.fixture.token().await.get_login().await.unwrap().0).then_some(())
            })
            .await;
        }
    });
}

#[test]
fn and_one_outside_serves_the_next_session_too() {
    staged(async || {
        let seat = Scene::start().await;
        Session::leave();
        let agent = Agent::start(&seat.fixture.bus, Person::Clerk).await;
        seat.logind.remove(&seat.here).await;
        seat.there.enter();
        agent.pinentry().will_type(seat.fixture.key().pin());
        seat.fixture.token().await.login(no_options()).await.unwrap();
    });
}

#[test]
fn and_another_users_login_comes_only_from_a_session_that_is_shown() {
    staged(async || {
        let seat = Scene::start().await;
        seat.here.enter();
        let clerk = Agent::start(&seat.fixture.bus, Person::Clerk).await;
        seat.nurses.enter();
        let nurse = Agent::start(&seat.fixture.bus, Person::Nurse).await;
        seat.here.enter();
        clerk.pinentry().will_type(seat.fixture.key().pin());
        seat.fixture.token().await.login(no_options()).await.unwrap();
        seat.nurses.enter();
        seat.logind.turn(&seat.nurses, Activity::Inactive).await;
        let connection = seat.fixture.bus.connect(Person::Nurse).await;
        let token = seat.fixture.token_of(seat.fixture.key(), &connection).await;
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::NotAuthorized);
        assert!(seat.fixture.token().await.get_login().await.unwrap().0, "the clerk's login is untouched");
        seat.logind.turn(&seat.nurses, Activity::Active).await;
        nurse.pinentry().will_type(seat.fixture.key().pin());
        token.login(no_options()).await.unwrap();
        seat.fixture.daemon.will_have_recorded("another user logged in").await;
        assert!(!seat.fixture.token().await.get_login().await.unwrap().0);
    });
}

/// Two sessions of the clerk's, of which `here` is the screen, and one of the nurse's; no agent yet.
struct Scene {
    logind: Logind,
    fixture: Fixture,
    here: Session,
    there: Session,
    nurses: Session,
    asked: Arc<AtomicU32>,
}

impl Scene {
    async fn start() -> Self {
        let begin = |person| Session::begin(person, Activity::Active);
        let (here, there, nurses) = (begin(Person::Clerk), begin(Person::Clerk), begin(Person::Nurse));
        let fixture = Fixture::builder().without_agent().start().await;
        let logind = Logind::start(&fixture.bus, &[&here, &there, &nurses]).await;
        logind.is_delayed().await;
        Self { logind, fixture, here, there, nurses, asked: Arc::default() }
    }

    /// A program of this person's, where this process is, that could be an agent.
    async fn agent_of(&self, person: Person) -> Connection {
        self.fixture.bus.serve(person, AGENT_PATH, CountingAgent(Arc::clone(&self.asked))).await
    }
}

async fn register(agent: &Connection, session: Option<&str>) -> zbus::Result<()> {
    let path = ObjectPath::from_static_str_unchecked(AGENT_PATH);
    let claim = session.map(|session| (options::AGENT_SESSION, Variant::from(session)));
    ManagerProxy::new(agent).await.unwrap().register_agent(&path, claim.into_iter().collect()).await
}
