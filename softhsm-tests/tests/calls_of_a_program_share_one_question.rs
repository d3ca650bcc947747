//! However many calls an unconfirmed program makes, one question stands: later calls join it, and it goes when the program
//! leaves or takes its request back, when the Key is pulled out, and with the login; what ends so is no yes.

use futures_util::future::join_all;
use std::time::{Duration, Instant};
use ukey_dbus::names::request_path;
use ukey_dbus::{ErrorKind, KeyKind, RequestProxy, options};
use ukey_softhsm_tests::{
    Call, CallingProgram, Fixture, Options, Outcome, Person, eventually, no_options, option, refusal, staged,
};
use zbus::Connection;

const CALLS: usize = 20;

#[test]
fn twenty_at_once() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let mut calls = Vec::new();
        for number in 0..CALLS {
            let connection = if number % 2 == 0 { Some(program.connect().await) } else { None };
            let connection = connection.unwrap_or_else(|| fixture.clerk.clone());
            calls.push(sign(&fixture, &connection, no_options()).await);
        }
        let answered = join_all(calls);
        let yes = async {
            fixture.pinentry().dialog(2).await;
            fixture.pinentry().will_confirm();
        };
        let (answers, ()) = tokio::join!(answered, yes);
        answers.into_iter().for_each(|answer| drop(answer.unwrap()));
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().count(Call::Sign)), (2, CALLS));
    });
}

#[test]
fn and_a_retry_after_a_timeout() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let connection = program.connect().await;
        let short = || option(options::TIMEOUT_MS, 300_u32);
        for _ in 0..3 {
            let start = Instant::now();
            assert_eq!(refusal(sign(&fixture, &connection, short()).await.await), ErrorKind::Timeout);
            assert!(start.elapsed() < Duration::from_secs(5));
        }
        fixture.pinentry().will_confirm();
        sign(&fixture, &connection, no_options()).await.await.unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 2);
    });
}

#[test]
fn which_closes_when_the_program_leaves() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let (leaver, stays) = (program.connect().await, program.connect().await);
        let call = tokio::spawn(sign(&fixture, &leaver, no_options()).await);
        fixture.pinentry().dialog(2).await;
        leaver.close().await.unwrap();
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);
        drop(call.await);
        // It was no answer: the next is asked.
        fixture.pinentry().will_confirm();
        sign(&fixture, &stays, no_options()).await.await.unwrap();
        assert_eq!((fixture.pinentry().dialogs().len(), fixture.lab().count(Call::Sign)), (3, 1));
    });
}

#[test]
fn and_another_connection_of_it_is_asked_in_its_place() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let (leaver, stays) = (program.connect().await, program.connect().await);
        let first = tokio::spawn(sign(&fixture, &leaver, no_options()).await);
        fixture.pinentry().dialog(2).await;
        let second = tokio::spawn(sign(&fixture, &stays, no_options()).await);
        leaver.close().await.unwrap();
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);
        fixture.pinentry().dialog(3).await;
        fixture.pinentry().will_confirm();
        second.await.unwrap().unwrap();
        drop(first.await);
        assert_eq!(fixture.pinentry().dialogs().len(), 3);
    });
}

#[test]
fn or_takes_its_request_back() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let connection = program.connect().await;
        let call = tokio::spawn(sign(&fixture, &connection, option(options::REQUEST, "order")).await);
        fixture.pinentry().dialog(2).await;
        let path = request_path(connection.unique_name().unwrap().as_str(), "order");
        RequestProxy::new(&connection, path).await.unwrap().cancel().await.unwrap();
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::Cancelled);
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);
        assert_eq!(fixture.lab().count(Call::Sign), 0);
    });
}

#[test]
fn and_ends_with_the_login() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let connection = program.connect().await;
        let call = tokio::spawn(sign(&fixture, &connection, no_options()).await);
        fixture.pinentry().dialog(2).await;
        fixture.token().await.logout().await.unwrap();
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::LoginRequired);
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);

        fixture.log_in().await;
        let never = option(options::PROMPT, options::PROMPT_NEVER);
        assert_eq!(refusal(sign(&fixture, &connection, never).await.await), ErrorKind::ConsentDenied);
        assert_eq!(fixture.lab().count(Call::Sign), 0);
    });
}

#[test]
fn and_with_the_key() {
    staged(async || {
        let (fixture, program) = logged_in_by_another().await;
        let connection = program.connect().await;
        let call = tokio::spawn(sign(&fixture, &connection, no_options()).await);
        fixture.pinentry().dialog(2).await;
        fixture.lab().remove(fixture.key());
        let refused = refusal(call.await.unwrap());
        assert!([ErrorKind::TokenRemoved, ErrorKind::LoginRequired].contains(&refused), "{refused:?}");
        assert_eq!(fixture.pinentry().outcome(2).await, Outcome::Killed);
        eventually("no signature", async || (fixture.lab().count(Call::Sign) == 0).then_some(())).await;
    });
}

/// The clerk's own program has logged in; this is another.
async fn logged_in_by_another() -> (Fixture, CallingProgram) {
    let fixture = Fixture::builder().lab(|_, _| ()).start().await;
    fixture.log_in().await;
    (fixture, CallingProgram::named(Person::Clerk, "invoices"))
}

/// A call, on its way when it is polled.
async fn sign(
    fixture: &Fixture,
    connection: &Connection,
    options: Options,
) -> impl Future<Output = zbus::Result<Vec<u8>>> + use<> {
    let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, connection).await;
    async move { certificate.sign_data("ECDSA-SHA256", b"order", options).await }
}
