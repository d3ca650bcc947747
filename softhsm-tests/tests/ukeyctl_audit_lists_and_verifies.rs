//! `ukeyctl audit` shows each user their own records and administrators all of them, exports them, and finds out who changed
//! the database: by its exit code, also where only the system's journal tells.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use ukey_dbus::{KeyKind, options};
use ukey_softhsm_tests::{Ended, Fixture, Person, STAGE, Terminal, Tool, option, run, staged, ukeyctl};

const WRONG_USAGE: Option<i32> = Some(2);
const NOT_ALLOWED: Option<i32> = Some(5);
const NOBODY_ACTED: Option<i32> = Some(6);
const ARGUMENT_DOES_NOT_FIT: Option<i32> = Some(7);
const FILE_TROUBLE: Option<i32> = Some(10);
const CHANGED: Option<i32> = Some(12);

#[test]
fn a_user_sees_their_own_records() {
    staged(async || {
        let fixture = signed("采购 117").await;
        let refused = ukeyctl(Person::Clerk, &["audit", "list"]).await;
        assert_eq!(refused.code, NOT_ALLOWED);
        assert!(
            refused.stderr.contains("NotAuthorized") && refused.stderr.contains("list --mine"),
            "{}",
            refused.stderr
        );
        let shown = ukeyctl(Person::Clerk, &["audit", "list", "--mine"]).await.succeeded().stdout;
        assert_eq!(shown.lines().count(), 3, "{shown}");
        for part in ["clerk", "login", "signature", "采购 117", "ok"] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
        let mine = lines(&ukeyctl(Person::Clerk, &["--json", "audit", "list", "--mine", "--kind", "sign"]).await);
        assert_eq!((mine.len(), &mine[0]["result"]), (1, &"ok".into()));
        let id = mine[0]["id"].to_string();
        let one = ukeyctl(Person::Clerk, &["audit", "show", &id]).await.succeeded().stdout;
        assert!(one.contains(mine[0]["digest"].as_str().unwrap()) && one.contains("采购 117"), "{one}");

        assert!(lines(&ukeyctl(Person::Nurse, &["--json", "audit", "list", "--mine"]).await).is_empty());
        for arguments in [&["audit", "show", &id][..], &["audit", "verify"], &["audit", "recover", "--yes"]] {
            assert_eq!(ukeyctl(Person::Nurse, arguments).await.code, NOT_ALLOWED, "{arguments:?}");
        }
        drop(fixture);
    });
}

#[test]
fn an_administrator_sees_and_exports_all() {
    staged(async || {
        let fixture = signed("=1+1").await;
        let all = lines(&root(&["--json", "audit", "list"]).await);
        assert_eq!(all.iter().map(|record| record["kind"].as_str().unwrap()).collect::<Vec<_>>(), ["login", "sign"]);
        let newest = lines(&root(&["--json", "audit", "list", "--limit", "1"]).await);
        assert_eq!(newest, all[1..]);
        let key = all[1]["key_id"].as_str().unwrap();
        let certificate = all[1]["certificate"].as_str().unwrap()[..8].to_uppercase();
        let fits = ["--key", key, "--certificate", &certificate, "--uid", "64101", "--since", "2020-01-01"];
        assert_eq!(lines(&root(&[&["--json", "audit", "list"], &fits[..]].concat()).await), all[1..]);
        for other in [["--result", "PinIncorrect"], ["--until", "2020-01-01"], ["--uid", "0"]] {
            assert!(lines(&root(&[&["--json", "audit", "list"], &other[..]].concat()).await).is_empty(), "{other:?}");
        }
        assert_eq!(root(&["audit", "show", "999999"]).await.code, ARGUMENT_DOES_NOT_FIT);

        let (csv, json) = (file("out.csv"), file("out.json"));
        root(&["audit", "export", "--format", "csv", text(&csv)]).await.succeeded();
        let table = fs::read_to_string(&csv).unwrap();
        assert!(table.contains(",'=1+1,ok,"), "{table}");
        assert_eq!(table.matches("\r\n").count(), 3, "{table}");
        let again = root(&["audit", "export", "--format", "json", text(&csv)]).await;
        assert_eq!((again.code, fs::read_to_string(&csv).unwrap()), (FILE_TROUBLE, table));
        root(&["audit", "export", "--format", "json", "--kind", "sign", text(&json)]).await.succeeded();
        let array: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
        assert_eq!(array.as_array().unwrap()[..], all[1..]);
        drop(fixture);
    });
}

#[test]
fn a_whole_chain_is_the_one_that_the_log_knows() {
    staged(async || {
        let mut fixture = signed("one").await;
        root(&["audit", "verify"]).await.succeeded();
        let mut log = fixture.daemon.program().log();
        fixture.kill_daemon().await;
        fixture.start_daemon().await;
        log += &fixture.daemon.program().log();
        let verified = verified(&log).await;
        assert_eq!((verified.0, &verified.1["ok"]), (Some(0), &true.into()));
        assert!(verified.1["journal"]["compared"].as_u64().unwrap() >= 1, "{}", verified.1);
        let empty = file("empty");
        fs::write(&empty, "nothing of the chain\n").unwrap();
        assert_eq!(root(&["audit", "verify", "--journal-file", text(&empty)]).await.code, FILE_TROUBLE);
    });
}

#[test]
fn a_changed_record_is_found_and_the_database_put_aside() {
    staged(async || {
        let mut fixture = signed("one").await;
        let mut log = fixture.daemon.program().log();
        assert_eq!(root(&["audit", "recover"]).await.code, WRONG_USAGE);
        let mut terminal = Terminal::ukeyctl(Person::Root, &["audit", "recover"]);
        terminal.reads("Go on? [y/N]").await;
        terminal.types("n");
        assert_eq!(terminal.ended().await.code, NOBODY_ACTED);
        let nothing = root(&["--json", "audit", "recover", "--yes"]).await.succeeded();
        assert_eq!(lines(&nothing)[0]["moved_to"], Value::Null);

        fixture.kill_daemon().await;
        let statement = "UPDATE records SET reason = 'another' WHERE seq = 3";
        let program = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()";
        let database = fixture.daemon.state().join("audit.sqlite");
        run(Tool::Python, ["-c", program, text(&database), statement]);
        fixture.start_daemon().await;
        let found = root(&["audit", "verify"]).await;
        assert_eq!(found.code, CHANGED);
        assert!(found.stdout.contains("row 3: a row was changed"), "{}", found.stdout);

        let recovered = root(&["--json", "audit", "recover", "--yes"]).await.succeeded();
        let moved = lines(&recovered)[0]["moved_to"].as_str().unwrap().to_owned();
        assert!(fixture.daemon.state().join(&moved).is_file(), "{moved}");
        log += &fixture.daemon.program().log();
        let verified = verified(&log).await;
        assert_eq!((verified.0, &verified.1["journal"]["earlier_chains"]), (Some(0), &1.into()), "{}", verified.1);
    });
}

#[test]
fn an_older_database_is_found_by_what_the_log_knows() {
    staged(async || {
        let mut fixture = signed("one").await;
        let mut log = fixture.daemon.program().log();
        fixture.kill_daemon().await;
        let old: Vec<(PathBuf, Vec<u8>)> = database(&fixture);
        fixture.start_daemon().await;
        fixture.log_in().await;
        sign(&fixture, "two").await;
        log += &fixture.daemon.program().log();
        fixture.kill_daemon().await;
        fixture.start_daemon().await;
        log += &fixture.daemon.program().log();
        fixture.kill_daemon().await;
        database(&fixture).iter().for_each(|(path, _)| fs::remove_file(path).unwrap());
        old.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
        run(
            Tool::Python,
            [
                "-c",
                "import os, sys\nfor f in sys.argv[2:]: os.chown(f, int(sys.argv[1]), -1)",
                &Person::Service.uid().to_string(),
            ]
            .into_iter()
            .chain(old.iter().map(|(path, _)| text(path))),
        );
        fixture.start_daemon().await;
        log += &fixture.daemon.program().log();
        root(&["audit", "verify"]).await.succeeded();
        let verified = verified(&log).await;
        assert_eq!((verified.0, &verified.1["ok"]), (CHANGED, &false.into()));
        assert!(verified.1["problem"].as_str().unwrap().starts_with("journal-"), "{}", verified.1);
    });
}

/// A login and a signature with this reason are on record.
async fn signed(reason: &'static str) -> Fixture {
    let fixture = Fixture::builder().start().await;
    fixture.log_in().await;
    sign(&fixture, reason).await;
    fixture
}

async fn sign(fixture: &Fixture, reason: &'static str) {
    let certificate = fixture.certificate(KeyKind::EcP256).await;
    certificate.sign_data("ECDSA-SHA256", b"order", option(options::REASON, reason)).await.unwrap();
}

/// The files of the database.
fn database(fixture: &Fixture) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(fixture.daemon.state()).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// Exit code and answer of a verification against these lines of the service's log.
async fn verified(log: &str) -> (Option<i32>, Value) {
    let heads = file("heads");
    fs::write(&heads, log).unwrap();
    let ended = root(&["--json", "audit", "verify", "--journal-file", text(&heads)]).await;
    (ended.code, serde_json::from_str(&ended.stdout).unwrap())
}

async fn root(arguments: &[&str]) -> Ended {
    ukeyctl(Person::Root, arguments).await
}

fn lines(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.code, Some(0), "stdout: {}\nstderr: {}", ended.stdout, ended.stderr);
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn file(name: &str) -> PathBuf {
    Path::new(STAGE).join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
