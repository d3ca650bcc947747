//! A Key that is pulled out while it judges a PIN: whether the try was used is unknown, so it counts as one that may have
//! been wrong, also for a Key that tells nothing by flags.

use ukey_dbus::{ErrorKind, PinState, TokenState};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, Flags, When, Who, eventually, no_options, refusal, staged};

const REMOVED: Fault = Fault::Fail(Code::DEVICE_REMOVED);

#[test]
fn for_a_key_that_comes_back() {
    staged(async || {
        let fixture = pulled_out_during_a_try().await;
        fixture.wait_until_gone(fixture.key()).await;
        comes_back_and_counts(&fixture).await;
    });
}

#[test]
fn for_one_that_is_back_before_it_was_missed() {
    staged(async || comes_back_and_counts(&pulled_out_during_a_try().await).await);
}

async fn pulled_out_during_a_try() -> Fixture {
    let fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
    let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
    lab.fault(When::calling(Call::Login(Who::User)).after_it().times(1), Fault::Delay(300));
    lab.fault(When::calling(Call::Login(Who::User)).after_it().times(1), REMOVED);
    fixture.pinentry().will_type("wrong-pin");
    let call = tokio::spawn(async move { token.login(no_options()).await });
    eventually("the try", async || (lab.tries_used(key) == 1).then_some(())).await;
    lab.remove(key);
    assert_eq!(refusal(call.await.unwrap()), ErrorKind::PinOutcomeUnknown);
    fixture
}

async fn comes_back_and_counts(fixture: &Fixture) {
    let (lab, key) = (fixture.lab(), fixture.key());
    lab.insert(key);
    fixture.wait_for_state(key, TokenState::Ready).await;
    // Unknown until its flags are read again. They tell nothing by themselves: this is what the daemon remembers.
    eventually("what is known of the PIN", async || {
        let state = fixture.token().await.pin_state().await.ok()?;
        assert!([PinState::Unknown, PinState::Low].map(PinState::as_str).contains(&state.as_str()), "{state}");
        (state == PinState::Low.as_str()).then_some(())
    })
    .await;
    assert_eq!(lab.pin_calls(), 1);
    fixture.log_in().await;
}
