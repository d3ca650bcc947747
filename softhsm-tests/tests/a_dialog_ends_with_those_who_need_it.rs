//! Dialogs and the people and programs around them: a caller that leaves closes its dialog and frees the Key, an agent
//! that vanishes is `NoAgent`, a call past its time is `Timeout` and its retry joins the open dialog.

use std::time::{Duration, Instant};
use ukey_dbus::{ErrorKind, KeyKind, RequestProxy, TokenState, names, options};
use ukey_softhsm_tests::{Agent, Fixture, Outcome, Person, eventually, kill, no_options, option, refusal, staged};

#[test]
fn a_caller_that_leaves_closes_its_dialog_and_frees_the_key() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let leaver = fixture.bus.connect(Person::Clerk).await;
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &leaver).await;
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        assert_eq!(fixture.pinentry().dialog(1).await.outcome(), Outcome::Open);
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        leaver.close().await.unwrap();
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
        fixture.log_in().await;
        assert_eq!(fixture.pinentry().dialogs().len(), 2);
    });
}

#[test]
fn an_agent_that_vanishes_is_no_agent() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        let dialog = fixture.pinentry().dialog(1).await;
        let agent = fixture.agents.remove(&Person::Clerk).unwrap();
        kill(agent.program().pid(), rustix::process::Signal::KILL);
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::NoAgent);
        assert_eq!(fixture.token().await.state().await.unwrap(), TokenState::Ready.as_str());
        // A person still sees that window: what is typed there must reach nobody.
        kill(dialog.pid(), rustix::process::Signal::KILL);
        drop(agent);
        let agent = Agent::start(&fixture.bus, Person::Clerk).await;
        fixture.agents.insert(Person::Clerk, agent);
        fixture.log_in().await;
    });
}

#[test]
fn without_an_agent_calls_fail_at_once() {
    staged(async || {
        let fixture = Fixture::builder().without_agent().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let start = Instant::now();
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::NoAgent);
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::NoAgent);
        assert!(start.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn a_retry_after_a_timeout_joins_the_open_dialog() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for _ in 0..2 {
            let start = Instant::now();
            let late = certificate.sign_data("ECDSA-SHA256", b"order", option(options::TIMEOUT_MS, 400_u32)).await;
            assert_eq!(refusal(late), ErrorKind::Timeout);
            assert!(start.elapsed() < Duration::from_secs(5));
            assert_eq!(fixture.pinentry().dialog(1).await.outcome(), Outcome::Open);
        }
        let retry = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        fixture.pinentry().will_type(fixture.key().pin());
        retry.await.unwrap().unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        assert_eq!(fixture.spy().count("C_Login"), 1);
    });
}

#[test]
fn an_answer_after_the_timeout_still_logs_in() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let token = fixture.token().await;
        assert_eq!(refusal(token.login(option(options::TIMEOUT_MS, 400_u32)).await), ErrorKind::Timeout);
        fixture.pinentry().dialog(1).await;
        fixture.pinentry().will_type(fixture.key().pin());
        fixture.wait_for_state(fixture.key(), TokenState::LoggedIn).await;
        assert!(token.get_login().await.unwrap().0);
    });
}

#[test]
fn an_open_dialog_keeps_nobody_else_from_the_key() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        let token = fixture.token().await;
        let open = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().dialog(1).await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        fixture.agents[&Person::Nurse].pinentry().will_type(fixture.key().pin());
        let token = fixture.token_of(fixture.key(), &nurse).await;
        token.login(no_options()).await.unwrap();
        assert!(token.get_login().await.unwrap().0);
        open.abort();
    });
}

#[test]
fn a_cancelled_request_closes_its_dialog() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let named = option(options::REQUEST, "order_117");
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", named).await });
        fixture.pinentry().dialog(1).await;
        let path = names::request_path(fixture.clerk.unique_name().unwrap().as_str(), "order_117");
        let stranger = fixture.bus.connect(Person::Nurse).await;
        let theirs = RequestProxy::new(&stranger, path.clone()).await.unwrap();
        assert!(theirs.cancel().await.is_err(), "a stranger cancelled the request");
        assert_eq!(fixture.pinentry().dialogs()[0].outcome(), Outcome::Open);
        RequestProxy::new(&fixture.clerk, path).await.unwrap().cancel().await.unwrap();
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.pinentry().outcome(1).await, Outcome::Killed);
        eventually("the end of the request object", async || {
            fixture.objects().await.keys().all(|path| !path.as_str().contains("/request/")).then_some(())
        })
        .await;
    });
}

#[test]
fn nobody_is_asked_when_the_caller_says_never() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let never = || option(options::PROMPT, options::PROMPT_NEVER);
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", never()).await;
        assert_eq!(refusal(refused), ErrorKind::LoginRequired);
        assert!(fixture.pinentry().dialogs().is_empty());
        fixture.log_in().await;
        certificate.sign_data("ECDSA-SHA256", b"order", never()).await.unwrap();
    });
}
