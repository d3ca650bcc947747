//! A dialog can be withdrawn at any time: then pinentry is gone and nothing is written.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Stage, TOKEN, kind, record, records, within};
use ukey_dbus::ErrorKind;
use ukey_dbus::names::BUS_NAME;

/// A pinentry that waits for a person who never comes.
const WAIT: &str = "read -r never";

#[tokio::test]
async fn cancel_ends_the_open_dialog_and_the_waiting_one() {
    let stage = Stage::set(WAIT).await;
    let (open, waiting) = (records(), records());
    let first = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r1"), open.0.into());
    let later = async {
        stage.pinentry.shown(1).await;
        let second = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r2"), waiting.0.into());
        let (second, cancelled) = tokio::join!(second, stage.agent.cancel("r2"));
        cancelled.unwrap();
        stage.agent.cancel("unknown").await.unwrap();
        stage.agent.cancel("r1").await.unwrap();
        second
    };
    let (first, second) = within(async { tokio::join!(first, later) }).await;
    assert_eq!((kind(first), record(&open.1)), (ErrorKind::Cancelled, None));
    assert_eq!((kind(second), record(&waiting.1)), (ErrorKind::Cancelled, None));
    assert_eq!(stage.pinentry.dialogs(), 1, "the second was never shown");
    stage.pinentry.gone().await;
}

#[tokio::test]
async fn a_waiting_dialog_comes_after_the_open_one() {
    let stage =
        Stage::set("if [ \"$(grep -c GETPIN \"$log\")\" = 1 ]; then read -r never; fi; echo 'D 2'; echo OK").await;
    let (open, waiting) = (records(), records());
    let first = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r1"), open.0.into());
    let later = async {
        stage.pinentry.shown(1).await;
        let second = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r2"), waiting.0.into());
        let (second, cancelled) = tokio::join!(second, stage.agent.cancel("r1"));
        cancelled.unwrap();
        second
    };
    let (first, second) = within(async { tokio::join!(first, later) }).await;
    assert_eq!(kind(first), ErrorKind::Cancelled);
    second.unwrap();
    assert_eq!(record(&waiting.1).unwrap(), b"2");
}

#[tokio::test]
async fn dialogs_end_when_ukeyd_leaves_the_bus() {
    let stage = Stage::set(WAIT).await;
    let (near, far) = records();
    let ask = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r1"), near.into());
    let leave = async {
        stage.pinentry.shown(1).await;
        stage.service.connection.release_name(BUS_NAME).await.unwrap();
    };
    let (answer, ()) = within(async { tokio::join!(ask, leave) }).await;
    assert_eq!((kind(answer), record(&far)), (ErrorKind::Cancelled, None));
    stage.pinentry.gone().await;
}

#[tokio::test]
async fn the_end_of_the_agent_ends_its_dialog() {
    let Stage { service, agent, registration, pinentry, bus } = Stage::set(WAIT).await;
    let caller = service.connection.unique_name().unwrap().to_string();
    let context = std::collections::HashMap::from([
        ("request", "r1".into()),
        ("caller", caller.into()),
        ("caller-uid", common::own_uid().into()),
    ]);
    let ask = agent.request_pin(&TOKEN, "user-pin", context, records().0.into());
    let end = async {
        pinentry.shown(1).await;
        registration.unregister().await.unwrap();
        pinentry.gone().await;
    };
    let (answer, ()) = within(async { tokio::join!(ask, end) }).await;
    assert_eq!(kind(answer), ErrorKind::Cancelled);
    drop(bus);
}
