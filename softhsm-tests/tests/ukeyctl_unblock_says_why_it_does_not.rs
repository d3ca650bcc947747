//! `ukeyctl unblock` that does not unlock: its exit code says what kind of trouble there is, its words what to do, and the
//! Key was asked no more than it says.

use serde_json::Value;
use ukey_dbus::KeyKind;
use ukey_softhsm_tests::{
    Call, CertificateProfile, Ended, Fixture, KeyBuilder, KryopticStore, Person, ScriptedPinentry, Terminal, Tool, Who,
    as_person, program, staged, ukeyctl, ukeyctl_with_pinentry,
};

const NEW: &str = "new-pin-1";

const WRONG_USAGE: Option<i32> = Some(2);
const KEY_TROUBLE: Option<i32> = Some(3);
const PIN_TROUBLE: Option<i32> = Some(4);
const NOT_ALLOWED: Option<i32> = Some(5);
const NOBODY_ACTED: Option<i32> = Some(6);

#[test]
fn an_ordinary_user_may_not() {
    staged(async || {
        let fixture = locked_key().await;
        for person in [Person::Clerk, Person::Outsider] {
            let refused = ukeyctl(person, &["--json", "unblock", "--yes"]).await;
            assert_eq!((refused.code, name(&refused)), (NOT_ALLOWED, "NotAuthorized".to_owned()), "{person:?}");
        }
        assert!(fixture.pinentry().dialogs().is_empty());
        assert_nothing_was_used(&fixture);
    });
}

#[test]
fn the_question_on_the_terminal_was_answered_with_no() {
    staged(async || {
        let fixture = locked_key().await;
        let mut terminal = Terminal::ukeyctl(Person::Technician, &["unblock"]);
        terminal.reads("Go on? [y/N]").await;
        terminal.types("n");
        let ended = terminal.ended().await;
        assert_eq!(ended.code, NOBODY_ACTED, "{}", ended.stdout);
        assert!(ended.stdout.contains("You chose not to go on."), "{}", ended.stdout);
        assert_nothing_was_used(&fixture);
    });
}

#[test]
fn there_is_nobody_to_answer_it() {
    staged(async || {
        let fixture = locked_key().await;
        let refused = ukeyctl(Person::Technician, &["unblock"]).await;
        assert_eq!(refused.code, WRONG_USAGE);
        assert!(refused.stderr.contains("say --yes"), "{}", refused.stderr);
        assert!(refused.stdout.contains("can never be unlocked"), "what it costs was not told: {}", refused.stdout);
        assert_nothing_was_used(&fixture);
    });
}

#[test]
fn a_dialog_was_closed() {
    staged(async || {
        let fixture = locked_key().await;
        let script = ScriptedPinentry::create(Person::Technician);
        script.will_refuse();
        let refused = ukeyctl_with_pinentry(&script, &["--json", "unblock", "--yes"]).await;
        assert_eq!((refused.code, name(&refused)), (NOBODY_ACTED, "Cancelled".to_owned()));
        script.will_confirm();
        script.will_cancel();
        let refused = ukeyctl_with_pinentry(&script, &["--json", "unblock", "--yes"]).await;
        assert_eq!((refused.code, name(&refused)), (NOBODY_ACTED, "Cancelled".to_owned()));
        script.will_confirm();
        script.will_type(fixture.key().so_pin());
        script.will_cancel();
        let refused = ukeyctl_with_pinentry(&script, &["--json", "unblock", "--yes"]).await;
        assert_eq!((refused.code, name(&refused)), (NOBODY_ACTED, "Cancelled".to_owned()));
        assert_eq!(script.dialogs().len(), 6);
        assert_nothing_was_used(&fixture);
    });
}

#[test]
fn the_so_pin_was_wrong() {
    staged(async || {
        let fixture = locked_key().await;
        let script = ScriptedPinentry::create(Person::Technician);
        script.will_confirm();
        for entry in ["wrong-so-pin", NEW, NEW] {
            script.will_type(entry);
        }
        let refused = ukeyctl_with_pinentry(&script, &["--json", "unblock", "--yes"]).await;
        assert_eq!((refused.code, name(&refused)), (PIN_TROUBLE, "SoPinIncorrect".to_owned()));
        let error: Value = serde_json::from_str(&refused.stdout).unwrap();
        assert_eq!(error["error"]["pin_try_used"], "yes");
        assert_eq!((fixture.spy().count("C_Login"), fixture.spy().count("C_InitPIN")), (1, 0));
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::So), 1);
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), KryopticStore::TRIES);
    });
}

#[test]
fn the_key_cannot_be_unlocked() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Technician).lab(|lab, keys| lab.without_so(&keys[0]));
        let fixture = fixture.start().await;
        for (locale, replacement) in [("C.UTF-8", "for a replacement"), ("zh_CN.UTF-8", "补办")] {
            let pinentry = fixture.agents[&Person::Technician].pinentry();
            pinentry.will_confirm();
            for entry in [fixture.key().so_pin(), NEW, NEW] {
                pinentry.will_type(entry);
            }
            let (language, ukeyctl) = (format!("LC_ALL={locale}"), program("ukeyctl"));
            let command = [language.as_str(), ukeyctl.to_str().unwrap(), "unblock", "--yes"];
            let refused = as_person(Person::Technician, &Tool::Env.path(), &command).await;
            assert_eq!(refused.code, KEY_TROUBLE, "{refused:?}");
            assert!(refused.stderr.starts_with("UnblockUnsupported: "), "{}", refused.stderr);
            let advice = refused.stderr.lines().last().unwrap();
            assert!(advice.contains(replacement), "{locale}: {advice}");
        }
        assert_eq!(fixture.lab().count(Call::InitPin), 0);
    });
}

/// A Key whose user PIN another program has locked, where no technician has a desktop agent.
async fn locked_key() -> Fixture {
    let key = KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default());
    let fixture = Fixture::builder().key(key).kryoptic().spied().start().await;
    fixture.kryoptic.set_wrong_tries(fixture.key(), Who::User, KryopticStore::TRIES);
    fixture
}

fn assert_nothing_was_used(fixture: &Fixture) {
    assert_eq!((fixture.spy().count("C_Login"), fixture.spy().count("C_InitPIN")), (0, 0));
    assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::So), 0);
}

/// Of the error that was printed.
fn name(refused: &Ended) -> String {
    let value: Value = serde_json::from_str(&refused.stdout).unwrap();
    value["error"]["name"].as_str().unwrap().to_owned()
}
