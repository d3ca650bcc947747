//! Texts that are none, absurd counts and lengths: whatever a module answers, the daemon goes on, other Keys serve as
//! ever, and once the module has come to its senses its Key works. What garbage the shim survives is its own tests'.

use rustix::process::Signal;
use ukey_dbus::names::TOKEN;
use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{Call, Fault, Fixture, Lab, When, eventually, kill, no_options, refusal, staged};

#[test]
fn texts_that_are_none() {
    staged(async || after_a_start_with(Call::GetTokenInfo, Fault::NotUtf8).await);
}

#[test]
fn labels_that_are_none() {
    staged(async || after_a_start_with(Call::GetAttributeValue, Fault::NotUtf8).await);
}

#[test]
fn more_slots_than_memory() {
    staged(async || after_a_start_with(Call::GetSlotList, Fault::Count(1 << 40)).await);
}

#[test]
fn more_slots_than_there_are() {
    staged(async || after_a_start_with(Call::GetSlotList, Fault::Count(1 << 12)).await);
}

#[test]
fn a_certificate_larger_than_a_frame() {
    staged(async || after_a_start_with(Call::GetAttributeValue, Fault::LargeValue(8 << 20)).await);
}

#[test]
fn lengths_that_no_value_has() {
    staged(async || after_a_start_with(Call::GetAttributeValue, Fault::Count(1 << 50)).await);
}

#[test]
fn more_objects_than_asked_for() {
    staged(async || after_a_start_with(Call::FindObjects, Fault::Count(1 << 20)).await);
}

async fn after_a_start_with(call: Call, fault: Fault) {
    let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
    let lab = fixture.lab();
    let bystander = fixture.bystander().await;
    lab.fault(When::calling(call), fault);
    let before = lab.count(call);
    restart_module(&fixture).await;
    eventually("garbage", async || (lab.count(call) > before).then_some(())).await;
    // Whatever it made of it by now: what is shown is text, and bounded.
    for interfaces in fixture.objects().await.into_values() {
        for value in interfaces.get(TOKEN).into_iter().flat_map(|properties| properties.values()) {
            if let Ok(text) = String::try_from(value.clone()) {
                assert!(text.len() < 400 && !text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
    lab.clear_faults();
    restart_module(&fixture).await;
    fixture.wait_for_state(fixture.key(), ukey_dbus::TokenState::Ready).await;
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    fixture.log_in().await;
    certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
    assert_eq!(lab.pin_calls(), 1);
    bystander.noticed_nothing();
}

#[test]
fn a_signature_of_absurd_length_is_none() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).bystander().start().await;
        let bystander = fixture.bystander().await;
        fixture.log_in().await;
        fixture.lab().fault(When::calling(Call::Sign), Fault::Count(1 << 30));
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let kind = refusal(certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await);
        assert_eq!(kind, ErrorKind::ModuleFailed);
        fixture.lab().clear_faults();
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        bystander.noticed_nothing();
    });
}

/// Ends the module's process; one that was started since is there when this returns.
async fn restart_module(fixture: &Fixture) {
    let before = fixture.daemon.shims_of(&Lab::library());
    for shim in &before {
        kill(*shim, Signal::KILL);
    }
    eventually("a new process", async || {
        let now = fixture.daemon.shims_of(&Lab::library());
        now.iter().any(|shim| !before.contains(shim)).then_some(())
    })
    .await;
}
