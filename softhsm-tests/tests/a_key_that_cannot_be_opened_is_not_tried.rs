//! A module that fails before it is given the PIN, where a session is opened: no PIN is used and none counts.

use ukey_dbus::{ErrorKind, PinState};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, When, no_options, refusal, staged};

#[test]
fn an_error_before_the_pin_is_no_try() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        let (token, lab) = (fixture.token().await, fixture.lab());
        for code in [Code::DEVICE_ERROR, Code::GENERAL_ERROR, Code::HOST_MEMORY] {
            lab.fault(When::calling(Call::OpenSession), Fault::Fail(code));
            fixture.pinentry().will_type(fixture.key().pin());
            assert_eq!(refusal(token.login(no_options()).await), ErrorKind::ModuleFailed);
            lab.clear_faults();
        }
        assert_eq!(lab.pin_calls(), 0);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
        let dialogs = fixture.pinentry().dialogs().len();
        fixture.log_in().await;
        assert_eq!(fixture.pinentry().dialogs().len(), dialogs + 1, "something was asked about tries");
    });
}
