//! `ukeyctl change-pin` changes the user PIN, with `--so` the SO PIN, and never the other; a wrong PIN is one try and
//! changes nothing. With a desktop agent, and on a terminal with the real pinentry.

use serde_json::Value;
use ukey_softhsm_tests::{Call, Fixture, Person, Terminal, Who, staged, ukeyctl};

const NEW: &str = "new-pin-1";

const PIN_TROUBLE: Option<i32> = Some(4);
const NOT_ALLOWED: Option<i32> = Some(5);

#[test]
fn the_user_pin() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        type_all(&fixture, &[fixture.key().pin(), NEW, NEW]);
        let changed = ukeyctl(Person::Clerk, &["--json", "change-pin"]).await.succeeded();
        fixture.pinentry().read_message().await;
        let value: Value = serde_json::from_str(&changed.stdout).unwrap();
        assert_eq!((&value["changed"], &value["key_label"]), (&"user".into(), &fixture.key().label().into()));
        assert_logs_in(&fixture, "user", NEW);
        assert_logs_in(&fixture, "so", fixture.key().so_pin());
    });
}

#[test]
fn the_so_pin() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        type_all(&fixture, &[fixture.key().so_pin(), NEW, NEW]);
        let changed = ukeyctl(Person::Clerk, &["change-pin", "--so"]).await.succeeded();
        fixture.pinentry().read_message().await;
        assert!(changed.stdout.starts_with("The SO PIN (admin PIN) of "), "{}", changed.stdout);
        assert_logs_in(&fixture, "so", NEW);
        assert_logs_in(&fixture, "user", fixture.key().pin());
    });
}

#[test]
fn on_a_terminal() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).without_agent().start().await;
        let mut terminal = Terminal::ukeyctl(Person::Clerk, &["change-pin", "--pinentry", "pinentry-tty"]);
        for (prompt, entry) in
            [("Present user PIN:", fixture.key().pin()), ("New user PIN:", NEW), ("New user PIN again:", NEW)]
        {
            terminal.reads(prompt).await;
            terminal.types(entry);
        }
        terminal.reads("Press any key").await;
        terminal.presses(' ');
        let ended = terminal.ended().await.succeeded();
        assert!(ended.stdout.contains("is changed"), "{}", ended.stdout);
        assert!(!ended.stdout.contains(NEW) && !ended.stdout.contains(fixture.key().pin()), "a PIN was shown");
        assert_logs_in(&fixture, "user", NEW);
    });
}

#[test]
fn not_with_a_wrong_one() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        for (arguments, error) in
            [(&["--json", "change-pin"][..], "PinIncorrect"), (&["--json", "change-pin", "--so"], "SoPinIncorrect")]
        {
            type_all(&fixture, &["wrong-pin", NEW, NEW]);
            let refused = ukeyctl(Person::Clerk, arguments).await;
            assert_eq!(refused.code, PIN_TROUBLE, "{refused:?}");
            let value: Value = serde_json::from_str(&refused.stdout).unwrap();
            assert_eq!((&value["error"]["name"], &value["error"]["pin_try_used"]), (&error.into(), &"yes".into()));
        }
        let (lab, key) = (fixture.lab(), fixture.key());
        assert_eq!((lab.tries_left(key, Who::User), lab.tries_left(key, Who::So)), (9, 9));
        assert_eq!(lab.count(Call::SetPin(Who::So)), 0);
        assert_logs_in(&fixture, "user", fixture.key().pin());
        assert_logs_in(&fixture, "so", fixture.key().so_pin());
    });
}

#[test]
fn not_by_somebody_who_is_not_at_the_computer() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        assert_eq!(ukeyctl(Person::Outsider, &["change-pin"]).await.code, NOT_ALLOWED);
        assert_eq!(ukeyctl(Person::Outsider, &["change-pin", "--so"]).await.code, NOT_ALLOWED);
        assert_eq!(fixture.lab().pin_calls(), 0);
    });
}

fn type_all(fixture: &Fixture, entries: &[&str]) {
    for entry in entries {
        fixture.pinentry().will_type(entry);
    }
}

/// In another program, beside the daemon.
fn assert_logs_in(fixture: &Fixture, who: &str, pin: &str) {
    let mut other = fixture.other_program();
    assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
    assert_eq!(other.ask(&format!("login {who} {pin}")), "ok", "{who}");
}
