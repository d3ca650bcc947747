//! A module that dies in the middle of an unlock: the caller hears that the outcome is unknown, no call is made twice, the
//! SO PIN counts as possibly wrong, and the unlock can be done again.

use ukey_dbus::{ErrorKind, PinState, TokenProxy, TokenState};
use ukey_softhsm_tests::{Call, Fault, Fixture, Person, ScriptedPinentry, When, Who, no_options, refusal, staged};

const SO_LOGIN: Call = Call::Login(Who::So);

#[test]
fn in_the_so_login() {
    staged(async || breaks_off(SO_LOGIN, Fault::Segfault, (1, 0)).await);
}

#[test]
fn in_setting_the_user_pin() {
    staged(async || breaks_off(Call::InitPin, Fault::Abort, (1, 1)).await);
}

#[test]
fn in_a_call_that_never_returns() {
    staged(async || breaks_off(Call::InitPin, Fault::Hang, (1, 1)).await);
}

async fn breaks_off(call: Call, fault: Fault, (logins, settings): (usize, usize)) {
    let builder = Fixture::builder().agent_for(Person::Technician).bystander();
    let fixture = builder.lab(|_, _| ()).module("[timeouts]\nlogin = 1000\n").start().await;
    let bystander = fixture.bystander().await;
    let (lab, key) = (fixture.lab(), fixture.key());
    let connection = fixture.bus.connect(Person::Technician).await;
    let token = fixture.token_of(key, &connection).await;
    let pinentry = fixture.agents[&Person::Technician].pinentry();
    lab.fault(When::calling(call).times(1), fault);
    assert_eq!(refusal(unblock(&token, pinentry, key.so_pin()).await), ErrorKind::PinOutcomeUnknown);
    fixture.wait_for_state(key, TokenState::Ready).await;
    assert_eq!((lab.count(SO_LOGIN), lab.count(Call::InitPin)), (logins, settings));
    assert_eq!(token.so_pin_state().await.unwrap(), PinState::Low.as_str());

    unblock(&token, pinentry, key.so_pin()).await.unwrap();
    pinentry.read_message().await;
    assert_eq!((lab.count(SO_LOGIN), lab.count(Call::InitPin)), (logins + 1, settings + 1));
    assert_eq!(token.so_pin_state().await.unwrap(), PinState::Ok.as_str());
    fixture.pinentry().will_type("new-pin-1");
    fixture.token().await.login(no_options()).await.unwrap();
    bystander.noticed_nothing();
}

async fn unblock(token: &TokenProxy<'_>, pinentry: &ScriptedPinentry, so_pin: &str) -> zbus::Result<()> {
    pinentry.will_confirm();
    for entry in [so_pin, "new-pin-1", "new-pin-1"] {
        pinentry.will_type(entry);
    }
    token.unblock_pin(no_options()).await
}
