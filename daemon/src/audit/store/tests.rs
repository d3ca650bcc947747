use super::super::check;
use super::super::record::{Intent, Operation};
use super::*;

fn append(operation: u64) -> Append {
    appended(operation, Operation::Sign)
}

fn appended(operation: u64, kind: Operation) -> Append {
    let intent = Intent {
        operation: kind,
        uid: 0,
        pid: 1,
        caller: ":1.1".into(),
        program: "/usr/bin/order".into(),
        token: "00".into(),
        certificate: "aa".into(),
        algorithm: "ECDSA-SHA256",
        digest: vec![7; 32],
        reason: "订单".into(),
    };
    Append::Intent { operation, intent }
}

fn opened(folder: &Path) -> Store {
    Store::open(&folder.join("audit.sqlite")).unwrap()
}

fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("audit.sqlite")).unwrap()
}

/// Number of the last row of a chain in order.
fn last_of_whole(folder: &Path) -> u64 {
    let check = check::check(&database(folder)).unwrap();
    assert_eq!(check.problem, None);
    check.last
}

#[test]
fn a_full_disk_is_an_error_and_the_chain_goes_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = opened(folder.path());
    store.append(&[append(1)], When::Now).unwrap();
    store.limit_pages_to_what_is_there();
    let many: Vec<_> = (2..500).map(append).collect();
    assert!(matches!(store.append(&many, When::Now), Err(AuditError::Database { .. })));
    assert_eq!(store.head().seq, 1, "nothing of it counts");
    drop(store);
    let connection = database(folder.path());
    let rows: i64 = connection.query_row("SELECT count(*) FROM records", params![], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    assert_eq!(check::check(&connection).unwrap().problem, None);
}

/// Whatever the service was doing when it was killed, what it had been told to be on disk is there.
#[test]
fn each_row_that_was_written_outlives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = opened(folder.path());
    let kinds = [Operation::Sign, Operation::Sign, Operation::Sign, Operation::Login];
    let mut in_the_tail = 0;
    for step in 0..400_u64 {
        let operation = step + 1;
        let kind = kinds[usize::try_from(step * 7 % 23 % 4).unwrap()];
        let count = 1 + step * 5 % 17 % 3;
        let mut appends = vec![appended(operation * 10, kind)];
        appends.extend((1..count).map(|result| Append::Result {
            operation: operation.saturating_sub(result) * 10,
            result: "ok".into(),
            tries: None,
            tried: None,
        }));
        let when = if step * 11 % 37 == 0 { When::Now } else { When::Later };
        let before = store.head().seq;
        in_the_tail += u32::from(store.append(&appends, when).unwrap().is_empty());
        assert!(store.head().seq > before);

        let copy = tempfile::tempdir().unwrap();
        for file in ["audit.sqlite", "audit.sqlite-wal", "audit.sqlite-tail"] {
            std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
        }
        let mut after = opened(copy.path());
        after.take_over().unwrap();
        assert_eq!(after.head(), store.head(), "{step}");
        let unknown = after.close_open_records().unwrap();
        assert!(unknown.iter().any(|chained| chained.row.operation == operation * 10), "{step}");
        drop(after);
        assert!(last_of_whole(copy.path()) >= store.head().seq, "{step}");
        let sql = "SELECT count(*) FROM records WHERE phase = 'intent' AND operation NOT IN
            (SELECT operation FROM records WHERE phase = 'result')";
        let open: i64 = database(copy.path()).query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(open, 0, "{step}");
    }
    assert!((100..399).contains(&in_the_tail), "{in_the_tail}");
}

#[test]
fn nothing_waits_for_a_database_that_took_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = opened(folder.path());
    let many: Vec<_> = (1000..1500).map(append).collect();
    store.append(&[append(1)], When::Later).unwrap();
    store.limit_pages_to_what_is_there();
    store.append(&[append(2)], When::Later).unwrap();
    assert!(store.append(&many, When::Now).is_err());
    assert_eq!(store.head().seq, 2);
    // In the last page is room for a few.
    let stored = store.append(&[append(3)], When::Later).unwrap();
    assert_eq!(stored.len(), 3, "the database is asked at once, and takes what waited");
    drop(store);
    assert_eq!(last_of_whole(folder.path()), 3);
}

#[test]
fn more_than_the_tail_holds_goes_into_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = opened(folder.path());
    for operation in 1..=3 * tail::ROWS_MAX as u64 {
        let stored = store.append(&[append(operation)], When::Later).unwrap();
        let is_full = operation % (tail::ROWS_MAX as u64 + 1) == 0;
        assert_eq!(stored.len(), if is_full { tail::ROWS_MAX + 1 } else { 0 }, "{operation}");
    }
}

#[test]
fn a_deleted_log_of_the_newest_rows_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.sqlite-tail");
    let mut store = opened(folder.path());
    assert!(store.append(&[append(1)], When::Later).unwrap().is_empty());
    std::fs::remove_file(&log).unwrap();
    assert_eq!(store.append(&[append(2)], When::Later).unwrap().len(), 2, "what waited is in the database now");
    assert!(store.append(&[append(3)], When::Later).unwrap().is_empty());
    assert!(log.is_file());
    drop(store);
    let mut store = opened(folder.path());
    assert_eq!(store.take_over().unwrap().len(), 1);
}
