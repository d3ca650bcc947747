//! The Key that really locks: ten wrong PINs of separate processes take it from `ok` to locked, user and SO alike, and
//! the harness can jump its counter. Proves the test bed, not the daemon.

use ukey_dbus::{KeyKind, PinState, TokenState};
use ukey_softhsm_tests::{
    CertificateProfile, Fixture, Key, KeyBuilder, KryopticStore, Pkcs11Client, TestCa, Who, staged,
};

/// Flags after so many wrong PINs.
const FLAGS: [&str; 11] = ["", "", "", "", "", "", "", "user-low", "user-low", "user-final", "user-locked"];

#[test]
fn ten_wrong_pins_lock_and_the_security_officer_unlocks() {
    staged(async || {
        let (store, key) = kryoptic_key();
        for (tried, flags) in FLAGS.iter().enumerate() {
            assert_eq!(store.wrong_tries(&key, Who::User), u32::try_from(tried).unwrap());
            assert_eq!(shown_flags(&store), *flags, "after {tried} wrong PINs");
            if tried < 10 {
                let code = login(&store, "user", "wrong-pin");
                assert_eq!(code, if tried == 9 { "error PinLocked" } else { "error PinIncorrect" });
            }
        }
        assert_eq!(login(&store, "user", key.pin()), "error PinLocked");
        let mut client = client(&store);
        client.ask("open 0");
        assert_eq!(client.ask(&format!("login so {}", key.so_pin())), "ok");
        assert_eq!(client.ask("init-pin new-pin-1"), "ok");
        assert_eq!(login(&store, "user", "new-pin-1"), "ok");
        assert_eq!(store.wrong_tries(&key, Who::User), 0);
    });
}

#[test]
fn the_counter_can_be_jumped() {
    staged(async || {
        let (store, key) = kryoptic_key();
        store.set_wrong_tries(&key, Who::User, 9);
        store.set_wrong_tries(&key, Who::So, 9);
        assert_eq!(shown_flags(&store), "user-final,so-final");
        assert_eq!(login(&store, "so", "wrong-pin"), "error PinLocked");
        assert_eq!(login(&store, "so", key.so_pin()), "error PinLocked");
        assert_eq!(login(&store, "user", key.pin()), "ok");
        assert_eq!(store.wrong_tries(&key, Who::User), 0);
    });
}

#[test]
fn the_daemon_takes_it_for_a_key() {
    staged(async || {
        let fixture = Fixture::builder().kryoptic().spied().start().await;
        let token = fixture.token().await;
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
        assert_eq!(token.pin_state().await.unwrap(), PinState::Ok.as_str());
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", ukey_softhsm_tests::no_options()).await.unwrap();
        assert_eq!(fixture.spy().count("C_Login"), 1);
        let mut client = fixture.other_program();
        assert_eq!([client.ask("initialize"), client.ask("open 0")], ["ok", "ok"]);
        assert_eq!(client.ask("login user wrong-pin"), "error PinIncorrect");
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), 1);
        assert_eq!(fixture.spy().count("C_Login"), 1, "the spy sees the daemon's calls only");
    });
}

fn kryoptic_key() -> (KryopticStore, Key) {
    let store = KryopticStore::create("keys");
    let key = KeyBuilder::default().certificate(KeyKind::EcP256, CertificateProfile::default());
    let key = key.create(&store, &TestCa::create());
    (store, key)
}

fn client(store: &KryopticStore) -> Pkcs11Client {
    let mut client = Pkcs11Client::start(&KryopticStore::library(), &store.environment());
    assert_eq!(client.ask("initialize"), "ok");
    client
}

fn login(store: &KryopticStore, user: &str, pin: &str) -> String {
    let mut client = client(store);
    client.ask("open 0");
    client.ask(&format!("login {user} {pin}"))
}

fn shown_flags(store: &KryopticStore) -> String {
    client(store).ask("token 0").rsplit('|').next().unwrap().to_owned()
}
