//! `ChangePin`: the old PIN is at most one try, the new one is typed twice and kept to the Key's own length before
//! anything is called. Counted by the lab; the real check is SoftHSM2's behind it.

use ukey_dbus::{DialogKind, ErrorKind, PinState, TokenState, options};
use ukey_softhsm_tests::{Call, Fixture, Monitor, Options, Who, no_options, option, refusal, staged};

const NEW: &str = "new-pin-1";

#[test]
fn the_user_pin() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (token, pinentry, lab) = (fixture.token().await, fixture.pinentry(), fixture.lab());
        let monitor = Monitor::start(&fixture.bus).await;
        type_all(&fixture, &[fixture.key().pin(), NEW, NEW]);
        token.change_pin(no_options()).await.unwrap();
        monitor.will_have_asked(&[DialogKind::CurrentPin, DialogKind::NewPin]).await;
        pinentry.read_message().await;
        assert_eq!((lab.pin_calls(), lab.count(Call::SetPin(Who::User))), (1, 1));

        type_all(&fixture, &[fixture.key().pin()]);
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        type_all(&fixture, &[NEW]);
        token.login(no_options()).await.unwrap();
    });
}

#[test]
fn a_wrong_old_pin_is_one_try_and_the_old_one_holds() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        type_all(&fixture, &["wrong-pin", NEW, NEW]);
        assert_eq!(refusal(token.change_pin(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!((lab.pin_calls(), lab.tries_left(fixture.key(), Who::User)), (1, 9));
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());
        fixture.log_in().await;
        assert_eq!(lab.tries_left(fixture.key(), Who::User), 10);
    });
}

#[test]
fn a_login_ends_with_it() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let token = fixture.token().await;
        fixture.log_in().await;
        type_all(&fixture, &[fixture.key().pin(), NEW, NEW]);
        token.change_pin(no_options()).await.unwrap();
        fixture.pinentry().read_message().await;
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
        type_all(&fixture, &[NEW]);
        token.login(no_options()).await.unwrap();
    });
}

#[test]
fn the_so_pin_too() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        let monitor = Monitor::start(&fixture.bus).await;
        type_all(&fixture, &["wrong-so-pin", "new-so-pin", "new-so-pin"]);
        assert_eq!(refusal(token.change_pin(so()).await), ErrorKind::SoPinIncorrect);
        assert_eq!((lab.tries_left(fixture.key(), Who::So), lab.tries_left(fixture.key(), Who::User)), (9, 10));
        type_all(&fixture, &[fixture.key().so_pin(), "new-so-pin", "new-so-pin"]);
        token.change_pin(so()).await.unwrap();
        let one = [DialogKind::CurrentSoPin, DialogKind::NewSoPin];
        monitor.will_have_asked(&[one, one].concat()).await;
        fixture.pinentry().read_message().await;
        assert_eq!(lab.count(Call::Login(Who::So)), 2);
        assert_eq!(lab.count(Call::SetPin(Who::So)), 1, "only after the right one");
        assert_eq!(lab.count(Call::Login(Who::User)), 0);

        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        assert_eq!(other.ask("login so new-so-pin"), "ok");
    });
}

#[test]
fn a_new_pin_that_the_key_would_refuse_or_that_was_mistyped_is_no_call() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (token, pinentry, lab) = (fixture.token().await, fixture.pinentry(), fixture.lab());
        // SoftHSM2 takes 4 to 255 bytes.
        type_all(&fixture, &[fixture.key().pin(), "abc", "", "new-pin-1", "new-pin-2"]);
        pinentry.will_cancel();
        assert_eq!(refusal(token.change_pin(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(pinentry.dialogs().len(), 6);
        assert_eq!(lab.pin_calls(), 0);
        fixture.log_in().await;
    });
}

#[test]
fn nobody_is_asked_when_the_caller_says_never() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let never = || option(options::PROMPT, options::PROMPT_NEVER);
        assert_eq!(refusal(fixture.token().await.change_pin(never()).await), ErrorKind::LoginRequired);
        let neither = option(options::WHO, "admin");
        assert_eq!(refusal(fixture.token().await.change_pin(neither).await), ErrorKind::InvalidArgument);
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

fn type_all(fixture: &Fixture, entries: &[&str]) {
    for entry in entries {
        fixture.pinentry().will_type(entry);
    }
}

fn so() -> Options {
    option(options::WHO, options::WHO_SO)
}
