//! `ukeyctl release` ends the user's own login and leaves no session open: another program gets in, even as security
//! officer. It ends nobody else's login.

use serde_json::Value;
use ukey_dbus::TokenState;
use ukey_softhsm_tests::{Fixture, Person, staged, ukeyctl};

const ARGUMENT_DOES_NOT_FIT: Option<i32> = Some(7);
const NOT_ALLOWED: Option<i32> = Some(5);

#[test]
fn the_users_own() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        let mut other = fixture.other_program();
        assert_eq!([other.ask("initialize"), other.ask("open 1")], ["ok", "ok"]);
        let released = ukeyctl(Person::Clerk, &["--json", "release", "--key", fixture.key().label()]).await.succeeded();
        let value: Value = serde_json::from_str(&released.stdout).unwrap();
        assert_eq!((&value["released"], &value["key_label"]), (&true.into(), &fixture.key().label().into()));
        let token = fixture.token().await;
        assert!(!token.get_login().await.unwrap().0);
        assert_eq!(token.state().await.unwrap(), TokenState::Ready.as_str());
        assert_eq!(other.ask(&format!("login so {}", fixture.key().so_pin())), "ok");
        // Nobody is logged in: that is no error.
        let again = ukeyctl(Person::Clerk, &["release"]).await.succeeded();
        assert!(again.stdout.contains("other software can use it"), "{}", again.stdout);
    });
}

#[test]
fn nobody_elses() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).start().await;
        fixture.log_in().await;
        assert_eq!(ukeyctl(Person::Nurse, &["release"]).await.code, NOT_ALLOWED);
        assert_eq!(ukeyctl(Person::Outsider, &["release"]).await.code, NOT_ALLOWED);
        assert_eq!(ukeyctl(Person::Clerk, &["release", "--key", "no such Key"]).await.code, ARGUMENT_DOES_NOT_FIT);
        assert!(fixture.token().await.get_login().await.unwrap().0);
    });
}
