//! The command line over the whole path: what it signs OpenSSL accepts, its JSON is JSON, its exit code says what kind
//! of trouble there is, and it asks the PIN itself when no desktop agent does.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{
    Bus, BusPolicy, Document, Fixture, Outcome, Person, ScriptedPinentry, staged, ukeyctl, ukeyctl_with_pinentry,
    verify_data,
};

const PIN_TROUBLE: Option<i32> = Some(4);
const NOT_ALLOWED: Option<i32> = Some(5);
const NOBODY_ACTED: Option<i32> = Some(6);
const WRONG_SIGNATURE: Option<i32> = Some(8);
const NO_SERVICE: Option<i32> = Some(9);

#[test]
fn sign_and_verify() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        let order = Document::order();
        let file = order.path().to_str().unwrap();
        fixture.pinentry().will_type(fixture.key().pin());
        for (kind, algorithm) in [
            (KeyKind::Rsa2048, Algorithm::RsaPssSha384),
            (KeyKind::EcP256, Algorithm::EcdsaSha256),
            (KeyKind::EcP384, Algorithm::EcdsaSha384),
        ] {
            let choice = ["--certificate", kind.as_str(), "--algorithm", algorithm.as_str(), file];
            ukeyctl(Person::Clerk, &[&["sign"], &choice[..]].concat()).await.succeeded();
            let signature = fs::read(signature_of(order.path())).unwrap();
            assert!(verify_data(fixture.key().certificate(kind), algorithm, order.path(), &signature), "{kind}");
            ukeyctl(Person::Clerk, &[&["verify"], &choice[..]].concat()).await.succeeded();
            let other = Document::with("other.json", b"another order");
            fs::copy(signature_of(order.path()), signature_of(other.path())).unwrap();
            let choice = [&choice[..4], &[other.path().to_str().unwrap()]].concat();
            let refused = ukeyctl(Person::Clerk, &[&["verify"], &choice[..]].concat()).await;
            assert_eq!(refused.code, WRONG_SIGNATURE, "{kind}");
            fs::remove_file(signature_of(order.path())).unwrap();
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);
    });
}

#[test]
fn every_verb_that_prints_prints_json() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type(fixture.key().pin());
        let order = Document::order();
        let file = order.path().to_str().unwrap();
        let certificate = ["--certificate", "ec-p256"];
        for verb in [
            vec!["status"],
            vec!["list"],
            vec!["list", "keys"],
            vec!["list", "modules"],
            vec!["show", "--key", fixture.key().label()],
            vec!["login", "--key", fixture.key().label()],
            [&["sign"], &certificate[..], &[file]].concat(),
            [&["verify"], &certificate[..], &[file]].concat(),
            vec!["logout", "--key", fixture.key().label()],
        ] {
            let ended = ukeyctl(Person::Clerk, &[&["--json"], &verb[..]].concat()).await.succeeded();
            let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{verb:?}: {error}"));
            assert!(value.is_object(), "{verb:?}");
        }
        let status = ukeyctl(Person::Outsider, &["--json", "status"]).await.succeeded();
        assert!(status.stdout.contains("示范人民医院"), "state can be read by everybody");
    });
}

#[test]
fn exit_codes() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type("wrong-pin");
        let wrong = ukeyctl(Person::Clerk, &["--json", "login", "--key", fixture.key().label()]).await;
        assert_eq!(wrong.code, PIN_TROUBLE, "{wrong:?}");
        let error: Value = serde_json::from_str(&wrong.stdout).unwrap();
        assert_eq!(error["error"]["name"], "PinIncorrect");
        assert_eq!(error["error"]["pin_try_used"], "yes");
        let login = ["login", "--key", fixture.key().label()];
        fixture.pinentry().will_cancel();
        assert_eq!(ukeyctl(Person::Clerk, &login).await.code, NOBODY_ACTED);
        assert_eq!(ukeyctl(Person::Clerk, &[&login[..], &["--no-prompt"]].concat()).await.code, NOT_ALLOWED);
        assert_eq!(ukeyctl(Person::Outsider, &login).await.code, NOT_ALLOWED);
    });
}

#[test]
fn without_a_service() {
    staged(async || {
        let _bus = Bus::start(BusPolicy::Shipped);
        assert_eq!(ukeyctl(Person::Clerk, &["status"]).await.code, NO_SERVICE);
    });
}

#[test]
fn its_own_question_where_another_program_logged_in() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        drop(fixture.agents.remove(&Person::Clerk));
        let script = ScriptedPinentry::create(Person::Clerk);
        let order = Document::order();
        let arguments = ["sign", "--certificate", "ec-p256", order.path().to_str().unwrap()];
        script.will_refuse();
        assert_eq!(ukeyctl_with_pinentry(&script, &arguments).await.code, NOT_ALLOWED);
        // For a while it asks nobody, whoever runs it.
        assert_eq!(ukeyctl_with_pinentry(&script, &arguments).await.code, NOT_ALLOWED);
        // The first was the desktop's, for the PIN.
        let dialogs = script.dialogs();
        assert_eq!((dialogs.len(), dialogs[1].outcome()), (2, Outcome::Refused));
        assert!(dialogs[1].text("setdesc").contains("ukeyctl"), "{}", dialogs[1].text("setdesc"));
        assert!(!signature_of(order.path()).exists());
    });
}

#[test]
fn its_own_dialog_where_there_is_no_desktop_agent() {
    staged(async || {
        let fixture = Fixture::builder().without_agent().start().await;
        let script = ScriptedPinentry::create(Person::Clerk);
        let order = Document::order();
        script.will_type(fixture.key().pin());
        let arguments = ["sign", "--certificate", "ec-p256", order.path().to_str().unwrap()];
        ukeyctl_with_pinentry(&script, &arguments).await.succeeded();
        let signature = fs::read(signature_of(order.path())).unwrap();
        let certificate = fixture.key().certificate(KeyKind::EcP256);
        assert!(verify_data(certificate, Algorithm::EcdsaSha256, order.path(), &signature));
        assert_eq!(script.dialogs().len(), 1);
    });
}

fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}
