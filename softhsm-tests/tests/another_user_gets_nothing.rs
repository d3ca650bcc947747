//! What is one user's stays theirs: another one, at the seat or not, an administrator included, can't sign under their
//! login, learn whose it is, end their requests and dialogs, or stand in for the agent of their session.

use std::collections::HashMap;
use std::fmt::Display;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::names::{AGENT, AGENT_PATH, BUS_NAME, ROOT_PATH, request_path};
use ukey_dbus::{AuditProxy, CertificateProxy, ErrorKind, KeyKind, ManagerProxy, RequestProxy};
use ukey_dbus::{TokenProxy, options};
use ukey_softhsm_tests::{
    Activity, BusPolicy, CountingAgent, Document, Fixture, Logind, Outcome, Person, Seat, Session, no_options, option,
    refusal, staged,
};
use zbus::fdo::{ManagedObjects, ObjectManagerProxy};
use zbus::{Connection, ObjectPath, Variant};

const ALGORITHM: &str = "ECDSA-SHA256";
const DIGEST: [u8; 32] = [7; 32];

#[test]
fn who_is_not_at_the_seat_or_not_logged_in_signs_nothing() {
    staged(async || {
        let others = [
            (Person::Nurse, ErrorKind::LoginRequired),
            (Person::Root, ErrorKind::LoginRequired),
            (Person::Outsider, ErrorKind::NotAuthorized),
            (Person::Technician, ErrorKind::NotAuthorized),
        ];
        let fixture = Fixture::builder().agent_for(Person::Nurse).agent_for(Person::Outsider).spied().start().await;
        fixture.log_in().await;
        let signed = fixture.spy().count("C_SignInit");
        for (person, expected) in others {
            let connection = fixture.bus.connect(person).await;
            let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
            for (method, refused) in sign_in_every_way(&certificate).await {
                assert_eq!(refusal(refused), expected, "{person:?} {method}");
            }
        }
        assert_eq!(fixture.spy().count("C_SignInit"), signed, "the Key was asked");
        assert_eq!(fixture.spy().count("C_Login"), 1);
        for (person, agent) in &fixture.agents {
            assert_eq!(agent.pinentry().dialogs().len(), usize::from(*person == Person::Clerk), "{person:?}");
        }
        assert!(fixture.token().await.get_login().await.unwrap().0, "the login is untouched");
    });
}

#[test]
fn who_left_the_seat_signs_nothing_under_their_own_login() {
    staged(async || {
        let session = Session::begin(Person::Clerk, Activity::Active);
        let fixture = Fixture::builder().seat(Seat::Empty).start().await;
        session.enter();
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data(ALGORITHM, b"order", no_options()).await.unwrap();

        session.turn(Activity::Inactive);
        for (method, refused) in sign_in_every_way(&certificate).await {
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{method} of a session that is not shown");
        }
        session.turn(Activity::Active);
        certificate.sign_data(ALGORITHM, b"order", no_options()).await.unwrap();
        Session::leave();
        for (method, refused) in sign_in_every_way(&certificate).await {
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{method} outside any session");
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}

#[test]
fn nobody_learns_whose_login_it_is() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data(ALGORITHM, b"order", option(options::REASON, "订单117")).await.unwrap();
        let (_, expires) = fixture.token().await.get_login().await.unwrap();
        let (name, uid) = (Person::Clerk.name(), Person::Clerk.uid().to_string());
        let secrets =
            [name, &uid, fixture.clerk.unique_name().unwrap(), &expires.to_string(), "订单117"].map(String::from);
        for person in [Person::Nurse, Person::Outsider, Person::Root] {
            let connection = fixture.bus.connect(person).await;
            let token = fixture.token_of(fixture.key(), &connection).await;
            assert_eq!(token.get_login().await.unwrap(), (false, 0), "{person:?}");
            let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
            let mut told = refusals_of_token(&token).await;
            // An administrator may end anybody's login, and then has nothing left to learn.
            if person != Person::Root {
                told.extend([text(token.logout().await), text(token.release().await)]);
            }
            told.extend(sign_in_every_way(&certificate).await.into_iter().map(|(_, refused)| text(refused)));
            told.push(format!("{:?}", objects(&connection).await));
            let audit = AuditProxy::new(&connection).await.unwrap();
            // Their own refused logins and signatures at most.
            told.push(format!("{:?}", audit.mine(HashMap::new(), 0, 500).await.unwrap()));
            let of_the_clerk = HashMap::from([(options::AUDIT_UID, Variant::from(Person::Clerk.uid()))]);
            assert_eq!(refusal(audit.mine(of_the_clerk.clone(), 0, 500).await), ErrorKind::InvalidArgument);
            if person != Person::Root {
                assert_eq!(refusal(audit.list(of_the_clerk, 0, 500).await), ErrorKind::NotAuthorized, "{person:?}");
            }
            for (told, secret) in told.iter().flat_map(|told| secrets.iter().map(move |secret| (told, secret))) {
                assert!(!told.contains(secret), "{person:?} learns {secret}: {told}");
            }
        }
        assert!(fixture.token().await.get_login().await.unwrap().0, "the login is untouched");
    });
}

#[test]
fn nobody_ends_anothers_request_or_dialog() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let (token, named) = (fixture.token().await, option(options::REQUEST, "order_117"));
        let call = tokio::spawn(async move { token.login(named).await });
        let dialog = fixture.pinentry().dialog(1).await;
        let path = request_path(fixture.clerk.unique_name().unwrap().as_str(), "order_117");
        // Another program of the same user is a stranger too.
        for person in [Person::Nurse, Person::Outsider, Person::Technician, Person::Root, Person::Clerk] {
            let stranger = fixture.bus.connect(person).await;
            let request = RequestProxy::new(&stranger, path.clone()).await.unwrap();
            assert_eq!(refusal(request.cancel().await), ErrorKind::NotAuthorized, "{person:?}");
            let agent = fixture.agents[&Person::Clerk].bus_name().to_owned();
            // What the daemon calls a dialog is counted up: d1 and so on.
            for request in ["d1", "order_117"] {
                let cancelled =
                    stranger.call_method(Some(&*agent), AGENT_PATH, Some(AGENT), "Cancel", &(request,)).await;
                assert!(cancelled.is_err(), "{person:?} reached the agent");
            }
        }
        assert_eq!(dialog.outcome(), Outcome::Open);
        fixture.pinentry().will_type(fixture.key().pin());
        call.await.unwrap().unwrap();
    });
}

#[test]
fn nobody_is_the_agent_of_anothers_session() {
    staged(async || {
        let fixture = Fixture::builder().policy(BusPolicy::Open).without_agent().start().await;
        let sessions = [Person::Clerk, Person::Nurse].map(|person| Session::begin(person, Activity::Active));
        let logind = Logind::start(&fixture.bus, &[&sessions[0], &sessions[1]]).await;
        logind.is_delayed().await;
        let (clerks, nurses) = (sessions[0].id(), sessions[1].id());
        let asked = Arc::new(AtomicU32::new(0));
        for person in [Person::Nurse, Person::Outsider, Person::Technician, Person::Root] {
            let agent = fixture.bus.serve(person, AGENT_PATH, CountingAgent(Arc::clone(&asked))).await;
            let manager = ManagerProxy::new(&agent).await.unwrap();
            for kind in [options::AGENT_DESKTOP, options::AGENT_TERMINAL] {
                for session in [clerks, "c3", ""] {
                    let refused = register(&manager, kind, session).await;
                    assert_eq!(refusal(refused), ErrorKind::NotAuthorized, "{person:?} {kind} {session:?}");
                }
            }
            assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NoAgent, "{person:?}");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        // Whose session it is: theirs.
        let agent = fixture.bus.serve(Person::Clerk, AGENT_PATH, CountingAgent(Arc::clone(&asked))).await;
        let manager = ManagerProxy::new(&agent).await.unwrap();
        assert_eq!(refusal(register(&manager, options::AGENT_DESKTOP, nurses).await), ErrorKind::NotAuthorized);
        register(&manager, options::AGENT_DESKTOP, clerks).await.unwrap();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    });
}

async fn register(manager: &ManagerProxy<'_>, kind: &str, session: &str) -> zbus::Result<()> {
    let path = ObjectPath::from_static_str_unchecked(AGENT_PATH);
    let wanted = [(options::AGENT_KIND, Variant::from(kind)), (options::AGENT_SESSION, Variant::from(session))];
    manager.register_agent(&path, wanted.into()).await
}

/// With a dialog allowed.
async fn sign_in_every_way(certificate: &CertificateProxy<'_>) -> Vec<(&'static str, zbus::Result<()>)> {
    let (order, message) = (Document::order().open(), Document::with("order.p7s", b""));
    let message = std::fs::File::options().write(true).open(message.path()).unwrap();
    vec![
        ("SignDigest", certificate.sign_digest(ALGORITHM, &DIGEST, no_options()).await.map(drop)),
        ("SignData", certificate.sign_data(ALGORITHM, b"order", no_options()).await.map(drop)),
        ("SignFile", certificate.sign_file(ALGORITHM, order.as_fd().into(), no_options()).await.map(drop)),
        ("SignBatch", certificate.sign_batch(ALGORITHM, &[&DIGEST], no_options()).await.map(drop)),
        ("SignMessage", certificate.sign_message(b"order", no_options()).await.map(drop)),
        (
            "SignMessageFile",
            certificate.sign_message_file(order.as_fd().into(), message.as_fd().into(), no_options()).await.map(drop),
        ),
    ]
}

/// What is said to somebody who tries everything that touches the login of another, without an agent to ask.
async fn refusals_of_token(token: &TokenProxy<'_>) -> Vec<String> {
    vec![
        text(token.login(no_options()).await),
        text(token.login(option(options::PROMPT, options::PROMPT_NEVER)).await),
        text(token.change_pin(no_options()).await),
        text(token.unblock_pin(no_options()).await),
    ]
}

fn text<E: Display>(refused: Result<(), E>) -> String {
    refused.expect_err("the call succeeded").to_string()
}

/// Everything that the daemon shows to them.
async fn objects(connection: &Connection) -> ManagedObjects {
    let manager = ObjectManagerProxy::new(connection, BUS_NAME, ROOT_PATH).await.unwrap();
    manager.get_managed_objects().await.unwrap()
}
