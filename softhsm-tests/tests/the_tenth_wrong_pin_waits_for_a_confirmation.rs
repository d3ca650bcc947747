//! On a Key that really locks at the tenth wrong PIN, used only through D-Bus and dialogs: each entry is one try, from
//! the third on a person has agreed to the unknown number, and the last try is not made before a person has agreed to
//! it. A locked PIN is never tried. Proven for kryoptic, with a spy at the module's door.

use ukey_dbus::{DialogKind, ErrorKind, KeyKind, PinState};
use ukey_softhsm_tests::{
    CertificateProfile, Fixture, KeyBuilder, Monitor, Options, Who, no_options, option, refusal, staged,
};

const WRONG: &str = "wrong-pin";

#[test]
fn nine_wrong_entries_are_nine_tries_and_the_last_locks_only_when_agreed() {
    staged(async || {
        let fixture = Fixture::builder().key(small_key()).kryoptic().spied().start().await;
        let (token, pinentry, spy) = (fixture.token().await, fixture.pinentry(), fixture.spy());
        let monitor = Monitor::start(&fixture.bus).await;
        let mut asked = Vec::new();
        for tried in 1..=9 {
            if tried > 2 {
                pinentry.will_confirm();
                asked.push(DialogKind::UnknownTries);
            }
            pinentry.will_type(WRONG);
            asked.push(DialogKind::UserPin);
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
            assert_eq!(spy.count("C_Login"), tried);
        }
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), 9);
        assert_eq!(token.pin_state().await.unwrap(), PinState::FinalTry.as_str());
        assert_eq!(token.pin_tries_remaining().await.unwrap(), 1);

        pinentry.will_refuse();
        asked.push(DialogKind::FinalTry);
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinFinalTry);
        monitor.will_have_asked(&asked).await;
        assert_eq!(spy.count("C_Login"), 9, "refused, and yet the module was called");

        pinentry.will_confirm();
        pinentry.will_type(WRONG);
        asked.extend([DialogKind::FinalTry, DialogKind::UserPin]);
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinLocked);
        assert_eq!(spy.count("C_Login"), 10);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Locked.as_str());
        assert_eq!(token.pin_tries_remaining().await.unwrap(), 0);

        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for _ in 0..2 {
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinLocked);
            assert_eq!(refusal(token.change_pin(no_options()).await), ErrorKind::PinLocked);
            let signed = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
            assert_eq!(refusal(signed), ErrorKind::PinLocked);
        }
        monitor.will_have_asked(&asked).await;
        assert_eq!((spy.count("C_Login"), spy.count("C_SetPIN")), (10, 0), "a locked PIN was tried");
    });
}

#[test]
fn the_so_pin_is_guarded_alike() {
    staged(async || {
        let fixture = Fixture::builder().key(small_key()).kryoptic().spied().start().await;
        let (token, pinentry, spy) = (fixture.token().await, fixture.pinentry(), fixture.spy());
        for tried in 1..=9 {
            if tried > 2 {
                pinentry.will_confirm();
            }
            for entry in [WRONG, "new-so-pin", "new-so-pin"] {
                pinentry.will_type(entry);
            }
            assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinIncorrect);
            assert_eq!((spy.count("C_Login"), spy.count("C_SetPIN")), (tried, 0));
        }
        assert_eq!(token.so_pin_state().await.unwrap(), PinState::FinalTry.as_str());
        assert_eq!(token.so_pin_tries_remaining().await.unwrap(), 1);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str(), "the user PIN has its own counter");

        pinentry.will_refuse();
        assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinFinalTry);
        assert_eq!(spy.count("C_Login"), 9, "refused, and yet the module was called");

        pinentry.will_confirm();
        for entry in [WRONG, "new-so-pin", "new-so-pin"] {
            pinentry.will_type(entry);
        }
        assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinLocked);
        assert_eq!(spy.count("C_Login"), 10);
        assert_eq!(token.so_pin_state().await.unwrap(), PinState::Locked.as_str());
        assert!(!token.unblock_supported().await.unwrap(), "nobody can unlock this Key any more");
        assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinLocked);
        assert_eq!(spy.count("C_Login"), 10, "a locked SO PIN was tried");
        fixture.log_in().await;
    });
}

#[test]
fn tries_that_another_program_has_used_count() {
    staged(async || {
        let fixture = Fixture::builder().key(small_key()).kryoptic().spied().start().await;
        let (token, pinentry, spy) = (fixture.token().await, fixture.pinentry(), fixture.spy());
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 0")], ["ok", "ok"]);
        for _ in 0..9 {
            assert_eq!(other.ask("login user wrong-pin"), "error PinIncorrect");
        }
        pinentry.will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinFinalTry);
        assert_eq!(spy.count("C_Login"), 0, "refused, and yet the module was called");
        assert_eq!(token.pin_state().await.unwrap(), PinState::FinalTry.as_str());
        assert_eq!(pinentry.dialogs().len(), 1, "the PIN was asked for before the person had agreed");

        pinentry.will_confirm();
        fixture.log_in().await;
        assert_eq!(spy.count("C_Login"), 1);
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), 0);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
    });
}

fn so() -> Options {
    option(ukey_dbus::options::WHO, ukey_dbus::options::WHO_SO)
}

fn small_key() -> KeyBuilder {
    KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default())
}
