//! Where the record can't be written, because the disk is full, the database closed to the service or gone, nothing is
//! signed and no PIN reaches the Key; when it can be written again, work goes on by itself, and nothing is missing.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use ukey_dbus::{AuditProxy, Error, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{Fixture, Person, STAGE, Tool, eventually, no_options, option, refusal, run, staged};

#[test]
fn on_a_full_disk() {
    staged(async || {
        let state = disk_of_two_mib();
        let fixture = Fixture::builder().spied().start().await;
        assert_eq!(fixture.daemon.state(), state);
        fixture.log_in().await;
        sign(&fixture).await.unwrap();
        let filler = state.join("filler");
        fill(&filler);
        // What is left in the last page may take a few.
        let refused = eventually("a refusal", async || sign(&fixture).await.err()).await;
        assert_eq!(refused.kind(), ErrorKind::AuditUnavailable);
        nothing_reaches_the_key(&fixture).await;
        // Looking is no use of a Key.
        assert!(!fixture.objects().await.is_empty());

        fs::remove_file(&filler).unwrap();
        goes_on(&fixture).await;
    });
}

#[test]
fn on_a_disk_that_is_full_from_the_start() {
    staged(async || {
        let filler = disk_of_two_mib().join("filler");
        fill(&filler);
        let fixture = Fixture::builder().spied().start().await;
        nothing_reaches_the_key(&fixture).await;
        fs::remove_file(&filler).unwrap();
        goes_on(&fixture).await;
    });
}

#[test]
fn in_a_database_that_may_only_be_read() {
    staged(async || {
        let mut fixture = Fixture::builder().spied().start().await;
        fixture.kill_daemon().await;
        let database = fixture.daemon.state().join("audit.sqlite");
        chown(&database, Some(0), Some(0)).unwrap();
        fs::set_permissions(&database, fs::Permissions::from_mode(0o444)).unwrap();
        fixture.start_daemon().await;
        nothing_reaches_the_key(&fixture).await;

        chown(&database, Some(Person::Service.uid()), None).unwrap();
        fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
        goes_on(&fixture).await;
    });
}

#[test]
fn in_a_database_whose_log_was_deleted() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        fixture.log_in().await;
        sign(&fixture).await.unwrap();
        fs::remove_file(fixture.daemon.state().join("audit.sqlite-wal")).unwrap();
        assert_eq!(sign(&fixture).await.unwrap_err().kind(), ErrorKind::AuditUnavailable);
        nothing_reaches_the_key(&fixture).await;
    });
}

#[test]
fn no_identity_number_of_a_person_is_recorded_or_logged() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let reasons = [
            "张三 11010519491231002X",
            "张三 110105 19491231 002x 订单",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105-1949-1231-002X",
            "id:440524188001010014;",
        ];
        for reason in reasons {
            certificate.sign_data("ECDSA-SHA256", b"order", option(options::REASON, reason)).await.unwrap();
        }
        let (records, log) = (fixture.daemon.records(), fixture.daemon.program().log());
        assert!(records.contains("张三 ******") && log.contains("张三 ******"));
        for part in ["11010519491231002", "19491231", "002X", "002x", "１９４９", "440524188001010014"] {
            // Hashes and digests are digits too.
            let in_text =
                |text: &str| text.contains(part) && part.chars().any(|character| !character.is_ascii_hexdigit());
            assert!(!in_text(&records) && !in_text(&log), "{part}");
            if part.len() > 8 {
                assert!(!records.contains(part) && !log.contains(part), "{part}");
            }
        }
    });
}

async fn sign(fixture: &Fixture) -> Result<Vec<u8>, Error> {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", option(options::REASON, "order")).await.map_err(Error::from)
}

/// A login is refused, and the module gets no PIN.
async fn nothing_reaches_the_key(fixture: &Fixture) {
    // Whoever is logged in has to be logged out for a PIN to be asked for; that too is refused or not.
    fixture.token().await.logout().await.ok();
    let logins = fixture.spy().count("C_Login");
    fixture.pinentry().will_type(fixture.key().pin());
    let refused = fixture.token().await.login(no_options()).await;
    assert_eq!(refusal(refused), ErrorKind::AuditUnavailable);
    assert_eq!(fixture.spy().count("C_Login"), logins, "the module was called without a record");
}

/// Logins and signatures work again, and the chain is whole.
async fn goes_on(fixture: &Fixture) {
    eventually("a login", async || {
        fixture.pinentry().will_type(fixture.key().pin());
        fixture.token().await.login(no_options()).await.ok()
    })
    .await;
    sign(fixture).await.unwrap();
    let root = fixture.bus.connect(Person::Root).await;
    let audit = AuditProxy::new(&root).await.unwrap();
    let check = audit.verify().await.unwrap();
    assert!(bool::try_from(check["ok"].clone()).unwrap(), "{check:?}");
    // The last result may be a moment behind.
    eventually("the results", async || {
        let records = audit.list(no_options(), 0, 500).await.unwrap();
        let result =
            |record: &std::collections::HashMap<String, zbus::OwnedVariant>| String::try_from(record["result"].clone());
        records.iter().all(|record| result(record).unwrap() == "ok").then_some(())
    })
    .await;
}

/// A file system of its own for the service's state.
fn disk_of_two_mib() -> PathBuf {
    let state = Path::new(STAGE).join("ukeyd/state");
    fs::create_dir_all(&state).unwrap();
    run(Tool::Mount, ["-t", "tmpfs", "-o", "size=2m,mode=0700", "state", state.to_str().unwrap()]);
    state
}

/// Writes until there is no room at all.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    for size in [65536, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
