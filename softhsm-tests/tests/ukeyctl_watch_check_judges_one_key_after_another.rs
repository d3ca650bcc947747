//! `ukeyctl watch --check`: each Key that is plugged in gets one line with a verdict, a Key that comes again one more, and
//! no PIN is asked for or used.

use serde_json::Value;
use ukey_softhsm_tests::{Fixture, Flags, Key, KeyBuilder, Lab, Person, Terminal, Who, staged};

/// Label of each Key and the verdict on it.
const KEYS: [(&str, &str); 3] = [("采购UKey", "GOOD"), ("耗材UKey", "ATTENTION"), ("药品UKey", "BAD")];

#[test]
fn for_a_technician_at_a_terminal() {
    staged(async || {
        let fixture = unplugged().await;
        let mut terminal = Terminal::ukeyctl(Person::Technician, &["watch", "--check"]);
        for (key, (label, verdict)) in fixture.keys.iter().zip(KEYS) {
            terminal.reads("Plug in the next Key.").await;
            fixture.lab().insert(key);
            let line = terminal.reads("You can pull it out.\n").await;
            assert!(line.contains(verdict) && line.contains(&format!("{label} ({})", key.serial_number())), "{line}");
            fixture.lab().remove(key);
        }
        // The first one again.
        terminal.reads("Plug in the next Key.").await;
        fixture.lab().insert(fixture.key());
        terminal.reads("You can pull it out.\n").await;
        terminal.interrupts();
        let ended = terminal.ended().await.succeeded();
        for (count, (label, verdict)) in [2, 1, 1].into_iter().zip(KEYS) {
            let is_its = |line: &&str| line.contains(verdict) && line.contains(label);
            assert_eq!(ended.stdout.lines().filter(is_its).count(), count, "{label}: {}", ended.stdout);
        }
        assert_eq!(ended.stdout.matches("You can pull it out.").count(), 4, "{}", ended.stdout);
        assert_eq!(fixture.lab().pin_calls(), 1, "only the wrong one that locked the Key");
    });
}

#[test]
fn for_a_script() {
    staged(async || {
        let fixture = unplugged().await;
        fixture.lab().insert(fixture.key());
        fixture.wait_for_state(fixture.key(), ukey_dbus::TokenState::Ready).await;
        let mut terminal = Terminal::ukeyctl(Person::Technician, &["--json", "watch", "--check"]);
        let mut objects = vec![object(&terminal.reads("\n").await)];
        for key in &fixture.keys[1..] {
            // One beside the other.
            fixture.lab().insert(key);
            objects.push(object(&terminal.reads("\n").await));
        }
        let expected = [("good", None), ("attention", Some("pin-low")), ("bad", Some("pin-locked"))];
        for ((object, key), (verdict, advice)) in objects.iter().zip(&fixture.keys).zip(expected) {
            assert_eq!((&object["verdict"], &object["key_label"]), (&verdict.into(), &key.label().into()), "{object}");
            assert_eq!(object["serial_number"], key.serial_number());
            assert_eq!(object["advice"][0]["code"].as_str(), advice, "{object}");
        }
        terminal.interrupts();
        let ended = terminal.ended().await.succeeded();
        assert_eq!(ended.stdout.lines().filter(|line| line.starts_with('{')).count(), 3, "{}", ended.stdout);
    });
}

/// Three Keys that are not plugged in: a good one, one whose PIN was wrong, and a locked one.
async fn unplugged() -> Fixture {
    let builder =
        KEYS.iter().fold(Fixture::builder(), |builder, (label, _)| builder.key(KeyBuilder::default().label(label)));
    let fixture = builder.lab(troubled).start().await;
    let mut other = fixture.other_program();
    assert_eq!([other.ask("initialize"), other.ask("open 3")], ["ok", "ok"]);
    assert!(other.ask("login user wrong-pin").starts_with("error"));
    drop(other);
    for key in &fixture.keys {
        fixture.lab().remove(key);
        fixture.wait_until_gone(key).await;
    }
    fixture
}

fn troubled(lab: &Lab, keys: &[Key]) {
    lab.flags(&keys[1], Flags::AlwaysLow);
    lab.pin_limit(&keys[2], 1, 10);
    assert_eq!(lab.tries_left(&keys[2], Who::User), 1);
}

fn object(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
