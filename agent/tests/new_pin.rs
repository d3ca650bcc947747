//! A new PIN is typed twice: one record when both entries are alike, else nothing.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Stage, TOKEN, kind, record, records, within};
use std::collections::HashMap;
use ukey_dbus::ErrorKind;
use zbus::Variant;

/// A person who types these one after the other; a question is answered by `confirmed`.
fn person(entries: &[&str], confirmed: &str) -> String {
    let mut script =
        format!("if [ \"$line\" = CONFIRM ]; then {confirmed}; else\ncase \"$(grep -c '^GETPIN$' \"$log\")\" in\n");
    for (number, entry) in entries.iter().enumerate() {
        script.push_str(&format!("{}) echo 'D {entry}'; echo OK;;\n", number + 1));
    }
    script + "*) echo 'ERR 83886179 enough';;\nesac\nfi"
}

const YES: &str = "echo OK";
const NO: &str = "echo 'ERR 83886194 Not confirmed'";

fn context<'a>(stage: &Stage) -> HashMap<&'a str, Variant<'a>> {
    let mut context = stage.context("r1");
    context.extend([("pin-min", 6_u32.into()), ("pin-max", 16_u32.into())]);
    context.extend([("step", 2_u32.into()), ("steps", 2_u32.into())]);
    context
}

#[tokio::test]
async fn two_equal_entries_are_one_record() {
    for word in ["new-pin", "new-so-pin"] {
        let stage = Stage::set(&person(&["739154", "739154"], NO)).await;
        let (answer, pin) = stage.ask_for(word, context(&stage)).await;
        answer.unwrap();
        assert_eq!((pin.as_deref(), stage.pinentry.dialogs()), (Some(&b"739154"[..]), 2));
        let told = stage.pinentry.told();
        let prompts: Vec<&str> = told.lines().filter(|line| line.starts_with("SETPROMPT ")).collect();
        assert!(!prompts[0].contains("again") && prompts[1].contains("again"), "{prompts:?}");
        assert!(told.contains("SETDESC Step 2 of 2%0A") && told.contains("6 to 16"), "{told}");
    }
}

#[tokio::test]
async fn entries_that_differ_are_asked_for_again_and_given_up_after_three() {
    let stage = Stage::set(&person(&["739154", "739155", "739156", "739156"], NO)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    answer.unwrap();
    assert_eq!(pin.as_deref(), Some(&b"739156"[..]));
    assert!(stage.pinentry.told().contains("SETERROR The two entries differ."));

    let stage = Stage::set(&person(&["739154", "739155"].repeat(4), NO)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    assert_eq!((kind(answer), pin, stage.pinentry.dialogs()), (ErrorKind::Cancelled, None, 6));
}

#[tokio::test]
async fn a_length_that_the_key_does_not_take_is_told_at_once() {
    for (entry, remark) in [("73915", "at least 6"), ("73915473915473915", "at most 16"), ("", "Nothing was entered")] {
        let stage = Stage::set(&person(&[entry, "739154", "739154"], NO)).await;
        let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
        answer.unwrap();
        assert_eq!((pin.as_deref(), stage.pinentry.dialogs()), (Some(&b"739154"[..]), 3));
        let told = stage.pinentry.told();
        assert!(told.lines().any(|line| line.starts_with("SETERROR ") && line.contains(remark)), "{told}");
    }
    let stage = Stage::set(&person(&["1"; 40], NO)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    assert_eq!((kind(answer), pin), (ErrorKind::Cancelled, None));
}

#[tokio::test]
async fn a_pin_that_everybody_knows_is_taken_only_after_a_warning() {
    let stage = Stage::set(&person(&["123456", "123456"], YES)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    answer.unwrap();
    assert_eq!((pin.as_deref(), stage.pinentry.dialogs()), (Some(&b"123456"[..]), 3));

    let stage = Stage::set(&person(&["12345678", "739154", "739154"], NO)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    answer.unwrap();
    assert_eq!((pin.as_deref(), stage.pinentry.dialogs()), (Some(&b"739154"[..]), 4));
}

#[tokio::test]
async fn nothing_is_handed_over_when_the_second_dialog_is_closed_or_withdrawn() {
    let stage = Stage::set(&person(&["739154"], NO)).await;
    let (answer, pin) = stage.ask_for("new-pin", context(&stage)).await;
    assert_eq!((kind(answer), pin), (ErrorKind::Cancelled, None));

    let wait = "if [ \"$(grep -c '^GETPIN$' \"$log\")\" = 2 ]; then read -r never; fi; echo 'D 739154'; echo OK";
    let stage = Stage::set(wait).await;
    let (near, far) = records();
    let ask = stage.agent.request_pin(&TOKEN, "new-pin", context(&stage), near.into());
    let withdraw = async {
        stage.pinentry.shown(2).await;
        stage.agent.cancel("r1").await.unwrap();
    };
    let (answer, ()) = within(async { tokio::join!(ask, withdraw) }).await;
    assert_eq!((kind(answer), record(&far)), (ErrorKind::Cancelled, None));
    stage.pinentry.gone().await;
}
