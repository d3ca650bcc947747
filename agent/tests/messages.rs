//! What ukeyd tells the person: shown without holding ukeyd up, and a factory PIN only after the PIN was right.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Stage, eventually, kind, within};
use ukey_dbus::ErrorKind;

/// Types `pin`, and reads every message at once.
fn typing(pin: &str) -> String {
    format!("if [ \"$line\" = GETPIN ]; then echo 'D {pin}'; fi; echo OK")
}

/// Types a PIN, and never puts a message away.
const STAYING: &str = "if [ \"$line\" = MESSAGE ]; then read -r never; fi; echo 'D 739154'; echo OK";

#[tokio::test]
async fn a_factory_pin_is_told_once_after_it_was_right_and_for_its_own_request_only() {
    let stage = Stage::set(&typing("123456")).await;
    stage.ask("r1").await.0.unwrap();
    stage.tell("login-succeeded", "r2").await.unwrap();
    stage.tell("press", "r1").await.unwrap();
    stage.pinentry.shown(2).await;
    stage.tell("login-succeeded", "r1").await.unwrap();
    stage.pinentry.shown(3).await;
    within(stage.registration.messages_read()).await;
    stage.tell("login-succeeded", "r1").await.unwrap();
    within(stage.registration.messages_read()).await;
    assert_eq!(stage.pinentry.dialogs(), 3);
    let told = stage.pinentry.told();
    assert_eq!(told.matches("one that Keys are sold with").count(), 1, "{told}");
    assert!(!told.contains("123456"), "{told}");
}

#[tokio::test]
async fn an_ordinary_pin_and_the_pin_that_was_changed_give_no_warning() {
    let stage = Stage::set(&typing("739154")).await;
    stage.ask("r1").await.0.unwrap();
    stage.tell("login-succeeded", "r1").await.unwrap();
    within(stage.registration.messages_read()).await;
    assert_eq!(stage.pinentry.dialogs(), 1);

    let stage = Stage::set(&typing("123456")).await;
    stage.ask_for("current-pin", stage.context("r1")).await.0.unwrap();
    stage.tell("pin-changed", "r1").await.unwrap();
    stage.pinentry.shown(2).await;
    let told = stage.pinentry.told();
    assert!(told.contains("The user PIN is changed") && !told.contains("sold with"), "{told}");
}

#[tokio::test]
async fn an_unlocked_key_with_a_factory_so_pin_is_told_so() {
    let stage = Stage::set(&typing("88888888")).await;
    stage.ask_for("so-pin", stage.context("r1")).await.0.unwrap();
    stage.tell("unblocked", "r1").await.unwrap();
    stage.pinentry.shown(2).await;
    let told = stage.pinentry.told();
    assert!(
        told.contains("The Key is unlocked") && told.contains("the SO PIN is one that Keys are sold with"),
        "{told}"
    );
}

#[tokio::test]
async fn press_stays_until_its_request_is_cancelled() {
    let stage = Stage::set(STAYING).await;
    stage.tell("press", "r1").await.unwrap();
    stage.pinentry.shown(1).await;
    stage.agent.cancel("r2").await.unwrap();
    assert_eq!(kind(stage.tell("pinpad", "r1").await), ErrorKind::InvalidArgument);
    stage.agent.cancel("r1").await.unwrap();
    stage.pinentry.gone().await;
    eventually(|| stage.pinentry.told().contains("press the button ON THE KEY").then_some(())).await;
}

#[tokio::test]
async fn a_message_that_was_not_read_makes_room_for_a_dialog() {
    let stage = Stage::set(STAYING).await;
    for word in ["pin-changed", "token-removed", "factory-pin"] {
        stage.tell(word, "r1").await.unwrap();
    }
    stage.pinentry.shown(1).await;
    let (answer, pin) = stage.ask("r1").await;
    answer.unwrap();
    assert_eq!(pin.as_deref(), Some(&b"739154"[..]));
    within(stage.registration.messages_read()).await;
    stage.pinentry.gone().await;
}

#[tokio::test]
async fn what_is_no_notice_or_for_another_user_is_refused() {
    let stage = Stage::set(&typing("739154")).await;
    assert_eq!(kind(stage.tell("user-pin", "r1").await), ErrorKind::InvalidArgument);
    let mut context = stage.context("r1");
    context.insert("caller-uid", (common::own_uid() + 1).into());
    let answer = within(stage.agent.notify(&common::TOKEN, "press", context)).await;
    assert_eq!(kind(answer), ErrorKind::NotAuthorized);
    let nothing = std::collections::HashMap::new();
    within(stage.agent.notify(&common::TOKEN, "token-removed", nothing)).await.unwrap();
    assert_eq!(stage.pinentry.dialogs(), 0);
}
