//! The journal's one writer thread, and the handle that operations hold. Appends that wait together are written in
//! one transaction, so many callers share one synchronisation of the disk.

use super::record::{Intent, PastTry};
use super::store::{Append, AuditError, Store};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Most appends in one transaction.
const GROUP_MAX: usize = 1024;

enum Job {
    Write { append: Append, durable: Option<oneshot::Sender<Result<(), AuditError>>> },
    PastTries { token: String, reply: oneshot::Sender<Result<Vec<PastTry>, AuditError>> },
    Finish,
}

/// The journal. Clones write to the same file; it is closed when the last one and its writer are done.
#[derive(Clone)]
pub(crate) struct Journal {
    jobs: mpsc::Sender<Job>,
    next: Arc<AtomicU64>,
}

/// The journal's thread.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Opens the journal in this folder and closes what a crash left open.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Writer), AuditError> {
        let path = folder.join("audit.sqlite");
        let mut store = Store::open(&path)?;
        let unknown = store.close_open_records()?;
        if unknown > 0 {
            tracing::warn!(unknown, "operations were under way when the service last ended; their outcome is unknown");
        }
        let next = Arc::new(AtomicU64::new(store.last_operation()? + 1));
        let (jobs, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write_all(&mut store, &inbox))
            .map_err(|error| AuditError::Database { path, message: error.to_string() })?;
        let writer = Writer { jobs: jobs.clone(), thread };
        Ok((Self { jobs, next }, writer))
    }

    /// Hands an intent to the writer at once. Await [`Entry::durable`] before what it announces is done or shown.
    pub(crate) fn begin(&self, intent: Intent) -> Entry {
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, durable) = oneshot::channel();
        // A writer that has ended drops the sender, which `durable` reports.
        let _ = self.jobs.send(Job::Write { append: Append::Intent { operation, intent }, durable: Some(sender) });
        Entry { operation, durable: Some(durable), jobs: self.jobs.clone() }
    }

    /// The PIN operations of a Key that are on record, the newest last.
    pub(crate) async fn past_tries(&self, token: &str) -> Result<Vec<PastTry>, AuditError> {
        let (reply, answer) = oneshot::channel();
        let _ = self.jobs.send(Job::PastTries { token: token.to_owned(), reply });
        answer.await.unwrap_or(Err(AuditError::Closed))
    }
}

impl Writer {
    /// Waits until everything handed over so far is written. What comes later is refused.
    pub(crate) fn finish(self) {
        // A thread that has ended already is joined below.
        let _ = self.jobs.send(Job::Finish);
        if self.thread.join().is_err() {
            tracing::error!("the audit writer panicked");
        }
    }
}

/// One operation on record. Dropped without [`Entry::finish`], its outcome stays unknown.
#[must_use]
pub(crate) struct Entry {
    operation: u64,
    durable: Option<oneshot::Receiver<Result<(), AuditError>>>,
    jobs: mpsc::Sender<Job>,
}

impl Entry {
    /// Waits until the intent is on disk.
    pub(crate) async fn durable(&mut self) -> Result<(), AuditError> {
        match self.durable.take() {
            Some(durable) => durable.await.unwrap_or(Err(AuditError::Closed)),
            None => Ok(()),
        }
    }

    /// Records what came of it: `ok` or the error's name.
    pub(crate) fn finish(self, result: &str) {
        let append = Append::Result { operation: self.operation, result: result.to_owned() };
        let _ = self.jobs.send(Job::Write { append, durable: None });
    }
}

fn write_all(store: &mut Store, inbox: &mpsc::Receiver<Job>) {
    let mut finished = false;
    while !finished && let Ok(first) = inbox.recv() {
        let (mut appends, mut waiting, mut questions) = (Vec::new(), Vec::new(), Vec::new());
        for job in std::iter::once(first).chain(inbox.try_iter()).take(GROUP_MAX) {
            match job {
                Job::Write { append, durable } => {
                    appends.push(append);
                    waiting.extend(durable);
                }
                Job::PastTries { token, reply } => questions.push((token, reply)),
                Job::Finish => {
                    finished = true;
                    break;
                }
            }
        }
        let written = if appends.is_empty() { Ok(()) } else { store.append(&appends) };
        if let Err(error) = &written {
            tracing::error!(%error, records = appends.len(), "records could not be written");
        }
        for durable in waiting {
            // The operation may have been dropped meanwhile; its record stands all the same.
            let _ = durable.send(written.clone());
        }
        for (token, reply) in questions {
            let _ = reply.send(store.past_tries(&token));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Operation;
    use super::*;

    fn intent() -> Intent {
        Intent {
            operation: Operation::Sign,
            uid: 1000,
            pid: 1,
            caller: ":1.1".into(),
            token: "00".into(),
            certificate: "aa".into(),
            algorithm: "ECDSA-SHA256",
            digest: vec![7; 32],
            reason: "订单".into(),
        }
    }

    fn results(folder: &Path) -> Vec<(i64, Option<String>)> {
        let connection = rusqlite::Connection::open(folder.join("audit.sqlite")).unwrap();
        let mut statement = connection.prepare("SELECT operation, result FROM records ORDER BY seq").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn an_operation_left_open_is_unknown_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, writer) = Journal::open(folder.path()).unwrap();
        let mut finished = journal.begin(intent());
        let mut open = journal.begin(intent());
        finished.durable().await.unwrap();
        open.durable().await.unwrap();
        finished.finish("ok");
        drop(open);
        writer.finish();

        let (_journal, writer) = Journal::open(folder.path()).unwrap();
        writer.finish();
        let expected = [(1, None), (2, None), (1, Some("ok".into())), (2, Some("outcome-unknown".into()))];
        assert_eq!(results(folder.path()), expected);
    }

    #[tokio::test]
    async fn a_deleted_journal_is_an_error_not_a_silent_loss() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _writer) = Journal::open(folder.path()).unwrap();
        std::fs::remove_file(folder.path().join("audit.sqlite")).unwrap();
        let error = journal.begin(intent()).durable().await.unwrap_err();
        assert!(matches!(error, AuditError::Gone { .. }), "{error}");
    }
}
