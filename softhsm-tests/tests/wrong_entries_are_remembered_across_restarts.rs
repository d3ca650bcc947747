//! What a Key has answered is known after the daemon's end, however it ended: on a Key that tells nothing by flags, the
//! third wrong entry is asked about although the daemon that saw the first two is gone.

use rustix::process::Signal;
use ukey_dbus::{DialogKind, ErrorKind, PinState};
use ukey_softhsm_tests::{Fixture, Flags, Monitor, no_options, refusal, staged};

const TOLD_BY_THE_MAKER: &str = "tries = { user = 10 }";

#[test]
fn after_a_clean_stop() {
    staged(async || two_wrong_entries_then(Signal::TERM).await);
}

#[test]
fn after_a_kill() {
    staged(async || two_wrong_entries_then(Signal::KILL).await);
}

async fn two_wrong_entries_then(signal: Signal) {
    let mut fixture = Fixture::builder().lab(|lab, keys| lab.flags(&keys[0], Flags::Never)).start().await;
    for _ in 0..2 {
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
    }
    restart(&mut fixture, signal).await;
    assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Low.as_str());
    let monitor = Monitor::start(&fixture.bus).await;
    fixture.pinentry().will_refuse();
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinFinalTry);
    monitor.will_have_asked(&[DialogKind::UnknownTries]).await;
    assert_eq!(fixture.lab().pin_calls(), 2);
}

#[test]
fn a_number_from_the_maker_goes_on_where_it_was() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).module(TOLD_BY_THE_MAKER).start().await;
        for _ in 0..2 {
            assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        }
        restart(&mut fixture, Signal::KILL).await;
        assert_eq!(fixture.token().await.pin_tries_remaining().await.unwrap(), 8);
        fixture.log_in().await;
        restart(&mut fixture, Signal::TERM).await;
        assert_eq!(fixture.token().await.pin_tries_remaining().await.unwrap(), 10, "the right PIN is remembered too");
        assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Ok.as_str());
    });
}

async fn wrong_login(fixture: &Fixture) -> ErrorKind {
    fixture.pinentry().will_type("wrong-pin");
    refusal(fixture.token().await.login(no_options()).await)
}

async fn restart(fixture: &mut Fixture, signal: Signal) {
    fixture.daemon.program().signal(signal);
    fixture.daemon.program_mut().ended().await;
    fixture.start_daemon().await;
}
