//! What is known of a PIN is right whichever way a Key tells: by flags, by return codes, by both or by neither, and with
//! or without a number from its maker. Every count is checked against the Key's own.

use ukey_dbus::{DialogKind, ErrorKind, PinState};
use ukey_softhsm_tests::{
    Call, Code, Fixture, Flags, Monitor, Options, PinCodes, Who, no_options, option, refusal, staged,
};

const WRONG: &str = "wrong-pin";
const NUMBERS: &str = "tries = { user = 10, so = 5 }";

#[test]
fn a_number_from_the_maker_is_counted_down() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 10, 5)).module(NUMBERS).start().await;
        let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
        let left = async || {
            let shown = (token.pin_tries_remaining().await.unwrap(), token.so_pin_tries_remaining().await.unwrap());
            let real = (lab.tries_left(key, Who::User), lab.tries_left(key, Who::So));
            assert_eq!((i64::from(shown.0), i64::from(shown.1)), (real.0.into(), real.1.into()));
            shown
        };
        assert_eq!(left().await, (10, 5));
        for expected in [9, 8, 7] {
            assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
            assert_eq!(left().await, (expected, 5));
        }
        // The fourth within ten minutes, whatever number is left.
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinFinalTry);
        assert_eq!(lab.pin_calls(), 3);

        for entry in [WRONG, "new-so-pin", "new-so-pin"] {
            fixture.pinentry().will_type(entry);
        }
        assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinIncorrect);
        assert_eq!(left().await, (7, 4));
        fixture.pinentry().will_confirm();
        fixture.log_in().await;
        assert_eq!(left().await, (10, 4), "a right PIN gives all tries back");
    });
}

#[test]
fn tries_of_another_program_make_the_number_unknown() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).module(NUMBERS).start().await;
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        assert_eq!(other.ask("login user wrong-pin"), "error PinIncorrect");
        fixture.pinentry().will_cancel();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::Cancelled);
        let token = fixture.token().await;
        assert_eq!(token.pin_tries_remaining().await.unwrap(), -1);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());
    });
}

#[test]
fn honest_flags() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 3, 3)).start().await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::Low, -1).await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::FinalTry, 1).await;
        fixture.pinentry().will_confirm();
        // The code is that of a wrong PIN; only the flag says that it was the last.
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::Locked, 0).await;
        assert_locked_without_a_call(&fixture, 3).await;
    });
}

#[test]
fn only_the_code_tells_of_the_lock() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                lab.pin_limit(&keys[0], 2, 2);
                lab.flags(&keys[0], Flags::Never);
                lab.codes(&keys[0], PinCodes { locking: Code::PIN_LOCKED, ..PinCodes::default() });
            })
            .start()
            .await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::Low, -1).await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinLocked);
        assert_state(&fixture, PinState::Locked, 0).await;
        assert_locked_without_a_call(&fixture, 2).await;
    });
}

#[test]
fn nothing_but_the_last_try_is_flagged() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                lab.pin_limit(&keys[0], 3, 3);
                lab.flags(&keys[0], Flags::WithoutLow);
            })
            .start()
            .await;
        assert_state(&fixture, PinState::Ok, -1).await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::Low, -1).await;
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_state(&fixture, PinState::FinalTry, 1).await;
    });
}

#[test]
fn no_flags_at_all_are_asked_about_from_the_third_on() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
        let monitor = Monitor::start(&fixture.bus).await;
        for _ in 0..2 {
            assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        }
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
        monitor.will_have_asked(&[DialogKind::UserPin, DialogKind::UserPin, DialogKind::UnknownTries]).await;
        assert_eq!(fixture.lab().pin_calls(), 2);
        fixture.pinentry().will_confirm();
        fixture.log_in().await;
        assert_state(&fixture, PinState::Ok, -1).await;
    });
}

#[test]
fn a_flag_that_is_always_set_stops_nobody() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::AlwaysLow)).start().await;
        assert_state(&fixture, PinState::Low, -1).await;
        fixture.log_in().await;
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
        assert_eq!(fixture.lab().pin_calls(), 1);
    });
}

#[test]
fn flags_that_a_process_has_cached_are_read_by_a_new_one() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                lab.pin_limit(&keys[0], 3, 3);
                lab.flags(&keys[0], Flags::Lagging);
            })
            .start()
            .await;
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        for _ in 0..2 {
            assert_eq!(other.ask("login user wrong-pin"), "error PinIncorrect");
        }
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
        assert_eq!(fixture.lab().count_of(fixture.key(), Call::Login(Who::User)), 2, "both by the other program");
        assert_state(&fixture, PinState::FinalTry, 1).await;
    });
}

#[test]
fn tries_that_another_program_uses_while_a_dialog_is_open_count() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 3, 3)).start().await;
        let token = fixture.token().await;
        let call = tokio::spawn(async move { token.login(no_options()).await });
        fixture.pinentry().dialog(1).await;
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        for _ in 0..2 {
            assert_eq!(other.ask("login user wrong-pin"), "error PinIncorrect");
        }
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::PinFinalTry);
        assert_eq!(fixture.lab().pin_calls(), 2, "both by the other program");
    });
}

#[test]
fn a_key_that_another_program_has_unlocked_works_again() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.pin_limit(&keys[0], 1, 3)).start().await;
        let key = fixture.key();
        fixture.pinentry().will_confirm();
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        assert_locked_without_a_call(&fixture, 1).await;
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        assert_eq!(other.ask(&format!("login so {}", key.so_pin())), "ok");
        assert_eq!(other.ask(&format!("init-pin {}", key.pin())), "ok");
        fixture.pinentry().will_confirm();
        fixture.log_in().await;
        assert_state(&fixture, PinState::FinalTry, 1).await;
    });
}

async fn wrong_login(fixture: &Fixture) -> ErrorKind {
    fixture.pinentry().will_type(WRONG);
    refusal(fixture.token().await.login(no_options()).await)
}

async fn assert_state(fixture: &Fixture, state: PinState, tries: i32) {
    let token = fixture.token().await;
    assert_eq!(token.pin_state().await.unwrap(), state.as_str());
    assert_eq!(token.pin_tries_remaining().await.unwrap(), tries);
}

async fn assert_locked_without_a_call(fixture: &Fixture, calls: usize) {
    let dialogs = fixture.pinentry().dialogs().len();
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinLocked);
    assert_eq!((fixture.lab().pin_calls(), fixture.pinentry().dialogs().len()), (calls, dialogs));
}

fn so() -> Options {
    option(ukey_dbus::options::WHO, ukey_dbus::options::WHO_SO)
}
