//! `UnblockPin`: what it costs is confirmed first, then the technician's SO PIN, then the user's new PIN twice; one
//! `C_Login` and one `C_InitPIN`, and the Key works again. A wrong SO PIN sets nothing. Proven for kryoptic; policy
//! lets technicians and nobody else do it.

use ukey_dbus::{DialogKind, ErrorKind, KeyKind, PinState, TokenProxy, TokenState};
use ukey_softhsm_tests::{
    CertificateProfile, Fixture, KeyBuilder, KryopticStore, Monitor, Person, ScriptedPinentry, Who, no_options,
    refusal, staged,
};

const NEW: &str = "new-pin-1";

#[test]
fn with_the_so_pin_and_a_new_pin_it_works_again() {
    staged(async || {
        let fixture = locked_key().await;
        let (token, spy) = (fixture.token().await, fixture.spy());
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinLocked);
        assert_eq!(spy.count("C_Login"), 0, "a locked PIN was tried");
        assert_eq!(token.pin_state().await.unwrap(), PinState::Locked.as_str());
        assert!(token.unblock_supported().await.unwrap());

        let monitor = Monitor::start(&fixture.bus).await;
        let (technicians, pinentry) = at_work(&fixture).await;
        pinentry.will_confirm();
        for entry in [fixture.key().so_pin(), NEW, NEW] {
            pinentry.will_type(entry);
        }
        technicians.unblock_pin(no_options()).await.unwrap();
        pinentry.read_message().await;
        monitor.will_have_asked(&[DialogKind::Unblock, DialogKind::SoPin, DialogKind::NewPin]).await;
        assert_eq!((spy.count("C_Login"), spy.count("C_InitPIN"), spy.count("C_SetPIN")), (1, 1, 0));
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), 0);
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str(), "nobody is logged in by it");

        fixture.pinentry().will_type(fixture.key().pin());
        assert_eq!(refusal(token.login(no_options()).await), ErrorKind::PinIncorrect, "the old PIN");
        fixture.pinentry().will_type(NEW);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    });
}

#[test]
fn a_wrong_so_pin_is_one_try_and_sets_nothing() {
    staged(async || {
        let fixture = locked_key().await;
        let (technicians, pinentry) = at_work(&fixture).await;
        pinentry.will_confirm();
        for entry in ["wrong-so-pin", NEW, NEW] {
            pinentry.will_type(entry);
        }
        assert_eq!(refusal(technicians.unblock_pin(no_options()).await), ErrorKind::SoPinIncorrect);
        assert_eq!((fixture.spy().count("C_Login"), fixture.spy().count("C_InitPIN")), (1, 0));
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::So), 1);
        assert_eq!(technicians.so_pin_state().await.unwrap(), PinState::Low.as_str());
        assert_eq!(technicians.pin_state().await.unwrap(), PinState::Locked.as_str());
    });
}

#[test]
fn what_it_costs_is_confirmed_before_anything_is_typed() {
    staged(async || {
        let fixture = locked_key().await;
        let monitor = Monitor::start(&fixture.bus).await;
        let (technicians, pinentry) = at_work(&fixture).await;
        pinentry.will_refuse();
        assert_eq!(refusal(technicians.unblock_pin(no_options()).await), ErrorKind::Cancelled);
        monitor.will_have_asked(&[DialogKind::Unblock]).await;

        fixture.kryoptic.set_wrong_tries(fixture.key(), Who::So, KryopticStore::TRIES - 1);
        pinentry.will_confirm();
        pinentry.will_refuse();
        assert_eq!(refusal(technicians.unblock_pin(no_options()).await), ErrorKind::SoPinFinalTry);
        monitor.will_have_asked(&[DialogKind::Unblock, DialogKind::Unblock, DialogKind::SoFinalTry]).await;
        assert_eq!(fixture.spy().count("C_Login"), 0);
    });
}

#[test]
fn a_caller_that_leaves_after_the_so_pin_has_called_nothing() {
    staged(async || {
        let fixture = locked_key().await;
        let leaver = fixture.bus.connect(Person::Technician).await;
        let pinentry = fixture.agents[&Person::Technician].pinentry();
        pinentry.will_confirm();
        pinentry.will_type(fixture.key().so_pin());
        let token = fixture.token_of(fixture.key(), &leaver).await;
        let call = tokio::spawn(async move { token.unblock_pin(no_options()).await });
        // Dialog 3 asks for the new PIN.
        pinentry.dialog(3).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        leaver.close().await.unwrap();
        assert_eq!(pinentry.outcome(3).await, ukey_softhsm_tests::Outcome::Killed);
        let (technicians, pinentry) = at_work(&fixture).await;
        pinentry.will_confirm();
        pinentry.will_cancel();
        assert_eq!(refusal(technicians.unblock_pin(no_options()).await), ErrorKind::Cancelled);
        assert_eq!(fixture.spy().count("C_Login"), 0, "the SO PIN of a call that is over was used");
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::So), 0);
    });
}

#[test]
fn the_clerk_may_not() {
    staged(async || {
        let fixture = locked_key().await;
        assert_eq!(refusal(fixture.token().await.unblock_pin(no_options()).await), ErrorKind::NotAuthorized);
        assert!(fixture.pinentry().dialogs().is_empty());
    });
}

/// A Key whose user PIN another program has locked.
async fn locked_key() -> Fixture {
    let key = KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default());
    let fixture = Fixture::builder().key(key).kryoptic().spied().agent_for(Person::Technician).start().await;
    fixture.kryoptic.set_wrong_tries(fixture.key(), Who::User, KryopticStore::TRIES);
    fixture
}

/// The Key on a technician's connection, and the technician's dialogs.
async fn at_work(fixture: &Fixture) -> (TokenProxy<'static>, &ScriptedPinentry) {
    let connection = fixture.bus.connect(Person::Technician).await;
    (fixture.token_of(fixture.key(), &connection).await, fixture.agents[&Person::Technician].pinentry())
}
