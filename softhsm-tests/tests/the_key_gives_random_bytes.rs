//! `Token.Random`: bytes of the Key's own generator, without a login, bounded, and a Key that has none is named.

use ukey_dbus::{ErrorKind, options};
use ukey_softhsm_tests::{Fixture, refusal, staged};

#[test]
fn as_many_as_asked_for_and_others_each_time() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        let token = fixture.token().await;
        for length in [1, 16, options::RANDOM_MAX] {
            assert_eq!(token.random(length).await.unwrap().len(), length as usize);
        }
        assert_ne!(token.random(32).await.unwrap(), token.random(32).await.unwrap());
        for wrong in [0, options::RANDOM_MAX + 1, u32::MAX] {
            assert_eq!(refusal(token.random(wrong).await), ErrorKind::InvalidArgument);
        }
        assert_eq!(fixture.spy().count("C_Login"), 0);
        assert_eq!(fixture.spy().count("C_OpenSession"), fixture.spy().count("C_CloseSession"));
    });
}

#[test]
fn while_somebody_is_logged_in_too() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let token = fixture.token().await;
        assert_eq!(token.random(64).await.unwrap().len(), 64);
        assert!(token.get_login().await.unwrap().0, "the login is gone");
    });
}
