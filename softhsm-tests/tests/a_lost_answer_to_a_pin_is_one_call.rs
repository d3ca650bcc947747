//! A module that crashes or hangs while it has a PIN: the caller hears that the outcome is unknown, the module has seen
//! one call, nothing tries again, the flags are read afresh before the next entry, and the Key comes back. The count is
//! the lab's, which outlives the module; meanwhile the Key of another module serves as ever.

use ukey_dbus::{ErrorKind, PinState};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, Flags, When, Who, no_options, refusal, staged};

const LOGIN: Call = Call::Login(Who::User);

#[test]
fn a_crash_before_the_key_was_asked() {
    staged(async || lost_by(When::calling(LOGIN), Fault::Segfault, 0).await);
}

#[test]
fn a_crash_after_the_key_was_asked() {
    staged(async || lost_by(When::calling(LOGIN).after_it(), Fault::Segfault, 1).await);
}

#[test]
fn an_abort() {
    staged(async || lost_by(When::calling(LOGIN), Fault::Abort, 0).await);
}

#[test]
fn an_abort_after_the_key_was_asked() {
    staged(async || lost_by(When::calling(LOGIN).after_it(), Fault::Abort, 1).await);
}

#[test]
fn a_call_that_never_returns() {
    staged(async || lost_by(When::calling(LOGIN), Fault::Hang, 0).await);
}

#[test]
fn a_call_that_never_returns_though_the_key_was_asked() {
    staged(async || lost_by(When::calling(LOGIN).after_it(), Fault::Hang, 1).await);
}

/// The right PIN is typed, and this happens to it; `judged`: so many PINs the Key itself has seen then.
async fn lost_by(when: When, fault: Fault, judged: usize) {
    let fixture = Fixture::builder().lab(|_, _| ()).module("[timeouts]\nlogin = 1000\n").bystander().start().await;
    let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
    let bystander = fixture.bystander().await;
    lab.fault(when.of(key).times(1), fault);
    fixture.pinentry().will_type(key.pin());
    assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinOutcomeUnknown);
    assert_eq!((lab.pin_calls(), lab.tries_used(key)), (1, judged));
    fixture.wait_for_state(key, ukey_dbus::TokenState::Ready).await;
    assert_eq!(lab.pin_calls(), 1, "it was tried again");

    let starts = lab.count(Call::Initialize);
    fixture.log_in().await;
    assert!(lab.count(Call::Initialize) > starts, "the flags were not read afresh");
    assert_eq!((lab.pin_calls(), lab.tries_used(key)), (2, judged + 1));
    bystander.noticed_nothing();
}

#[test]
fn lost_answers_count_as_wrong_ones() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        lab.fault(When::calling(LOGIN).after_it().times(2), Fault::Abort);
        for _ in 0..2 {
            fixture.wait_for_state(fixture.key(), ukey_dbus::TokenState::Ready).await;
            fixture.pinentry().will_type("wrong-pin");
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinOutcomeUnknown);
        }
        fixture.wait_for_state(fixture.key(), ukey_dbus::TokenState::Ready).await;
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinFinalTry);
        assert_eq!((lab.pin_calls(), lab.tries_used(fixture.key())), (2, 2));
    });
}

#[test]
fn a_wrong_pin_that_is_called_something_else_is_known_by_the_flags() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                let wrong = Code::GENERAL_ERROR;
                lab.codes(&keys[0], ukey_softhsm_tests::PinCodes { wrong, ..Default::default() });
            })
            .start()
            .await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        fixture.pinentry().will_type("wrong-pin");
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect);
        assert_eq!((lab.pin_calls(), lab.tries_left(fixture.key(), Who::User)), (1, 9));
        assert_eq!(token.pin_state().await.unwrap(), PinState::Low.as_str());
    });
}

#[test]
fn without_flags_it_is_an_unknown_outcome_and_counts() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                let wrong = Code::GENERAL_ERROR;
                lab.codes(&keys[0], ukey_softhsm_tests::PinCodes { wrong, ..Default::default() });
                lab.flags(&keys[0], Flags::Never);
            })
            .start()
            .await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        for tried in 1..=2 {
            fixture.pinentry().will_type("wrong-pin");
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinOutcomeUnknown);
            assert_eq!(lab.pin_calls(), tried);
        }
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinFinalTry);
        assert_eq!(lab.pin_calls(), 2);
    });
}
