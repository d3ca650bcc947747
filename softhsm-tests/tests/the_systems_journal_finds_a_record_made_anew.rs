//! What the service tells the system's journal of its record, in fields of their own, finds out who made the database anew,
//! hashes and all, and who cut or replaced it. Only the service's own words count: what others write to the journal
//! neither clears nor accuses anybody. A real journald.

use serde_json::Value;
use std::fs;
use std::path::Path;
use ukey_dbus::{KeyKind, options};
use ukey_softhsm_tests::{
    Call, Ended, Fault, Fixture, Person, STAGE, SystemJournal, Tool, When, eventually, no_options, option, run, staged,
    ukeyctl,
};

const FILE_TROUBLE: Option<i32> = Some(10);
const CHANGED: Option<i32> = Some(12);

#[test]
fn it_has_every_record_and_the_chain_that_it_is_on() {
    staged(async || {
        let fixture = signed().await;
        let entries: Vec<Value> = entries(&fixture).await.iter().map(|entry| SystemJournal::fields(entry)).collect();
        let of = |name: &str, value: &str| entries.iter().filter(|entry| entry[name] == value).collect::<Vec<_>>();
        let asked = of("UKEYD_AUDIT_KIND", "sign")[0];
        for (field, value) in [
            ("MESSAGE", "asked for"),
            ("SYSLOG_IDENTIFIER", "ukeyd"),
            ("PRIORITY", "6"),
            ("UKEYD_AUDIT_UID", "64101"),
            ("UKEYD_AUDIT_ALGORITHM", "ECDSA-SHA256"),
            ("UKEYD_AUDIT_REASON", "采购 117\u{201c}x=1\u{201d}"),
            ("_UID", "64100"),
            ("_TRANSPORT", "journal"),
        ] {
            assert_eq!(asked[field], value, "{field} of {asked}");
        }
        let answer: Value = serde_json::from_str(&root(&["--json", "audit", "verify"]).await.stdout).unwrap();
        for head in of("MESSAGE", "audit head") {
            assert_eq!(head["UKEYD_AUDIT_CHAIN"], answer["chain"]);
        }
        let last = of("UKEYD_AUDIT_SEQ", &answer["last"].to_string())[0];
        assert_eq!(last["UKEYD_AUDIT_HASH"], answer["head"]);

        let verified = verified().await;
        assert_eq!((verified.0, &verified.1["ok"]), (Some(0), &true.into()));
        // Each row, however it is listed, and more than once where an end was told of too.
        let compared = &verified.1["journal"]["compared"];
        assert_eq!(compared, &verified.1["journal"]["heads"]);
        assert!(compared.as_u64() >= answer["last"].as_u64(), "{compared}");
    });
}

#[test]
fn it_is_told_of_operations_that_a_crash_left_open() {
    staged(async || {
        let mut fixture = Fixture::builder().lab(|_, _| ()).journal().start().await;
        fixture.log_in().await;
        fixture.lab().fault(When::calling(Call::Sign).times(1), Fault::Hang);
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        let call = tokio::spawn(async move { certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await });
        eventually("the signature", async || (fixture.lab().count(Call::Sign) == 1).then_some(())).await;
        fixture.kill_daemon().await;
        assert!(call.await.unwrap().is_err());
        fixture.start_daemon().await;
        let all = fixture.journal().entries_with("\"UKEYD_AUDIT_RESULT\":\"outcome-unknown\"").await;
        let all: Vec<Value> = all.iter().map(|entry| SystemJournal::fields(entry)).collect();
        let unknown = all.iter().find(|entry| entry["UKEYD_AUDIT_RESULT"] == "outcome-unknown").unwrap();
        let asked =
            all.iter().find(|entry| entry["UKEYD_AUDIT_OPERATION"] == unknown["UKEYD_AUDIT_OPERATION"]).unwrap();
        assert_eq!((&asked["UKEYD_AUDIT_KIND"], &asked["MESSAGE"]), (&"sign".into(), &"asked for".into()));
    });
}

#[test]
fn a_chain_made_anew_is_found() {
    staged(async || {
        let mut fixture = signed().await;
        rewrite(&mut fixture, &["UPDATE records SET reason = 'another' WHERE kind = 'sign'"]).await;
        // In itself it is whole.
        root(&["audit", "verify"]).await.succeeded();
        assert_eq!(problem().await, (CHANGED, "journal-differs".into()));
    });
}

#[test]
fn a_record_that_was_taken_out_is_found() {
    staged(async || {
        let mut fixture = signed().await;
        let taken_out = [
            "DELETE FROM records WHERE operation = (SELECT operation FROM records WHERE kind = 'login')",
            // The rest closes up.
            "UPDATE records SET seq = (SELECT count(*) FROM records AS r WHERE r.seq <= records.seq)",
        ];
        rewrite(&mut fixture, &taken_out).await;
        root(&["audit", "verify"]).await.succeeded();
        assert_eq!(problem().await.0, CHANGED);
    });
}

#[test]
fn an_end_that_was_cut_off_is_found() {
    staged(async || {
        let mut fixture = signed().await;
        rewrite(&mut fixture, &["DELETE FROM records WHERE seq > 2"]).await;
        root(&["audit", "verify"]).await.succeeded();
        assert_eq!(problem().await, (CHANGED, "journal-missing".into()));
        // Also when the chain has grown past it again.
        for _ in 0..3 {
            fixture.log_in().await;
            sign(&fixture).await;
        }
        assert_eq!(problem().await, (CHANGED, "journal-differs".into()));
    });
}

#[test]
fn another_chain_with_the_words_of_a_recovery_is_found() {
    staged(async || {
        let mut fixture = signed().await;
        let another = [
            "UPDATE chain SET name = '00112233445566778899aabbccddeeff'",
            "DELETE FROM records WHERE seq > 1",
            "UPDATE records SET phase = 'note', kind = 'recovered', reason = 'the journal before was moved to x'",
        ];
        rewrite(&mut fixture, &another).await;
        root(&["audit", "verify"]).await.succeeded();
        assert_eq!(problem().await, (CHANGED, "journal-replaced".into()));
    });
}

#[test]
fn a_database_that_was_deleted_is_found() {
    staged(async || {
        let mut fixture = signed().await;
        fixture.kill_daemon().await;
        for file in fs::read_dir(fixture.daemon.state()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        fixture.start_daemon().await;
        root(&["audit", "verify"]).await.succeeded();
        assert_eq!(problem().await, (CHANGED, "journal-replaced".into()));
    });
}

#[test]
fn a_recovery_by_the_service_is_not() {
    staged(async || {
        let mut fixture = signed().await;
        fixture.kill_daemon().await;
        let state = fixture.daemon.state().to_owned();
        fs::write(state.join("audit.sqlite"), [0x55; 16384]).unwrap();
        fs::remove_file(state.join("audit.sqlite-wal")).ok();
        fixture.start_daemon().await;
        root(&["audit", "recover", "--yes"]).await.succeeded();
        fixture.log_in().await;
        let verified = verified().await;
        assert_eq!((verified.0, &verified.1["journal"]["earlier_chains"]), (Some(0), &1.into()), "{}", verified.1);
    });
}

#[test]
fn records_that_went_by_age_are_no_fault() {
    staged(async || {
        let mut fixture = Fixture::builder().journal().config("audit.max-records = 4").start().await;
        for _ in 0..4 {
            fixture.log_in().await;
            sign(&fixture).await;
            fixture.token().await.logout().await.unwrap();
        }
        fixture.kill_daemon().await;
        fixture.start_daemon().await;
        let verified = verified().await;
        assert_eq!((verified.0, &verified.1["ok"]), (Some(0), &true.into()), "{}", verified.1);
        let number = |name: &str| verified.1["journal"][name].as_u64().unwrap();
        assert!(number("older") >= 10 && number("compared") >= 4, "{}", verified.1);
        assert_eq!(number("older") + number("compared"), number("heads"));
        let text = root(&["audit", "verify", "--journal"]).await.succeeded().stdout;
        assert!(text.contains("removed by age"), "{text}");
        // The checkpoint is what they are known by: it can't be taken away.
        let forgotten = "UPDATE records SET kind = 'x' WHERE kind = 'checkpoint'";
        rewrite(&mut fixture, &[forgotten]).await;
        let found = root(&["--json", "audit", "verify"]).await;
        assert!(found.code == CHANGED && found.stdout.contains("\"base\""), "{}", found.stdout);
    });
}

#[test]
fn what_others_write_clears_nobody_and_accuses_nobody() {
    staged(async || {
        let mut fixture = signed().await;
        let answer: Value = serde_json::from_str(&root(&["--json", "audit", "verify"]).await.stdout).unwrap();
        let chain = answer["chain"].as_str().unwrap().to_owned();
        let forge = |fixture: &Fixture, chain: &str, seq: &str, hash: &str| {
            let unit = ("_SYSTEMD_UNIT", "ukeyd.service");
            for person in [Person::Nurse, Person::Root, Person::Service] {
                let head = [("UKEYD_AUDIT_CHAIN", chain), ("UKEYD_AUDIT_SEQ", seq), ("UKEYD_AUDIT_HASH", hash)];
                let names = [("MESSAGE", "audit head"), ("SYSLOG_IDENTIFIER", "ukeyd"), unit, ("_UID", "64100")];
                fixture.journal().forge(person, &[&head[..], &names].concat());
            }
        };
        let nonsense = "f".repeat(64);
        forge(&fixture, &chain, "1", &nonsense);
        forge(&fixture, &chain, "1000000", &nonsense);
        forge(&fixture, &nonsense, "7", &nonsense);
        assert_eq!(problem().await, (Some(0), String::new()), "nobody is accused");

        rewrite(&mut fixture, &["UPDATE records SET reason = 'another' WHERE kind = 'sign'"]).await;
        let now: Value = serde_json::from_str(&root(&["--json", "audit", "verify"]).await.stdout).unwrap();
        forge(&fixture, &chain, &now["last"].to_string(), now["head"].as_str().unwrap());
        assert_eq!(problem().await, (CHANGED, "journal-differs".into()), "and nobody is cleared");

        // The same from a file, where every user's entries are.
        let collected = Path::new(STAGE).join("collected.json");
        fs::write(&collected, run(Tool::Journalctl, ["--output=json", "--no-pager", "--quiet"])).unwrap();
        let from_file = ["--json", "audit", "verify", "--journal-file", collected.to_str().unwrap()];
        let found = root(&from_file).await;
        assert!(found.code == CHANGED && found.stdout.contains("journal-differs"), "{}", found.stdout);
        let text = fs::read_to_string(&collected).unwrap();
        let others: String =
            text.lines().filter(|line| !line.contains("/ukeyd\"")).map(|line| format!("{line}\n")).collect();
        assert!(others.contains("UKEYD_AUDIT_SEQ"));
        fs::write(&collected, others).unwrap();
        assert_eq!(root(&from_file).await.code, FILE_TROUBLE, "others' entries alone are nothing");
    });
}

/// A login and a signature are on record.
async fn signed() -> Fixture {
    let fixture = Fixture::builder().journal().start().await;
    fixture.log_in().await;
    sign(&fixture).await;
    fixture
}

async fn sign(fixture: &Fixture) {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    let reason = option(options::REASON, "采购 117\u{201c}x=1\u{201d}");
    certificate.sign_data("ECDSA-SHA256", b"order", reason).await.unwrap();
}

/// The journal's entries when the results of both operations are there.
async fn entries(fixture: &Fixture) -> Vec<String> {
    fixture.journal().entries_with("\"UKEYD_AUDIT_SEQ\":\"4\"").await
}

/// Changes the database while the daemon is down, and makes all hashes right again.
async fn rewrite(fixture: &mut Fixture, statements: &[&str]) {
    fixture.kill_daemon().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/rewrite_audit.py");
    let database = fixture.daemon.state().join("audit.sqlite");
    run(Tool::Python, [&[script.to_str().unwrap(), database.to_str().unwrap()], statements].concat());
    fixture.start_daemon().await;
}

/// Exit code and answer of a verification against the system's journal.
async fn verified() -> (Option<i32>, Value) {
    let ended = root(&["--json", "audit", "verify", "--journal"]).await;
    let answer = serde_json::from_str(&ended.stdout);
    (ended.code, answer.unwrap_or_else(|error| panic!("{error}: {} {}", ended.stdout, ended.stderr)))
}

async fn problem() -> (Option<i32>, String) {
    let (code, answer) = verified().await;
    (code, answer["problem"].as_str().unwrap().to_owned())
}

async fn root(arguments: &[&str]) -> Ended {
    ukeyctl(Person::Root, arguments).await
}
