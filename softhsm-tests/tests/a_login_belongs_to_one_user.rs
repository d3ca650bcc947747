//! While one user is logged in, another's calls are refused and show no dialog; only the other's own `Login` takes over.

use ukey_dbus::{ErrorKind, KeyKind, TokenState};
use ukey_softhsm_tests::{Fixture, Person, no_options, refusal, staged};

#[test]
fn a_second_user_gets_login_required() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &nurse).await;
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::LoginRequired);
        let token = fixture.token_of(fixture.key(), &nurse).await;
        assert_eq!(token.get_login().await.unwrap(), (false, 0));
        assert!(fixture.agents[&Person::Nurse].pinentry().dialogs().is_empty());
        assert!(fixture.token().await.get_login().await.unwrap().0, "the clerk's login is untouched");
    });
}

#[test]
fn another_users_logout_does_not_end_a_login() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        let refused = fixture.token_of(fixture.key(), &nurse).await.logout().await;
        assert!(refused.is_err());
        let token = fixture.token().await;
        assert!(token.get_login().await.unwrap().0);
        assert_eq!(token.state().await.unwrap(), TokenState::LoggedIn.as_str());
    });
}

#[test]
fn a_login_of_another_user_takes_over() {
    staged(async || {
        let fixture = Fixture::builder().agent_for(Person::Nurse).start().await;
        fixture.log_in().await;
        let nurse = fixture.bus.connect(Person::Nurse).await;
        fixture.agents[&Person::Nurse].pinentry().will_type(fixture.key().pin());
        let token = fixture.token_of(fixture.key(), &nurse).await;
        token.login(no_options()).await.unwrap();
        assert!(token.get_login().await.unwrap().0);
        assert!(!fixture.token().await.get_login().await.unwrap().0);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::LoginRequired);
    });
}

#[test]
fn logout_ends_it_and_the_next_call_asks_again() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let token = fixture.token().await;
        let (mine, expires) = token.get_login().await.unwrap();
        assert!(mine && expires > 0);
        token.logout().await.unwrap();
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
        fixture.pinentry().will_type(fixture.key().pin());
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(fixture.pinentry().dialogs().len(), 2);
    });
}
