//! `ukeyctl doctor` names what is wrong and what to do: a module that was left alone after crashes, a library that is not
//! there, a locked Key, a service that does not run; a healthy computer has nothing bad. Its report tells nobody's name.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use ukey_dbus::{ErrorKind, ModuleState};
use ukey_softhsm_tests::{
    Bus, BusPolicy, Call, Ended, Fault, Fixture, KryopticStore, Lab, ModuleFile, Person, TokenStore, When, Who,
    eventually, no_options, refusal, staged, ukeyctl,
};

const SOMETHING_IS_BAD: Option<i32> = Some(3);
const NO_SERVICE: Option<i32> = Some(9);
const FILE_TROUBLE: Option<i32> = Some(10);

/// Where an administrator has better put no library.
const NOT_THERE: &str = "/home/li/vendor/none.so";

#[test]
fn of_module_library_and_key() {
    staged(async || {
        let (fixture, _lab) = much_is_wrong().await;
        let ended = ukeyctl(Person::Clerk, &["--json", "doctor"]).await;
        assert_eq!(ended.code, SOMETHING_IS_BAD, "{ended:?}");
        let found = findings(&ended.stdout);
        for (code, about) in [
            ("module-quarantined", "crasher"),
            ("module-failed", "missing"),
            ("library-missing", NOT_THERE),
            ("pin-locked", fixture.key().label()),
        ] {
            let (level, text) = found.get(code).unwrap_or_else(|| panic!("no {code} in {found:?}"));
            assert_eq!(level, "bad", "{code}");
            assert!(text.contains(about), "{code}: {text}");
        }
        let text = ukeyctl(Person::Clerk, &["doctor"]).await;
        assert_eq!(text.code, SOMETHING_IS_BAD);
        for part in ["service point", "Install the vendor's software", fixture.key().label()] {
            assert!(text.stdout.contains(part), "{part} is missing in {}", text.stdout);
        }
        assert_eq!(fixture.kryoptic.wrong_tries(fixture.key(), Who::User), KryopticStore::TRIES, "it tries no PIN");
    });
}

#[test]
fn and_the_report_tells_nobodys_name() {
    staged(async || {
        let (fixture, _lab) = much_is_wrong().await;
        for json in [&[][..], &["--json"]] {
            let file = Path::new(&Person::Clerk.home()).join(format!("report-{}", json.len()));
            let arguments = [json, &["doctor", "--report", file.to_str().unwrap()]].concat();
            let ended = ukeyctl(Person::Clerk, &arguments).await;
            assert_eq!(ended.code, SOMETHING_IS_BAD, "{ended:?}");
            assert!(ended.stdout.contains(fixture.key().label()), "what is printed is for the user");
            let report = fs::read_to_string(&file).unwrap();
            assert_tells_nobodys_name(&report, &fixture).await;
            for part in ["crasher", "library", "locked"] {
                assert!(report.contains(part), "{part} helps and is not in {report}");
            }
            if !json.is_empty() {
                assert_eq!(findings(&report)["pin-locked"].0, "bad");
            }
            assert_eq!(ukeyctl(Person::Clerk, &arguments).await.code, FILE_TROUBLE, "it overwrites what is there");
            assert_eq!(fs::read_to_string(&file).unwrap(), report);
            let again = ukeyctl(Person::Clerk, &[&arguments[..], &["--force"]].concat()).await;
            assert_eq!(again.code, SOMETHING_IS_BAD);
        }
    });
}

#[test]
fn nothing_bad_on_a_healthy_computer() {
    staged(async || {
        // SoftHSM2 has an empty slot more, which is a Key that holds nothing.
        let _fixture = Fixture::builder().kryoptic().start().await;
        let ended = ukeyctl(Person::Clerk, &["--json", "doctor"]).await.succeeded();
        let bad: Vec<_> = findings(&ended.stdout).into_iter().filter(|(_, (level, _))| level == "bad").collect();
        assert!(bad.is_empty(), "{bad:?}");
        assert!(!findings(&ended.stdout).contains_key("no-agent"), "the clerk's agent runs");
    });
}

#[test]
fn that_the_service_does_not_run() {
    staged(async || {
        let _bus = Bus::start(BusPolicy::Shipped);
        let ended = ukeyctl(Person::Clerk, &["--json", "doctor"]).await;
        assert_eq!(ended.code, NO_SERVICE, "{ended:?}");
        assert_eq!(findings(&ended.stdout)["unreachable"].0, "bad");
        let Ended { code, stdout, .. } = ukeyctl(Person::Clerk, &["doctor"]).await;
        assert_eq!(code, NO_SERVICE);
        assert!(stdout.contains("systemctl status ukeyd"), "{stdout}");
    });
}

#[test]
fn that_polkit_is_missing() {
    staged(async || {
        let _fixture = Fixture::builder().without_polkit().start().await;
        let ended = ukeyctl(Person::Clerk, &["--json", "doctor"]).await;
        assert_eq!(ended.code, SOMETHING_IS_BAD, "{ended:?}");
        assert_eq!(findings(&ended.stdout)["no-polkit"].0, "bad");
    });
}

/// A locked Key, and beside its module one that crashes at each start and one whose library is not there.
async fn much_is_wrong() -> (Fixture, Lab) {
    let lab = Lab::start("crasher");
    lab.fault(When::calling(Call::Initialize), Fault::Segfault);
    let crasher = ModuleFile::lab("crasher", &TokenStore::create("crasher"), &lab);
    let missing = ModuleFile::new("missing", Path::new(NOT_THERE), &[]);
    let fixture = Fixture::builder().kryoptic().extra_module(crasher).extra_module(missing).start().await;
    fixture.kryoptic.set_wrong_tries(fixture.key(), Who::User, KryopticStore::TRIES);
    assert_eq!(refusal(fixture.token().await.login(no_options()).await), ErrorKind::PinLocked);
    for (name, state) in [("crasher", ModuleState::Quarantined), ("missing", ModuleState::Failed)] {
        eventually(&format!("module {name} in state {state}"), async || {
            let module = fixture.module_named(name).await?;
            (String::try_from(module["State"].clone()).unwrap() == state.as_str()).then_some(())
        })
        .await;
    }
    (fixture, lab)
}

async fn assert_tells_nobodys_name(report: &str, fixture: &Fixture) {
    let key = fixture.key();
    let profile = &key.certificates()[0].profile;
    let token = fixture.token().await;
    let id = token.inner().path().as_str().rsplit('/').next().unwrap().to_owned();
    let secrets = [
        key.label(),
        key.serial_number(),
        key.pin(),
        key.so_pin(),
        &profile.holder_name,
        &profile.holder_id,
        &id,
        Person::Clerk.name(),
        "/home/li",
    ];
    for secret in secrets {
        assert!(!report.contains(secret), "{secret} is in {report}");
    }
    for certificate in
        fixture.objects().await.into_values().filter_map(|mut all| all.remove(ukey_dbus::names::CERTIFICATE))
    {
        for property in ["Fingerprint", "SerialNumber", "HolderId"] {
            let value = String::try_from(certificate[property].clone()).unwrap();
            assert!(!value.is_empty() && !report.contains(&value), "{property} {value} is in {report}");
        }
    }
}

/// Level and text of each finding, by its code.
fn findings(json: &str) -> BTreeMap<String, (String, String)> {
    let value: Value = serde_json::from_str(json).unwrap();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = value["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(finding, "code"), (text(finding, "level"), text(finding, "text")))).collect()
}
