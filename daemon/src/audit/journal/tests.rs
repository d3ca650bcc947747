use super::super::record::Operation;
use super::*;
use rusqlite::params;
use std::time::Duration;

mod verification;

/// Of what is signed.
const DIGEST: [u8; 32] = [7; 32];
const FOR_EVER: Retention = Retention { keep: Duration::from_secs(1 << 40), rows: u64::MAX };

fn intent(operation: Operation) -> Intent {
    Intent {
        operation,
        uid: 0,
        pid: 1,
        caller: ":1.1".into(),
        program: "/usr/bin/order".into(),
        token: "00".into(),
        certificate: "aa".into(),
        algorithm: "ECDSA-SHA256",
        reason: "订单".into(),
    }
}

fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("audit.sqlite")).unwrap()
}

fn results(folder: &Path) -> Vec<(i64, String)> {
    let connection = database(folder);
    let mut statement = connection.prepare("SELECT operation, result FROM records ORDER BY seq").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// A journal with this many signatures, closed.
async fn filled(folder: &Path, signatures: usize) {
    let (journal, writer) = Journal::open(folder, FOR_EVER).unwrap();
    for _ in 0..signatures {
        let mut record = journal.begin(intent(Operation::Sign), &DIGEST);
        record.durable().await.unwrap();
        record.finish("ok");
    }
    writer.finish();
}

fn verify(folder: &Path) -> ChainCheck {
    check::check(&database(folder)).unwrap()
}

#[tokio::test]
async fn an_operation_left_open_is_unknown_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let first = journal.next.load(Ordering::Relaxed);
    let mut finished = journal.begin(intent(Operation::Sign), &DIGEST);
    let mut open = journal.begin(intent(Operation::Sign), &DIGEST);
    finished.durable().await.unwrap();
    open.durable().await.unwrap();
    finished.finish("ok");
    drop(open);
    writer.finish();

    let (_journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    writer.finish();
    let first = first.cast_signed();
    let expected = [(first, ""), (first + 1, ""), (first, "ok"), (first + 1, "outcome-unknown")]
        .map(|(id, text)| (id, text.to_owned()));
    assert_eq!(results(folder.path()), expected);
    assert_eq!(verify(folder.path()).problem, None);
}

/// Where it begins to look is known, and is right however the service ended.
#[tokio::test]
async fn an_operation_left_open_long_ago_is_found_too() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let settled = || {
        let connection = database(folder.path());
        connection.query_row("SELECT settled_seq FROM chain", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    for _ in 0..10 {
        let mut record = journal.begin(intent(Operation::Sign), &DIGEST);
        record.durable().await.unwrap();
        record.finish("ok");
    }
    let mut open = journal.begin(intent(Operation::Sign), &DIGEST);
    open.durable().await.unwrap();
    let at = 21;
    for _ in 0..100 {
        let mut record = journal.begin(intent(Operation::Sign), &DIGEST);
        record.durable().await.unwrap();
        record.finish("ok");
        assert!(settled() < at);
    }
    assert_eq!(settled(), at - 1);
    drop(open);
    writer.finish();

    let (_journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    writer.finish();
    let unknown: Vec<_> = results(folder.path()).into_iter().filter(|(_, text)| text == "outcome-unknown").collect();
    let connection = database(folder.path());
    let operation =
        connection.query_row("SELECT operation FROM records WHERE seq = ?1", [at], |row| row.get(0)).unwrap();
    assert_eq!(unknown, [(operation, "outcome-unknown".to_owned())]);
    filled(folder.path(), 1).await;
    assert!(settled() > 200);
}

/// Version 2 knew nothing of how far each operation had its result.
#[tokio::test]
async fn a_journal_of_the_version_before_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let mut open = journal.begin(intent(Operation::Sign), &DIGEST);
    open.durable().await.unwrap();
    drop(open);
    writer.finish();
    let as_before = "ALTER TABLE chain DROP COLUMN settled_seq; PRAGMA user_version = 2";
    database(folder.path()).execute_batch(as_before).unwrap();
    filled(folder.path(), 1).await;
    let texts: Vec<_> = results(folder.path()).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["", "outcome-unknown", "", "ok"]);
    assert_eq!(verify(folder.path()).problem, None);
}

#[tokio::test]
async fn a_deleted_journal_is_an_error_not_a_silent_loss() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    std::fs::remove_file(folder.path().join("audit.sqlite")).unwrap();
    let error = journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap_err();
    assert!(matches!(error, AuditError::Gone { .. }), "{error}");
}

#[tokio::test]
async fn a_database_that_could_not_be_opened_is_opened_when_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 3).await;
    let path = folder.path().join("audit.sqlite");
    let aside = folder.path().join("aside");
    std::fs::rename(&path, &aside).unwrap();
    // What can't be opened, whoever asks.
    std::fs::create_dir(&path).unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let mut early = journal.begin(intent(Operation::Sign), &DIGEST);
    assert!(matches!(early.durable().await, Err(AuditError::Database { .. })));
    std::fs::remove_dir(&path).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    let start = std::time::Instant::now();
    loop {
        let mut record = journal.begin(intent(Operation::Login), &DIGEST);
        if record.durable().await.is_ok() {
            record.finish("ok");
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::yield_now();
    }
    // What was refused is on record nowhere, and its number is not another's.
    early.finish("AuditUnavailable");
    writer.finish();
    let expected = [(2, ""), (2, "ok"), (3, ""), (3, "ok"), (4, ""), (4, "ok")].map(|(id, text)| (id, text.to_owned()));
    let results = results(folder.path());
    assert_eq!(results[..6], expected);
    assert_eq!(results[6..].iter().map(|(_, result)| result.as_str()).collect::<Vec<_>>(), ["", "ok"]);
    assert!(results[6].0 > 6 && results[6].0 == results[7].0, "{results:?}");
    assert_eq!(verify(folder.path()).problem, None);
}

#[tokio::test]
async fn what_came_of_an_operation_is_written_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let mut record = journal.begin(intent(Operation::Sign), &DIGEST);
    record.durable().await.unwrap();
    // Somebody else's lock, for longer than a write waits.
    let other = database(folder.path());
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    record.finish("ok");
    assert!(journal.begin(intent(Operation::Sign), &DIGEST).durable().await.is_err());
    other.execute_batch("ROLLBACK").unwrap();
    let mut record = journal.begin(intent(Operation::Login), &DIGEST);
    record.durable().await.unwrap();
    drop(record);
    writer.finish();
    let results: Vec<_> = results(folder.path()).into_iter().map(|(_, result)| result).collect();
    assert_eq!(results, ["", "ok", ""]);
}

#[tokio::test]
async fn the_end_of_a_try_is_on_record_before_anybody_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    for round in 1..=100 {
        let mut record = journal.begin(intent(Operation::Login), &DIGEST);
        record.durable().await.unwrap();
        record.finish_try("PinIncorrect", Some(9)).await;
        // As another process reads it: what a crash would leave.
        let written = results(folder.path());
        assert_eq!(written.len(), 2 * round);
        assert_eq!(written[2 * round - 1].1, "PinIncorrect");
    }
    writer.finish();
}

#[tokio::test]
async fn what_the_pin_guard_knows_stays_when_records_go() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let mut record = journal.begin(intent(Operation::Login), &DIGEST);
    record.durable().await.unwrap();
    record.finish_try("PinIncorrect", Some(9)).await;
    writer.finish();
    filled(folder.path(), 10).await;
    let (journal, writer) = Journal::open(folder.path(), Retention { rows: 4, ..FOR_EVER }).unwrap();
    let tries = journal.past_tries("00").await.unwrap();
    assert_eq!(tries.len(), 1);
    assert_eq!(tries[0].result, "PinIncorrect");
    assert!(journal.list(&Filter { kind: Some("login".into()), ..Filter::default() }, 0, 10).unwrap().is_empty());
    writer.finish();
}

#[tokio::test]
async fn operations_are_listed_by_page_and_filter() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    for (uid, operation, result) in [
        (1, Operation::Login, "PinIncorrect"),
        (1, Operation::Login, "ok"),
        (2, Operation::Sign, "ok"),
        (1, Operation::Sign, "ok"),
    ] {
        let mut record = journal.begin(Intent { uid, ..intent(operation) }, &DIGEST);
        record.durable().await.unwrap();
        record.finish_try(result, Some(3)).await;
    }
    let mut open = journal.begin(intent(Operation::UnblockPin), &DIGEST);
    open.durable().await.unwrap();
    let list = |filter: Filter, after, count| journal.list(&filter, after, count).unwrap();
    let first = list(Filter::default(), 0, 2);
    assert_eq!(first.len(), 2);
    assert_eq!((first[0].result.as_str(), first[0].tries), ("PinIncorrect", 3));
    let rest = list(Filter::default(), first[1].id, 100);
    assert_eq!(rest.len(), 3);
    assert_eq!((rest[2].result.as_str(), rest[2].ended_ms), ("", 0), "it is under way");
    assert_eq!(list(Filter { uid: Some(1), ..Filter::default() }, 0, 100).len(), 3);
    assert_eq!(
        list(Filter { result: Some("ok".into()), kind: Some("sign".into()), ..Filter::default() }, 0, 9).len(),
        2
    );
    assert_eq!(list(Filter { certificate: Some("a".into()), ..Filter::default() }, 0, 9).len(), 5);
    assert!(list(Filter { token: Some("' OR 1=1 --".into()), ..Filter::default() }, 0, 9).is_empty());
    let now = super::super::now_ms() / 1000;
    assert!(list(Filter { from: Some(now + 60), ..Filter::default() }, 0, 9).is_empty());
    assert_eq!(list(Filter { to: Some(now + 60), ..Filter::default() }, 0, 9).len(), 5);
    writer.finish();
}

#[tokio::test]
async fn identity_numbers_of_people_are_in_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let reason = "张三 11010519491231002X 的订单".to_owned();
    let program = "/home/11010519491231002X/order".into();
    journal.begin(Intent { reason, program, ..intent(Operation::Sign) }, &DIGEST).durable().await.unwrap();
    writer.finish();
    let entries = journal.list(&Filter::default(), 0, 9).unwrap();
    assert_eq!(entries[0].reason, "张三 ****************** 的订单");
    assert_eq!(entries[0].program, "/home/******************/order");
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_the_chain_goes_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("audit.sqlite")).unwrap();
    let append =
        |operation| Append::Intent { operation, intent: Arc::new(intent(Operation::Sign)), digest: DIGEST.to_vec() };
    store.append(&[append(1)]).unwrap();
    store.limit_pages_to_what_is_there();
    let many: Vec<_> = (2..500).map(append).collect();
    assert!(matches!(store.append(&many), Err(AuditError::Database { .. })));
    assert_eq!(store.head().seq, 1, "nothing of it counts");
    drop(store);
    let connection = database(folder.path());
    let rows: i64 = connection.query_row("SELECT count(*) FROM records", params![], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    assert_eq!(check::check(&connection).unwrap().problem, None);
}
