//! A PIN that is typed reaches ukeyd's socket as one record, or nothing does.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is not as it should be")]

mod common;

use common::{Stage, TOKEN, kind, own_uid, record, records, within};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::os::fd::OwnedFd;
use ukey_dbus::ErrorKind;

#[tokio::test]
async fn a_pin_in_several_escaped_parts_is_one_record() {
    let stage = Stage::set("printf 'D 12%%25 \\303\\251\\nD %%0A\\346\\234\\nD \\253\\nOK\\n'").await;
    let (answer, pin) = stage.ask("r1").await;
    answer.unwrap();
    assert_eq!(pin.unwrap(), "12% é\n末".as_bytes());
}

#[tokio::test]
async fn an_empty_and_an_endless_pin_are_invalid_and_nothing_is_written() {
    for answer in ["echo OK", "echo 'D '; echo OK", "printf 'D %0300d\\nOK\\n' 0"] {
        let stage = Stage::set(answer).await;
        let (answer, pin) = stage.ask("r1").await;
        assert_eq!((kind(answer), pin), (ErrorKind::PinInvalid, None));
        stage.pinentry.gone().await;
    }
}

#[tokio::test]
async fn what_pinentry_reports_becomes_an_error_of_the_contract() {
    for (answer, wanted) in [
        ("echo 'ERR 83886179 Operation cancelled'", ErrorKind::Cancelled),
        ("echo 'ERR 83886142 Timeout'", ErrorKind::Timeout),
        ("echo 'ERR 83886381 Screen or window too small'", ErrorKind::NoAgent),
        ("echo 'S PASSWORD_FROM_CACHE'; echo 'D 1234'; echo OK", ErrorKind::NoAgent),
        ("echo 'INQUIRE QUALITY 1234'", ErrorKind::NoAgent),
        ("echo nonsense", ErrorKind::NoAgent),
        ("echo 'D 12%zz'; echo OK", ErrorKind::NoAgent),
        ("head -c 9000 /dev/zero", ErrorKind::NoAgent),
        ("exit 1", ErrorKind::NoAgent),
    ] {
        let stage = Stage::set(answer).await;
        let (reply, pin) = stage.ask("r1").await;
        assert_eq!((kind(reply), pin), (wanted, None), "{answer}");
    }
}

#[tokio::test]
async fn a_locale_that_cant_show_the_texts_is_replaced_before_anything_is_typed() {
    let answer = "if grep -qx 'OPTION lc-ctype=C' \"$log\"; then echo 'D 1234'; echo OK; \
                  else echo 'ERR 83886246 locale problem'; fi";
    let stage = Stage::set(answer).await;
    let (answer, pin) = stage.ask("r1").await;
    answer.unwrap();
    assert_eq!(pin.unwrap(), b"1234");
    let told = stage.pinentry.told();
    let last = told.lines().rfind(|line| line.starts_with("SETDESC ")).unwrap();
    assert!(told.contains("OPTION lc-ctype=C.UTF-8\n") && last.is_ascii(), "{told}");
}

#[tokio::test]
async fn the_dialog_says_who_asks_and_what_for() {
    let stage = Stage::set("echo 'D 1234'; echo OK").await;
    stage.ask("r1").await.0.unwrap();
    let told = stage.pinentry.told();
    let own = std::env::current_exe().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    let description = told.lines().find(|line| line.starts_with("SETDESC ")).unwrap();
    for part in [own.as_str(), "(the program says): Order 2026-11, 100 %25", "昆明 <b>Key</b>", "unknown"] {
        assert!(description.contains(part), "{part}: {description}");
    }
    assert!(!told.contains("SETQUALITYBAR") && !told.contains("cache"), "{told}");
}

#[tokio::test]
async fn pinentry_inherits_no_socket() {
    // "$$" is the shell: its descriptors are what the agent left it, and the log it opens and closes.
    let stage = Stage::set("ls -l /proc/$$/fd >> \"$log\"; echo 'D 1234'; echo OK").await;
    stage.ask("r1").await.0.unwrap();
    let told = stage.pinentry.told();
    assert!(told.contains("pipe:") && !told.contains("socket:"), "{told}");
}

#[tokio::test]
async fn another_descriptor_than_a_record_socket_shows_no_dialog() {
    let stage = Stage::set("echo 'D 1234'; echo OK").await;
    let stream = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap().0;
    let wrong: [OwnedFd; 3] =
        [stream, rustix::pipe::pipe().unwrap().1, std::fs::File::open("/dev/null").unwrap().into()];
    for descriptor in wrong {
        let answer = stage.agent.request_pin(&TOKEN, "user-pin", stage.context("r1"), descriptor.into());
        assert_eq!(kind(within(answer).await), ErrorKind::InvalidArgument);
    }
    assert_eq!(stage.pinentry.told(), "");
}

#[tokio::test]
async fn a_caller_of_another_user_and_an_unknown_kind_show_no_dialog() {
    let stage = Stage::set("echo 'D 1234'; echo OK").await;
    let (near, far) = records();
    let mut context = stage.context("r1");
    context.insert("caller-uid", (own_uid() + 1).into());
    let answer = within(stage.agent.request_pin(&TOKEN, "user-pin", context, near.into())).await;
    assert_eq!((kind(answer), record(&far)), (ErrorKind::NotAuthorized, None));
    for word in ["nonsense", "", "final-try", "unblock"] {
        let answer = stage.agent.request_pin(&TOKEN, word, stage.context("r1"), records().0.into());
        assert_eq!(kind(within(answer).await), ErrorKind::InvalidArgument, "{word}");
    }
    for word in ["nonsense", "user-pin", "so-pin"] {
        let answer = stage.agent.confirm(&TOKEN, word, stage.context("r1"));
        assert_eq!(kind(within(answer).await), ErrorKind::InvalidArgument, "{word}");
    }
    assert_eq!(stage.pinentry.told(), "");
}

#[tokio::test]
async fn only_ukeyd_may_call() {
    let stage = Stage::set("echo 'D 1234'; echo OK").await;
    let stranger = stage.bus.connect().await;
    let agent = common::proxy(&stranger, stage.agent.inner().destination().to_string().try_into().unwrap()).await;
    let (near, far) = records();
    let answer = within(agent.request_pin(&TOKEN, "user-pin", stage.context("r1"), near.into())).await;
    assert_eq!((kind(answer), record(&far)), (ErrorKind::NotAuthorized, None));
    assert_eq!(kind(within(agent.confirm(&TOKEN, "final-try", stage.context("r1"))).await), ErrorKind::NotAuthorized);
    assert_eq!(
        kind(within(agent.notify(&TOKEN, "token-removed", stage.context("r1"))).await),
        ErrorKind::NotAuthorized
    );
    assert_eq!(kind(within(agent.cancel("r1")).await), ErrorKind::NotAuthorized);
    assert_eq!(stage.pinentry.told(), "");
}

#[tokio::test]
async fn a_question_needs_a_yes() {
    let questions = ["final-try", "unknown-tries", "so-final-try", "so-unknown-tries", "unblock", "pinpad"];
    for (answer, wanted) in [
        ("echo OK", true),
        ("echo 'ERR 83886194 Not confirmed'", false),
        ("echo 'ERR 83886179 Operation cancelled'", false),
    ] {
        let stage = Stage::set(answer).await;
        for question in questions {
            let confirmed = within(stage.agent.confirm(&TOKEN, question, stage.context("r1"))).await.unwrap();
            assert_eq!(confirmed, wanted, "{question}: {answer}");
        }
        assert_eq!(stage.pinentry.dialogs(), questions.len());
        assert!(stage.pinentry.told().contains("\nCONFIRM\n"));
    }
}

#[tokio::test]
async fn a_pin_in_force_is_asked_for_once_and_handed_over_at_any_length() {
    for word in ["user-pin", "current-pin", "so-pin", "current-so-pin", "signature-pin"] {
        let stage = Stage::set("echo 'D 12'; echo OK").await;
        let mut context = stage.context("r1");
        context.extend([("pin-min", 6_u32.into()), ("pin-max", 16_u32.into())]);
        let (answer, pin) = stage.ask_for(word, context).await;
        answer.unwrap();
        assert_eq!((pin.as_deref(), stage.pinentry.dialogs()), (Some(&b"12"[..]), 1), "{word}");
        let told = stage.pinentry.told();
        let prompt = told.lines().find(|line| line.starts_with("SETPROMPT ")).unwrap();
        assert_eq!(prompt.contains("SO PIN"), word.contains("so-pin"), "{prompt}");
    }
}
