//! A module that caches flags shows old ones to the process that has been running: whatever makes the daemon look at that
//! process's slots again, what fresh processes and the Key's own answers have told is not forgotten.

use ukey_dbus::{DialogKind, ErrorKind, PinState, TokenState};
use ukey_softhsm_tests::{Fixture, Flags, KeyBuilder, Monitor, no_options, refusal, staged};

#[test]
fn when_another_key_of_the_module_comes_and_goes() {
    staged(async || {
        let second = KeyBuilder::default().label("耗材UKey");
        let fixture = Fixture::builder().key(KeyBuilder::default()).key(second).lab(|lab, keys| {
            lab.flags(&keys[0], Flags::Lagging);
        });
        let fixture = fixture.start().await;
        for _ in 0..2 {
            fixture.pinentry().will_type("wrong-pin");
            assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinIncorrect);
        }
        // The true flags were seen once more.
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
        fixture.lab().remove(&fixture.keys[1]);
        ukey_softhsm_tests::eventually("the other's end", async || {
            let tokens = fixture.objects().await;
            let tokens = tokens.values().filter(|interfaces| interfaces.contains_key(ukey_dbus::names::TOKEN));
            (tokens.count() == 1).then_some(())
        })
        .await;
        fixture.lab().insert(&fixture.keys[1]);
        fixture.wait_for_state(&fixture.keys[1], TokenState::Ready).await;

        assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Low.as_str());
        let monitor = Monitor::start(&fixture.bus).await;
        fixture.pinentry().will_refuse();
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
        monitor.will_have_asked(&[DialogKind::UnknownTries]).await;
        assert_eq!(fixture.lab().pin_calls(), 2);
    });
}
