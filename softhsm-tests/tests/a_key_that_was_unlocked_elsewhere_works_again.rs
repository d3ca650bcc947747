//! A Key that said "locked" by flags and by its answer, and was then unlocked with its maker's own program: its flags say
//! so, and it works again without anybody's help. (A Key that never shows the flag is unlocked through ukeyd only.)

use ukey_dbus::{ErrorKind, PinState};
use ukey_softhsm_tests::{Code, Fixture, PinCodes, no_options, refusal, staged};

#[test]
fn by_its_flags() {
    staged(async || {
        let fixture = Fixture::builder()
            .lab(|lab, keys| {
                lab.pin_limit(&keys[0], 2, 3);
                lab.codes(&keys[0], PinCodes { locking: Code::PIN_LOCKED, ..PinCodes::default() });
            })
            .start()
            .await;
        let key = fixture.key();
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinIncorrect);
        fixture.pinentry().will_confirm();
        assert_eq!(wrong_login(&fixture).await, ErrorKind::PinLocked);
        assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinLocked);
        assert_eq!(fixture.lab().pin_calls(), 2);
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        assert_eq!(other.ask(&format!("login so {}", key.so_pin())), "ok");
        assert_eq!(other.ask(&format!("init-pin {}", key.pin())), "ok");
        // Its flags said "locked" and say so no more.
        fixture.log_in().await;
        assert_eq!(fixture.token().await.pin_state().await.unwrap(), PinState::Ok.as_str());
    });
}

async fn wrong_login(fixture: &Fixture) -> ErrorKind {
    fixture.pinentry().will_type("wrong-pin");
    refusal(fixture.token().await.login(no_options()).await)
}
