//! Keys that have no security officer, or one whose login means nothing: an unlock ends with a named error after one SO
//! login at most, and the user PIN is as it was.

use ukey_dbus::{ErrorKind, PinState, TokenProxy};
use ukey_softhsm_tests::{Call, Code, Fault, Fixture, Person, When, Who, no_options, refusal, staged};

#[test]
fn no_security_officer() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Technician).lab(|lab, keys| lab.without_so(&keys[0]));
        let fixture = fixture.start().await;
        assert_eq!(refusal(unblock(&fixture).await), ErrorKind::UnblockUnsupported);
        assert_eq!((fixture.lab().pin_calls(), fixture.lab().count(Call::InitPin)), (1, 0));
        assert_the_user_pin_is_as_it_was(&fixture).await;
    });
}

#[test]
fn no_way_to_set_the_user_pin() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Technician).lab(|lab, keys| {
            let unsupported = Fault::Fail(Code::FUNCTION_NOT_SUPPORTED);
            lab.fault(When::calling(Call::InitPin).of(&keys[0]), unsupported);
        });
        let fixture = fixture.start().await;
        assert_eq!(refusal(unblock(&fixture).await), ErrorKind::UnblockUnsupported);
        assert_eq!((fixture.lab().count(Call::Login(Who::So)), fixture.lab().count(Call::InitPin)), (1, 1));
        // The SO PIN was right.
        assert_eq!(fixture.token().await.so_pin_state().await.unwrap(), PinState::Ok.as_str());
        assert_the_user_pin_is_as_it_was(&fixture).await;
    });
}

#[test]
fn a_login_that_any_pin_opens() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Technician).lab(|lab, _| {
            lab.fault(When::calling(Call::Login(Who::So)), Fault::AlwaysRight);
        });
        let fixture = fixture.start().await;
        let pinentry = fixture.agents[&Person::Technician].pinentry();
        pinentry.will_confirm();
        for entry in ["wrong-so-pin", "new-pin-1", "new-pin-1"] {
            pinentry.will_type(entry);
        }
        // It lets everybody in, and then lets nobody set the PIN.
        assert_eq!(refusal(technicians(&fixture).await.unblock_pin(no_options()).await), ErrorKind::ModuleFailed);
        assert_eq!((fixture.lab().count(Call::Login(Who::So)), fixture.lab().count(Call::InitPin)), (1, 1));
        assert_the_user_pin_is_as_it_was(&fixture).await;
    });
}

/// With all that is right.
async fn unblock(fixture: &Fixture) -> zbus::Result<()> {
    let pinentry = fixture.agents[&Person::Technician].pinentry();
    pinentry.will_confirm();
    for entry in [fixture.key().so_pin(), "new-pin-1", "new-pin-1"] {
        pinentry.will_type(entry);
    }
    technicians(fixture).await.unblock_pin(no_options()).await
}

async fn technicians(fixture: &Fixture) -> TokenProxy<'static> {
    let connection = fixture.bus.connect(Person::Technician).await;
    fixture.token_of(fixture.key(), &connection).await
}

async fn assert_the_user_pin_is_as_it_was(fixture: &Fixture) {
    assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Ok.as_str());
    fixture.log_in().await;
    assert_eq!(fixture.lab().count(Call::Login(Who::User)), 1);
}
