//! Intent and result of logins and signatures are in the audit database when the answer has come; without a database
//! nothing is signed.

use std::path::PathBuf;
use ukey_dbus::{ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{Fixture, Tool, no_options, option, refusal, run, staged};

#[test]
fn with_who_what_and_how_it_ended() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type("wrong-pin");
        refusal(fixture.token().await.login(no_options()).await);
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let reason = option(options::REASON, "采购订单 117");
        certificate.sign_data("ECDSA-SHA256", b"order", reason).await.unwrap();
        let dump = dump(&fixture);
        for expected in ["64101", "采购订单 117", "ECDSA-SHA256", "PinIncorrect", "ok"] {
            assert!(dump.contains(expected), "no {expected} in {dump}");
        }
        assert!(!dump.contains("wrong-pin") && !dump.contains(fixture.key().pin()));
    });
}

#[test]
fn nothing_is_signed_without_a_record() {
    staged(async || {
        let fixture = Fixture::builder().spied().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        std::fs::remove_file(database(&fixture)).unwrap();
        let refused = certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::AuditUnavailable);
        let logins = fixture.spy().count("C_Login");
        fixture.token().await.logout().await.ok();
        fixture.pinentry().will_type(fixture.key().pin());
        let refused = fixture.token().await.login(no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::AuditUnavailable);
        assert_eq!(fixture.spy().count("C_Login"), logins, "the module was called without a record");
    });
}

fn database(fixture: &Fixture) -> PathBuf {
    let files = std::fs::read_dir(fixture.daemon.state()).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|file| !file.to_string_lossy().ends_with("-wal") && !file.to_string_lossy().ends_with("-shm"))
        .min()
        .unwrap()
}

/// Every value of every table, read by Python's SQLite.
fn dump(fixture: &Fixture) -> String {
    let program = "import sqlite3, sys\nprint('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))";
    let text = run(Tool::Python, ["-c", program, database(fixture).to_str().unwrap()]);
    String::from_utf8(text).unwrap()
}
