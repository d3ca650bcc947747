//! The journal's one writer thread, and the handle that operations hold. Appends that wait together are written in
//! one transaction, so many callers share one synchronisation of the disk.

use super::check::{self, ChainCheck};
use super::query::{self, Entry, Filter};
use super::record::{Intent, PastTry};
use super::retention::Retention;
use super::store::{Append, AuditError, Store, failure};
use super::{publish, recovery};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use ukey_formats::text::without_resident_numbers;

/// Most appends in one transaction.
const GROUP_MAX: usize = 1024;
/// Rows between two looks for old records.
const PRUNE_EVERY: u64 = 1000;

enum Job {
    Write { append: Append, durable: Option<oneshot::Sender<Result<(), AuditError>>> },
    PastTries { token: String, reply: oneshot::Sender<Result<Vec<PastTry>, AuditError>> },
    Recover { reply: oneshot::Sender<Result<String, AuditError>> },
    Finish,
}

/// The journal. Clones write to the same file; it is closed when the last one and its writer are done.
#[derive(Clone)]
pub(crate) struct Journal {
    jobs: mpsc::Sender<Job>,
    next: Arc<AtomicU64>,
    path: PathBuf,
}

/// The journal's thread.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Opens the journal in this folder and closes what a crash left open. A database that can't be used is no error
    /// here: everything that needs a record fails until it is recovered, and the Keys can be looked at.
    pub(crate) fn open(folder: &Path, retention: Retention) -> Result<(Self, Writer), AuditError> {
        let path = folder.join("audit.sqlite");
        let next = Arc::new(AtomicU64::new(1));
        let mut desk = Desk { path: path.clone(), retention, next: Arc::clone(&next), state: Err(AuditError::Closed) };
        desk.open();
        let (jobs, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || desk.work(&inbox))
            .map_err(|error| AuditError::Database { path: path.clone(), message: error.to_string() })?;
        let writer = Writer { jobs: jobs.clone(), thread };
        Ok((Self { jobs, next, path }, writer))
    }

    /// Hands an intent to the writer at once. Await [`Record::durable`] before what it announces is done or shown.
    pub(crate) fn begin(&self, mut intent: Intent) -> Record {
        // What programs write may name a person.
        intent.reason = without_resident_numbers(&intent.reason);
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, durable) = oneshot::channel();
        // A writer that has ended drops the sender, which `durable` reports.
        let _ = self.jobs.send(Job::Write { append: Append::Intent { operation, intent }, durable: Some(sender) });
        Record { operation, durable: Some(durable), jobs: self.jobs.clone() }
    }

    /// The PIN operations of a Key that are on record, the newest last.
    pub(crate) async fn past_tries(&self, token: &str) -> Result<Vec<PastTry>, AuditError> {
        let (reply, answer) = oneshot::channel();
        let _ = self.jobs.send(Job::PastTries { token: token.to_owned(), reply });
        answer.await.unwrap_or(Err(AuditError::Closed))
    }

    /// Moves a database that can't be used aside and begins a new one that says so. Returns the old one's new name, or
    /// nothing when the database is in order.
    pub(crate) async fn recover(&self) -> Result<String, AuditError> {
        let (reply, answer) = oneshot::channel();
        let _ = self.jobs.send(Job::Recover { reply });
        answer.await.unwrap_or(Err(AuditError::Closed))
    }

    /// Verifies the whole chain. Blocks for as long as it takes to read it.
    pub(crate) fn verify(&self) -> Result<ChainCheck, AuditError> {
        self.read(check::check)
    }

    /// At most `count` operations after the one with the id `after`. Blocks.
    pub(crate) fn list(&self, filter: &Filter, after: u64, count: u32) -> Result<Vec<Entry>, AuditError> {
        self.read(|connection| query::list(connection, filter, after, count))
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, AuditError> {
        read(&Store::open_to_read(&self.path)?).map_err(|error| failure(&self.path, &error))
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

/// One operation on record. Dropped without [`Record::finish`], its outcome stays unknown.
#[must_use]
pub(crate) struct Record {
    operation: u64,
    durable: Option<oneshot::Receiver<Result<(), AuditError>>>,
    jobs: mpsc::Sender<Job>,
}

impl Record {
    /// Waits until the intent is on disk.
    pub(crate) async fn durable(&mut self) -> Result<(), AuditError> {
        match self.durable.take() {
            Some(durable) => durable.await.unwrap_or(Err(AuditError::Closed)),
            None => Ok(()),
        }
    }

    /// Records what came of it: `ok` or the error's name.
    pub(crate) fn finish(self, result: &str) {
        self.finish_with_tries(result, None);
    }

    /// The same for a try of a PIN, with the tries that are left, where that is known.
    pub(crate) fn finish_with_tries(self, result: &str, tries: Option<u8>) {
        let append = Append::Result { operation: self.operation, result: result.to_owned(), tries };
        let _ = self.jobs.send(Job::Write { append, durable: None });
    }
}

/// The writer's side.
struct Desk {
    path: PathBuf,
    retention: Retention,
    next: Arc<AtomicU64>,
    state: Result<Store, AuditError>,
}

impl Desk {
    fn open(&mut self) {
        self.state = Store::open(&self.path).and_then(|mut store| {
            let unknown = store.close_open_records()?;
            if unknown > 0 {
                tracing::warn!(
                    unknown,
                    "operations were under way when the service last ended; their outcome is unknown"
                );
            }
            self.next.fetch_max(store.last_operation()? + 1, Ordering::Relaxed);
            Ok(store)
        });
        match &self.state {
            Ok(store) => publish::head(store.head()),
            Err(error) => tracing::error!(%error, "nothing can be recorded, so nothing will be signed"),
        }
        self.prune();
    }

    fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        let mut finished = false;
        while !finished && let Ok(first) = inbox.recv() {
            let (mut appends, mut waiting) = (Vec::new(), Vec::new());
            let mut after = Vec::new();
            for job in std::iter::once(first).chain(inbox.try_iter()).take(GROUP_MAX) {
                match job {
                    Job::Write { append, durable } => {
                        appends.push(append);
                        waiting.extend(durable);
                    }
                    Job::Finish => {
                        finished = true;
                        break;
                    }
                    job => after.push(job),
                }
            }
            let written = self.write(&appends);
            for durable in waiting {
                // The operation may have been dropped meanwhile; its record stands all the same.
                let _ = durable.send(written.clone());
            }
            for job in after {
                self.answer(job);
            }
        }
    }

    fn write(&mut self, appends: &[Append]) -> Result<(), AuditError> {
        let store = self.state.as_mut().map_err(|error| error.clone())?;
        let before = store.head().seq;
        store.append(appends).inspect_err(|error| {
            tracing::error!(%error, records = appends.len(), "records could not be written");
        })?;
        let head = store.head();
        publish::records(appends);
        publish::head_if_due(before, head);
        if head.seq / PRUNE_EVERY != before / PRUNE_EVERY {
            self.prune();
        }
        Ok(())
    }

    fn prune(&mut self) {
        let Ok(store) = &mut self.state else { return };
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        match store.prune(&self.retention, operation) {
            Ok(None) => {}
            Ok(Some(last)) => {
                tracing::info!(last, "old records were removed");
                publish::head(store.head());
            }
            Err(error) => tracing::warn!(%error, "old records could not be removed"),
        }
    }

    fn answer(&mut self, job: Job) {
        match job {
            Job::PastTries { token, reply } => {
                let tries = match &self.state {
                    Ok(store) => store.past_tries(&token),
                    Err(error) => Err(error.clone()),
                };
                let _ = reply.send(tries);
            }
            Job::Recover { reply } => {
                let _ = reply.send(self.recover());
            }
            Job::Write { .. } | Job::Finish => {}
        }
    }

    fn recover(&mut self) -> Result<String, AuditError> {
        if self.state.is_ok() && self.write(&[]).is_ok() && self.is_whole() {
            return Ok(String::new());
        }
        // Closed before its files are moved.
        self.state = Err(AuditError::Closed);
        let aside = recovery::move_aside(&self.path)?;
        self.open();
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        let text = format!("the journal before was moved to {aside}");
        self.write(&[Append::Note { operation, kind: "recovered", text }])?;
        Ok(aside)
    }

    fn is_whole(&self) -> bool {
        let check = Store::open_to_read(&self.path)
            .and_then(|connection| check::check(&connection).map_err(|error| failure(&self.path, &error)));
        check.is_ok_and(|check| check.problem.is_none())
    }
}

#[cfg(test)]
mod tests;
