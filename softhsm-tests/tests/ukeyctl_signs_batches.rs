//! `ukeyctl batch`: one PIN entry for many files or digests; what can't be signed is named and harms nothing else, and what
//! was signed when it ends early is kept.

use rustix::process::Signal;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use ukey_dbus::{Algorithm, KeyKind};
use ukey_softhsm_tests::{
    Call, Document, Ended, Fault, Fixture, Key, Lab, Person, STAGE, When, eventually, kill, staged, ukeyctl,
    verify_data, verify_digest,
};

const USAGE: Option<i32> = Some(2);
const NOBODY_ACTED: Option<i32> = Some(6);
const FILE: Option<i32> = Some(10);
const IN_PART: Option<i32> = Some(11);

#[test]
fn files_and_one_that_cannot_be_read() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_type(fixture.key().pin());
        let orders: Vec<Document> = (0..30).map(order).collect();
        fs::set_permissions(orders[7].path(), Permissions::from_mode(0o000)).unwrap();
        let names: Vec<&str> = orders.iter().map(|order| text(order.path())).chain([STAGE, "missing"]).collect();
        let choice = ["--json", "batch", "--certificate", "rsa-2048", "--algorithm", "RSA-PSS-SHA384"];
        let ended = ukeyctl(Person::Clerk, &[&choice, &names[..]].concat()).await;
        assert_eq!(ended.code, IN_PART, "{ended:?}");
        let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!((&summary["total"], &summary["signed"]), (&32.into(), &29.into()));
        let failed: Vec<_> = summary["failures"].as_array().unwrap().iter().map(|failed| &failed["input"]).collect();
        assert_eq!(failed, [names[7], STAGE, "missing"]);
        assert!(summary["failures"].as_array().unwrap().iter().all(|failed| failed["error"] == "FileUnreadable"));
        let certificate = fixture.key().certificate(KeyKind::Rsa2048);
        for (index, order) in orders.iter().enumerate() {
            match fs::read(signature_of(order.path())) {
                Ok(signature) => {
                    assert!(verify_data(certificate, Algorithm::RsaPssSha384, order.path(), &signature), "{index}");
                }
                Err(error) => assert!(index == 7, "{index}: {error}"),
            }
        }
        assert_eq!(fixture.pinentry().dialogs().len(), 1);

        // Again: all but the missing ones are there, and the one that can be read now is signed.
        fs::set_permissions(orders[7].path(), Permissions::from_mode(0o644)).unwrap();
        let again = ukeyctl(Person::Clerk, &[&choice, &names[..30]].concat()).await;
        assert_eq!(again.code, FILE, "nothing is overwritten: {again:?}");
        let again =
            ukeyctl(Person::Clerk, &[&choice[..], &["--skip-existing"], &names[..30]].concat()).await.succeeded();
        let summary: Value = serde_json::from_str(&again.stdout).unwrap();
        assert_eq!((&summary["total"], &summary["signed"]), (&1.into(), &1.into()));
        let signature = fs::read(signature_of(orders[7].path())).unwrap();
        assert!(verify_data(certificate, Algorithm::RsaPssSha384, orders[7].path(), &signature));
    });
}

#[test]
fn digests_become_lines() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        // More than one call takes.
        let digests: Vec<Vec<u8>> = (0..10_005_u32).map(|number| number.to_be_bytes().repeat(8)).collect();
        let list: String = digests.iter().map(|digest| format!("{}  orders/a.csv\n", hex(digest))).collect();
        let list = Document::with("digests", list.as_bytes());
        let choice = ["batch", "--certificate", "ec-p256", "--digests", text(list.path())];
        let ended = ukeyctl(Person::Clerk, &choice).await.succeeded();
        assert!(ended.stderr.contains("10005"), "{}", ended.stderr);
        let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), digests.len());
        let certificate = fixture.key().certificate(KeyKind::EcP256);
        for (index, (line, digest)) in lines.iter().zip(&digests).enumerate() {
            assert_eq!((&line["index"], &line["digest"]), (&index.into(), &hex(digest).into()));
            assert!(line["error"].is_null() && line["input"].is_null());
            if index % 1_000 == 0 || index > 10_002 {
                let signature = unhex(line["signature"].as_str().unwrap());
                assert!(verify_digest(certificate, Algorithm::EcdsaSha256, digest, &signature), "{index}");
            }
        }
        // A line that is no digest of the algorithm is named before anything is signed.
        let list = Document::with("digests", format!("{}\nabcd\n", hex(&digests[0])).as_bytes());
        let refused =
            ukeyctl(Person::Clerk, &["batch", "--certificate", "ec-p256", "--digests", text(list.path())]).await;
        assert_eq!(refused.code, FILE);
        assert!(refused.stderr.contains("line 2") && refused.stdout.is_empty(), "{refused:?}");
        let list = Document::with("digests", b"# none\n");
        let refused =
            ukeyctl(Person::Clerk, &["batch", "--certificate", "ec-p256", "--digests", text(list.path())]).await;
        assert_eq!(refused.code, USAGE);
    });
}

#[test]
fn what_is_signed_when_it_is_interrupted_is_kept() {
    staged(async || {
        let fixture = Fixture::builder().lab(slow).start().await;
        fixture.log_in().await;
        // That another program may use the login.
        fixture.pinentry().will_confirm();
        let orders: Vec<Document> = (0..400).map(order).collect();
        let list: Vec<&str> = orders.iter().map(|order| text(order.path())).collect();
        let list = Document::with("list", list.join("\n").as_bytes());
        let ended = interrupted(&fixture, &list, &[]).await;
        assert_eq!(ended.code, IN_PART, "{ended:?}");
        let signed = orders.iter().filter(|order| signature_of(order.path()).exists()).count();
        assert!((1..300).contains(&signed), "{signed} signed");
        assert!(ended.stdout.contains(&format!("{signed} of 400 signed")), "{}", ended.stdout);
        assert!(ended.stderr.contains("Cancelled"), "{}", ended.stderr);
        let certificate = fixture.key().certificate(KeyKind::EcP256);
        for order in orders.iter().filter(|order| signature_of(order.path()).exists()).step_by(8) {
            let signature = fs::read(signature_of(order.path())).unwrap();
            assert!(verify_data(certificate, Algorithm::EcdsaSha256, order.path(), &signature));
        }

        // To one file of lines: each item is told of.
        let lines = Path::new(STAGE).join("home/clerk/lines");
        let ended = interrupted(&fixture, &list, &["--out", text(&lines)]).await;
        assert_eq!(ended.code, IN_PART, "{ended:?}");
        let lines = fs::read_to_string(lines).unwrap();
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let signed = lines.iter().filter(|line| line["signature"].is_string()).count();
        assert!(lines.len() == 400 && (1..300).contains(&signed), "{signed} of {}", lines.len());
        assert!(lines.iter().all(|line| line["signature"].is_string() || line["error"] == "Cancelled"));
    });
}

#[test]
fn one_that_nobody_agrees_to_signs_nothing() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.pinentry().will_cancel();
        let orders: Vec<Document> = (0..3).map(order).collect();
        let names: Vec<&str> = orders.iter().map(|order| text(order.path())).collect();
        let refused = ukeyctl(Person::Clerk, &[&["batch", "--certificate", "ec-p256"], &names[..]].concat()).await;
        assert_eq!(refused.code, NOBODY_ACTED, "{refused:?}");
        assert!(orders.iter().all(|order| !signature_of(order.path()).exists()));
        assert!(fixture.pinentry().dialogs()[0].everything().contains("3 signatures"), "the dialog says how many");
    });
}

/// Runs a batch of these files and presses Ctrl-C once the Key has been asked for some.
async fn interrupted(fixture: &Fixture, list: &Document, options: &[&str]) -> Ended {
    let before = fixture.lab().count(Call::Sign);
    let choice = ["batch", "--certificate", "ec-p256", "--files-from", text(list.path())];
    let arguments: Vec<String> = choice.iter().chain(options).map(|word| (*word).to_owned()).collect();
    let run = tokio::spawn(async move { ukeyctl(Person::Clerk, &arguments).await });
    eventually("ten signatures", async || (fixture.lab().count(Call::Sign) >= before + 10).then_some(())).await;
    kill(process_of("batch"), Signal::INT);
    run.await.unwrap()
}

/// The ukeyctl that runs this verb.
fn process_of(verb: &str) -> u32 {
    let mut pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    pids.find(|pid: &u32| {
        // A process may be gone by now.
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let mut words = words.split(|byte| *byte == 0);
        words.next().is_some_and(|program| program.ends_with(b"/ukeyctl")) && words.any(|word| word == verb.as_bytes())
    })
    .unwrap()
}

fn slow(lab: &Lab, _keys: &[Key]) {
    lab.fault(When::calling(Call::Sign), Fault::Delay(20));
}

fn order(number: usize) -> Document {
    Document::with(&format!("order {number}.csv"), format!("order {number}\n").as_bytes())
}

fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
