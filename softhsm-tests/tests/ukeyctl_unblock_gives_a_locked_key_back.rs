//! `ukeyctl unblock` on a Key that is really locked (kryoptic): it says what it can cost, asks, has the SO PIN and the
//! new PIN typed, and the new PIN works. On a terminal with the real pinentry, and for scripts.

use serde_json::Value;
use ukey_dbus::{ErrorKind, KeyKind, PinState};
use ukey_softhsm_tests::{
    CertificateProfile, Fixture, KeyBuilder, KryopticStore, Person, ScriptedPinentry, Terminal, Who, no_options,
    refusal, staged, ukeyctl_with_pinentry,
};

const NEW: &str = "new-pin-1";

#[test]
fn on_a_terminal() {
    staged(async || {
        let fixture = locked_key().await;
        let mut terminal =
            Terminal::ukeyctl(Person::Technician, &["unblock", "--pinentry", "pinentry-tty", "--reason", "form 7"]);
        let cost = terminal.reads("Go on? [y/N]").await;
        for part in [fixture.key().label(), fixture.key().serial_number(), "locked", "never be unlocked", "SO PIN"] {
            assert!(cost.contains(part), "{part} is not told before the question: {cost}");
        }
        assert_eq!(fixture.spy().count("C_Login"), 0);
        terminal.types("y");
        terminal.reads("[cn]?").await;
        terminal.presses('c');
        for (prompt, entry) in
            [("SO PIN (admin PIN):", fixture.key().so_pin()), ("New user PIN:", NEW), ("New user PIN again:", NEW)]
        {
            terminal.reads(prompt).await;
            terminal.types(entry);
        }
        terminal.reads("Press any key").await;
        terminal.presses(' ');
        let ended = terminal.ended().await.succeeded();
        assert!(ended.stdout.contains("is unlocked"), "{}", ended.stdout);
        for entry in [fixture.key().so_pin(), NEW] {
            assert!(!ended.stdout.contains(entry), "a PIN was shown: {}", ended.stdout);
        }
        works_again(&fixture).await;
    });
}

#[test]
fn for_a_script() {
    staged(async || {
        let fixture = locked_key().await;
        let script = ScriptedPinentry::create(Person::Technician);
        script.will_confirm();
        for entry in [fixture.key().so_pin(), NEW, NEW] {
            script.will_type(entry);
        }
        script.will_confirm();
        let arguments = ["--json", "unblock", "--yes", "--key", fixture.key().serial_number()];
        let ended = ukeyctl_with_pinentry(&script, &arguments).await.succeeded();
        let state: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(state["key_label"], fixture.key().label());
        assert_eq!((&state["pin_state"], &state["so_pin_state"]), (&"ok".into(), &"ok".into()), "{state}");
        works_again(&fixture).await;
    });
}

/// A Key whose user PIN another program has locked, where no technician has a desktop agent.
async fn locked_key() -> Fixture {
    let key = KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default());
    let fixture = Fixture::builder().key(key).kryoptic().spied().start().await;
    fixture.kryoptic.set_wrong_tries(fixture.key(), Who::User, KryopticStore::TRIES);
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinLocked);
    fixture
}

async fn works_again(fixture: &Fixture) {
    assert_eq!((fixture.spy().count("C_Login"), fixture.spy().count("C_InitPIN")), (1, 1));
    assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), 0);
    assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Ok.as_str());
    fixture.pinentry().will_type(NEW);
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
}
