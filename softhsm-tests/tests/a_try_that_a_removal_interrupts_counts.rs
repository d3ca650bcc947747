//! A Key that is pulled out while it judges a PIN: whether the try was used is unknown, so it counts as one that may have
//! been wrong, also for a Key that tells nothing by flags.

use ukey_dbus::{ErrorKind, PinState, TokenState};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, Flags, When, Who, eventually, no_options, refusal, staged};

const REMOVED: Fault = Fault::Fail(Code::DEVICE_REMOVED);

#[test]
fn the_outcome_is_unknown() {
    staged(async || {
        let fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
        let (token, lab, key) = (fixture.token().await, fixture.lab(), fixture.key());
        lab.fault(When::calling(Call::Login(Who::User)).after_it().times(1), Fault::Delay(300));
        lab.fault(When::calling(Call::Login(Who::User)).after_it().times(1), REMOVED);
        fixture.pinentry().will_type("wrong-pin");
        let call = tokio::spawn(async move { token.login(no_options()).await });
        eventually("the try", async || (lab.tries_used(key) == 1).then_some(())).await;
        lab.remove(key);
        assert_eq!(refusal(call.await.unwrap()), ErrorKind::PinOutcomeUnknown);
        lab.insert(key);
        fixture.wait_for_state(key, TokenState::Ready).await;
        // It tells nothing by itself: this is what the daemon remembers.
        assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Low.as_str());
        assert_eq!(lab.pin_calls(), 1);
        fixture.log_in().await;
    });
}
