//! What verification finds in a chain that was changed, and that it finds nothing in one that was not.

use super::*;

#[tokio::test]
async fn every_change_of_a_record_is_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 4).await;
    assert_eq!(verify(folder.path()), ChainCheck { problem: None, ..verify(folder.path()) });
    let columns = [
        ("time_ms", "time_ms + 1"),
        ("operation", "operation + 100"),
        ("phase", "'note'"),
        ("kind", "kind || 'x'"),
        ("uid", "uid + 1"),
        ("user", "user || 'x'"),
        ("pid", "pid + 1"),
        ("caller", "caller || 'x'"),
        ("program", "program || 'x'"),
        ("token", "token || 'x'"),
        ("certificate", "certificate || 'x'"),
        ("algorithm", "algorithm || 'x'"),
        ("digest", "x'00'"),
        ("reason", "reason || 'x'"),
        ("result", "result || 'x'"),
        ("tries", "tries + 1"),
        ("hash", "x'00'"),
    ];
    for (column, changed) in columns {
        let connection = database(folder.path());
        let transaction = connection.unchecked_transaction().unwrap();
        transaction.execute(&format!("UPDATE records SET {column} = {changed} WHERE seq = 3"), []).unwrap();
        drop_checked(&transaction, check::Problem::Hash, 3, column);
    }
}

#[tokio::test]
async fn removal_reordering_and_truncation_are_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 4).await;
    let changes = [
        ("DELETE FROM records WHERE seq = 3", check::Problem::Gap, 3),
        ("DELETE FROM records WHERE seq = 1", check::Problem::Gap, 1),
        ("DELETE FROM records WHERE seq = 8", check::Problem::Head, 7),
        ("DELETE FROM records", check::Problem::Head, 0),
        ("UPDATE records SET seq = 99 WHERE seq = 3", check::Problem::Gap, 3),
        (
            "UPDATE records SET seq = -1 WHERE seq = 3; UPDATE records SET seq = 3 WHERE seq = 4; \
             UPDATE records SET seq = 4 WHERE seq = -1",
            check::Problem::Hash,
            3,
        ),
        ("DELETE FROM chain", check::Problem::NoExtent, 0),
        ("UPDATE chain SET base_seq = 2", check::Problem::Gap, 3),
        ("UPDATE chain SET name = 'another'", check::Problem::NoExtent, 0),
        ("UPDATE chain SET head_seq = 7", check::Problem::Head, 8),
        ("UPDATE chain SET head_hash = x'00'", check::Problem::NoExtent, 0),
        ("UPDATE chain SET head_hash = base_hash", check::Problem::Head, 8),
        ("UPDATE chain SET base_hash = head_hash", check::Problem::NoExtent, 0),
        (
            "INSERT INTO records SELECT 9, time_ms, operation, phase, kind, uid, user, pid, caller, program, token, certificate, \
             algorithm, digest, reason, result, tries, hash FROM records WHERE seq = 8",
            check::Problem::Hash,
            9,
        ),
        (
            "UPDATE records SET seq = -seq WHERE seq >= 3; UPDATE records SET seq = 1 - seq WHERE seq < 0; \
             INSERT INTO records SELECT 3, time_ms, operation, phase, kind, uid, user, pid, caller, program, token, certificate, \
             algorithm, digest, reason, result, tries, hash FROM records WHERE seq = 1",
            check::Problem::Hash,
            3,
        ),
        // What a naive rewriter does: everything before is gone, and the chain begins after it.
        (
            "UPDATE chain SET base_seq = 4, base_hash = (SELECT hash FROM records WHERE seq = 4); \
             DELETE FROM records WHERE seq <= 4",
            check::Problem::Base,
            4,
        ),
    ];
    for (change, problem, at) in changes {
        let connection = database(folder.path());
        let transaction = connection.unchecked_transaction().unwrap();
        transaction.execute_batch(change).unwrap();
        drop_checked(&transaction, problem, at, change);
    }
}

/// Checks inside an open transaction, which is rolled back.
fn drop_checked(connection: &Connection, problem: check::Problem, at: u64, what: &str) {
    let found = check::check_in(connection).unwrap().problem;
    assert_eq!(found, Some((problem, at)), "{what}");
}

#[tokio::test]
async fn a_database_whose_end_is_missing_records_nothing_until_it_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 2).await;
    database(folder.path()).execute("DELETE FROM records WHERE seq = 4", []).unwrap();
    let (journal, writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let refused = journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap_err();
    assert!(matches!(refused, AuditError::Damaged { .. }), "{refused}");
    assert!(journal.past_tries("00").await.is_err());

    let aside = journal.recover().await.unwrap();
    assert!(folder.path().join(&aside).is_file());
    journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap();
    assert_eq!(journal.recover().await.unwrap(), "", "nothing is wrong any more");
    let entries = journal.list(&Filter::default(), 0, 10).unwrap();
    assert_eq!(entries[0].kind, "recovered");
    assert!(entries[0].reason.contains(&aside));
    writer.finish();
    assert_eq!(verify(folder.path()).problem, None);
}

#[tokio::test]
async fn garbage_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("audit.sqlite"), [7; 8192]).unwrap();
    let (journal, _writer) = Journal::open(folder.path(), FOR_EVER).unwrap();
    let refused = journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap_err();
    assert!(matches!(refused, AuditError::Damaged { .. }), "{refused}");
    journal.recover().await.unwrap();
    journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap();
}

#[tokio::test]
async fn old_records_go_and_the_rest_can_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 20).await;
    let (journal, writer) = Journal::open(folder.path(), Retention { rows: 11, ..FOR_EVER }).unwrap();
    let entries = journal.list(&Filter::default(), 0, 100).unwrap();
    assert_eq!(entries.last().unwrap().kind, "checkpoint");
    // A whole operation goes or stays.
    assert_eq!(entries.last().unwrap().reason, "28 records, 1 to 28, were removed");
    let last_removed = entries.last().unwrap().digest.clone();
    assert_eq!(journal.hashes(&[28, 1, 29, 1000]).unwrap()[..2], [last_removed, String::new()]);
    assert_eq!(journal.hashes(&[29, 1000]).unwrap(), [entries[0].hash.clone(), String::new()]);
    assert_eq!(entries.len(), 6 + 1);
    journal.begin(intent(Operation::Sign), &DIGEST).durable().await.unwrap();
    writer.finish();
    let check = verify(folder.path());
    assert_eq!((check.problem, check.first), (None, 29));
    // Nothing was removed without a word: the base can't be moved by hand.
    for (change, problem, at) in [
        ("DELETE FROM records WHERE seq <= 30; UPDATE chain SET base_seq = 30", check::Problem::Hash, 31),
        ("UPDATE chain SET base_seq = 27", check::Problem::Gap, 28),
        ("UPDATE chain SET base_hash = head_hash", check::Problem::Hash, 29),
        (
            "UPDATE chain SET base_seq = 30, base_hash = (SELECT hash FROM records WHERE seq = 30); \
             DELETE FROM records WHERE seq <= 30",
            check::Problem::Base,
            30,
        ),
    ] {
        let connection = database(folder.path());
        let transaction = connection.unchecked_transaction().unwrap();
        transaction.execute_batch(change).unwrap();
        drop_checked(&transaction, problem, at, change);
    }
    // Once more, and the checkpoint before is among what goes.
    filled(folder.path(), 20).await;
    let (_journal, writer) = Journal::open(folder.path(), Retention { rows: 4, ..FOR_EVER }).unwrap();
    writer.finish();
    let check = verify(folder.path());
    assert_eq!(check.problem, None);
    assert!(check.first > 41, "{check:?}");
}
