//! A signature that a caller has received is in the audit journal, on disk before it left, on a chain of hashes that can be
//! verified, however the daemon ended. Who changes the database is found out; a damaged one stops all signing.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use ukey_dbus::{AuditProxy, ErrorKind, KeyKind, options};
use ukey_softhsm_tests::{
    CallingProgram, Fixture, Options, Person, SystemCalls, Tool, no_options, option, refusal, run, staged,
};
use zbus::OwnedVariant;

const CALLERS: usize = 4;
/// Signatures that have to be received, over all kills.
const ENOUGH: usize = 1_000;

#[test]
fn though_the_daemon_is_killed_again_and_again() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        let program = CallingProgram::named(Person::Clerk, "orders");
        let mut received = HashSet::new();
        for round in 0_u64.. {
            fixture.log_in_through(&program.connect().await).await;
            let callers: Vec<_> = futures_util::future::join_all(
                (0..CALLERS).map(|caller| sign_until_refused(&fixture, &program, round, caller)),
            )
            .await
            .into_iter()
            .map(tokio::spawn)
            .collect();
            // Another moment each time; nothing waits for it.
            let moment = Duration::from_millis(150 + (round * 97) % 400);
            let start = Instant::now();
            tokio::time::sleep(moment).await;
            assert!(start.elapsed() >= moment);
            fixture.kill_daemon().await;
            for caller in callers {
                received.extend(caller.await.unwrap());
            }
            fixture.start_daemon().await;
            if received.len() >= ENOUGH {
                break;
            }
        }
        let root = fixture.bus.connect(Person::Root).await;
        let audit = AuditProxy::new(&root).await.unwrap();
        let check = audit.verify().await.unwrap();
        assert!(flag(&check, "ok"), "{check:?}");
        let recorded = digests(&audit).await;
        let lost = received.difference(&recorded).count();
        assert_eq!(lost, 0, "of {}", received.len());
    });
}

#[test]
fn and_its_record_reaches_the_disk_first() {
    staged(async || assert!(syncs_before_each_reply("ukeyd").await));
}

#[test]
fn which_a_daemon_without_synchronisation_fails() {
    staged(async || assert!(!syncs_before_each_reply("ukeyd-without-sync").await));
}

#[test]
fn and_a_changed_database_is_found_out() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for _ in 0..3 {
            certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        }
        fixture.kill_daemon().await;
        sql(&fixture, "UPDATE records SET reason = 'another' WHERE seq = 3");
        fixture.start_daemon().await;
        let root = fixture.bus.connect(Person::Root).await;
        let audit = AuditProxy::new(&root).await.unwrap();
        let check = audit.verify().await.unwrap();
        assert!(!flag(&check, "ok"));
        assert_eq!((text(&check, "problem").as_str(), u64::try_from(check["at"].clone()).unwrap()), ("hash", 3));
    });
}

#[test]
fn and_a_damaged_database_stops_signing_until_it_is_recovered() {
    staged(async || {
        let mut fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        fixture.kill_daemon().await;
        std::fs::write(fixture.daemon.state().join("audit.sqlite"), [0x55; 16384]).unwrap();
        std::fs::remove_file(fixture.daemon.state().join("audit.sqlite-wal")).ok();
        fixture.start_daemon().await;
        fixture.pinentry().will_type(fixture.key().pin());
        let refused = fixture.certificate(KeyKind::EcP256).await;
        let refused = refused.sign_data("ECDSA-SHA256", b"order", no_options()).await;
        assert_eq!(refusal(refused), ErrorKind::AuditUnavailable);

        let clerk = AuditProxy::new(&fixture.clerk).await.unwrap();
        assert_eq!(refusal(clerk.recover().await), ErrorKind::NotAuthorized);
        let root = fixture.bus.connect(Person::Root).await;
        let audit = AuditProxy::new(&root).await.unwrap();
        let moved = audit.recover().await.unwrap();
        assert!(fixture.daemon.state().join(&moved).is_file(), "{moved}");
        assert!(flag(&audit.verify().await.unwrap(), "ok"));
        let first = audit.list(no_options(), 0, 1).await.unwrap();
        assert_eq!(text(&first[0], "kind"), "recovered");
        assert!(text(&first[0], "reason").contains(&moved));
        assert_eq!(audit.recover().await.unwrap(), "", "it is in order");
    });
}

#[test]
fn and_each_user_reads_their_own_and_nobody_elses() {
    staged(async || {
        let fixture = Fixture::builder().start().await;
        fixture.log_in().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        certificate.sign_data("ECDSA-SHA256", b"order", option(options::REASON, "采购 117")).await.unwrap();
        let clerk = AuditProxy::new(&fixture.clerk).await.unwrap();
        assert_eq!(refusal(clerk.list(no_options(), 0, 10).await), ErrorKind::NotAuthorized);
        assert_eq!(refusal(clerk.verify().await), ErrorKind::NotAuthorized);
        let mine = clerk.mine(no_options(), 0, 500).await.unwrap();
        let kinds: Vec<_> = mine.iter().map(|record| text(record, "kind")).collect();
        assert_eq!(kinds, ["login", "sign"]);
        assert_eq!((text(&mine[1], "reason").as_str(), text(&mine[1], "result").as_str()), ("采购 117", "ok"));
        assert_eq!(text(&mine[1], "user"), "clerk");
        let other = Options::from([("uid", 0_u32.into())]);
        assert_eq!(refusal(clerk.mine(other, 0, 10).await), ErrorKind::InvalidArgument);
        assert_eq!(refusal(clerk.mine(no_options(), 0, 501).await), ErrorKind::InvalidArgument);
        let nurse = fixture.bus.connect(Person::Nurse).await;
        let nurse = AuditProxy::new(&nurse).await.unwrap();
        assert!(nurse.mine(no_options(), 0, 10).await.unwrap().is_empty());
    });
}

/// Signs one digest after another until the daemon is gone; the digests whose signatures came.
async fn sign_until_refused(
    fixture: &Fixture,
    program: &CallingProgram,
    round: u64,
    caller: usize,
) -> impl Future<Output = HashSet<String>> + use<> {
    let connection = program.connect().await;
    let certificate = fixture.certificate_of(fixture.key(), KeyKind::EcP256, &connection).await;
    async move {
        let mut received = HashSet::new();
        for number in 0_u64.. {
            let digest: Vec<u8> =
                [round, caller as u64, number, 0].iter().flat_map(|part| part.to_be_bytes()).collect();
            match certificate.sign_digest("ECDSA-SHA256", &digest, no_options()).await {
                Ok(_) => received.insert(digest.iter().map(|byte| format!("{byte:02x}")).collect()),
                Err(_) => break,
            };
        }
        received
    }
}

/// Does the record of each signature reach the disk before the signature leaves, of each kind of call, and that of a login
/// before the module is asked?
async fn syncs_before_each_reply(program: &'static str) -> bool {
    let fixture = Fixture::builder().daemon(program).start().await;
    let calls = SystemCalls::start(fixture.daemon.program().pid()).await;
    fixture.pinentry().will_type(fixture.key().pin());
    fixture.token().await.login(option(options::REASON, "login of the morning")).await.unwrap();
    let login = calls.stop().await.syncs_before_descriptor(b"login of the morning");

    let certificate = fixture.certificate(KeyKind::EcP256).await;
    let calls = SystemCalls::start(fixture.daemon.program().pid()).await;
    let mut made = Vec::new();
    for number in 0_u8..20 {
        let digest = [number ^ 0xa5; 32];
        let signature = certificate.sign_digest("ECDSA-SHA256", &digest, no_options()).await.unwrap();
        made.push((digest.to_vec(), signature));
    }
    let digests: Vec<_> = (0_u8..5).map(|number| [number ^ 0x5a; 32]).collect();
    let asked: Vec<&[u8]> = digests.iter().map(|digest| &digest[..]).collect();
    let signed = certificate.sign_batch("ECDSA-SHA256", &asked, no_options()).await.unwrap();
    made.extend(digests.iter().zip(signed).map(|(digest, signed)| (digest.to_vec(), signed.1)));
    let reason = "message of the morning";
    let message = certificate.sign_message(b"order", option(options::REASON, reason)).await.unwrap();
    made.push((reason.as_bytes().to_vec(), message));
    let recording = calls.stop().await;
    let synced = made.iter().filter(|(record, reply)| recording.syncs_between(record, reply)).count();
    assert!([0, made.len()].contains(&synced), "{synced} of {}", made.len());
    assert_eq!(login, synced == made.len(), "a login's record");
    login
}

/// Digests of all signatures on record.
async fn digests(audit: &AuditProxy<'_>) -> HashSet<String> {
    let (mut digests, mut after) = (HashSet::new(), 0);
    loop {
        let page = audit.list(option("kind", "sign"), after, 500).await.unwrap();
        let Some(last) = page.last() else { return digests };
        after = last["id"].clone().try_into().unwrap();
        digests.extend(page.iter().map(|record| text(record, "digest")));
    }
}

fn sql(fixture: &Fixture, statement: &str) {
    let program = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()";
    let database = fixture.daemon.state().join("audit.sqlite");
    run(Tool::Python, ["-c", program, database.to_str().unwrap(), statement]);
}

fn flag(answer: &HashMap<String, OwnedVariant>, key: &str) -> bool {
    answer[key].clone().try_into().unwrap()
}

fn text(answer: &HashMap<String, OwnedVariant>, key: &str) -> String {
    answer[key].clone().try_into().unwrap()
}
