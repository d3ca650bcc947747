//! The journal as operations hold it: appends go to its one writer thread; who reads opens the database beside it.

use super::append::{Append, Tried};
use super::check::{self, ChainCheck};
use super::desk::{Desk, Job};
use super::error::{AuditError, failure};
use super::linger::Linger;
use super::query::{self, Entry, Filter};
use super::record::{Intent, Operation, PastTry};
use super::results::{Awaited, COMPANY, Results};
use super::retention::Retention;
use super::store::Store;
use rusqlite::Connection;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use ukey_formats::text::without_resident_numbers;

/// The journal. Clones write to the same file; it is closed when the last one and its writer are done.
#[derive(Clone)]
pub(crate) struct Journal {
    jobs: Jobs,
    results: Results,
    next: Arc<AtomicU64>,
    path: PathBuf,
}

/// The way to the writer.
#[derive(Clone)]
struct Jobs {
    sender: mpsc::Sender<Job>,
    linger: Linger,
}

impl Jobs {
    /// To be done with what else comes. False: the writer has ended.
    fn gather(&self, job: Job) -> bool {
        self.sender.send(job).is_ok()
    }

    /// To be done now.
    fn send(&self, job: Job) -> bool {
        let sent = self.gather(job);
        self.linger.hurry();
        sent
    }
}

/// The journal's thread.
pub(crate) struct Writer {
    jobs: Jobs,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Opens the journal in this folder and closes what a crash left open. A database that can't be used is no error
    /// here: everything that needs a record fails until it is recovered, and the Keys can be looked at.
    pub(crate) fn open(folder: &Path, retention: Retention) -> Result<(Self, Writer), AuditError> {
        let path = folder.join("audit.sqlite");
        let next = Arc::new(AtomicU64::new(1));
        let results = Results::default();
        let linger = Linger::default();
        let company = (results.clone(), linger.clone());
        let desk = Desk::open(path.clone(), retention, Arc::clone(&next), company);
        let (sender, inbox) = mpsc::channel();
        let jobs = Jobs { sender, linger };
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || desk.work(&inbox))
            .map_err(|error| AuditError::Database { path: path.clone(), message: error.to_string() })?;
        let writer = Writer { jobs: jobs.clone(), thread };
        Ok((Self { jobs, results, next, path }, writer))
    }

    /// Hands an intent to the writer at once, with the digest to sign, which is empty where none is meant. Await
    /// [`Record::durable`] before what it announces is done or shown.
    pub(crate) fn begin(&self, intent: Intent, digest: &[u8]) -> Record {
        let (append, mut record) = self.record(&Arc::new(masked(intent)), digest);
        record.durable = Some(self.write(vec![append]));
        record
    }

    /// The same for signatures of many digests, all that the intent says otherwise being the same. Their intents are on disk
    /// together.
    pub(crate) fn begin_all(&self, intent: Intent, digests: &[Vec<u8>]) -> (Durable, Vec<Record>) {
        let intent = Arc::new(masked(intent));
        let (appends, records) = digests.iter().map(|digest| self.record(&intent, digest)).unzip();
        (self.write(appends), records)
    }

    fn record(&self, intent: &Arc<Intent>, digest: &[u8]) -> (Append, Record) {
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        // Whoever signs next does not wait for the result of this; whoever tries a PIN next does.
        let result = (intent.operation == Operation::Sign).then(|| self.results.await_one());
        let tried = Tried::of(intent.operation, &intent.token);
        let record = Record { operation, durable: None, jobs: self.jobs.clone(), result, tried };
        (Append::Intent { operation, intent: Arc::clone(intent), digest: digest.to_vec() }, record)
    }

    fn write(&self, appends: Vec<Append>) -> Durable {
        let (sender, durable) = oneshot::channel();
        // A writer that has ended drops the sender, which the other end reports.
        self.jobs.gather(Job::Write { appends, durable: Some(sender) });
        Durable { reply: durable, linger: self.jobs.linger.clone() }
    }

    /// The PIN operations of a Key that are on record, the newest last.
    pub(crate) async fn past_tries(&self, token: &str) -> Result<Vec<PastTry>, AuditError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::PastTries { token: token.to_owned(), reply });
        answer.await.unwrap_or(Err(AuditError::Closed))
    }

    /// Moves a database that can't be used aside and begins a new one that says so. Returns the old one's new name, or
    /// nothing when the database is in order.
    pub(crate) async fn recover(&self) -> Result<String, AuditError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Recover { reply });
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

    /// Hashes of these rows of the chain, in the order of the question; see [`query::hashes`]. Blocks.
    pub(crate) fn hashes(&self, rows: &[u64]) -> Result<Vec<String>, AuditError> {
        self.read(|connection| query::hashes(connection, rows))
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, AuditError> {
        // With the results that wait; where there is no writer any more, with what is there.
        let (reply, settled) = mpsc::channel();
        if self.jobs.send(Job::Settle { reply }) {
            let _ = settled.recv();
        }
        read(&Store::open_to_read(&self.path)?).map_err(|error| failure(&self.path, &error))
    }
}

impl Writer {
    /// Waits until everything handed over so far is written. What comes later is refused.
    pub(crate) fn finish(self) {
        self.jobs.send(Job::Finish);
        // A panic ends the service, so this can't be an error.
        let _ = self.thread.join();
    }
}

/// What programs write may name a person, and so may a path in somebody's home.
fn masked(mut intent: Intent) -> Intent {
    for text in [&mut intent.reason, &mut intent.program] {
        *text = match without_resident_numbers(text) {
            Cow::Borrowed(_) => continue,
            Cow::Owned(masked) => masked,
        };
    }
    intent
}

/// Intents that are on their way to the disk.
#[must_use]
pub(crate) struct Durable {
    reply: oneshot::Receiver<Result<(), AuditError>>,
    linger: Linger,
}

impl Durable {
    /// Waits until they are there.
    pub(crate) async fn reached(mut self) -> Result<(), AuditError> {
        if let Ok(done) = self.reply.try_recv() {
            return done;
        }
        self.linger.hurry();
        self.reply.await.unwrap_or(Err(AuditError::Closed))
    }
}

/// One operation on record. Dropped without [`Record::finish`], its outcome stays unknown.
#[must_use]
pub(crate) struct Record {
    operation: u64,
    durable: Option<Durable>,
    jobs: Jobs,
    /// Where the result can wait for company.
    result: Option<Awaited>,
    tried: Option<Tried>,
}

impl Record {
    /// Waits until the intent is on disk.
    pub(crate) async fn durable(&mut self) -> Result<(), AuditError> {
        match self.durable.take() {
            Some(durable) => durable.reached().await,
            None => Ok(()),
        }
    }

    /// Records what came of it, `ok` or the error's name, a moment later.
    pub(crate) fn finish(mut self, result: &'static str) {
        let awaited = self.result.take();
        let jobs = self.jobs.clone();
        let append = self.came_to(result, None);
        let Some(awaited) = awaited else {
            jobs.send(Job::Write { appends: vec![append], durable: None });
            return;
        };
        if let Some(results) = awaited.came(append) {
            tokio::spawn(async move {
                tokio::time::sleep(COMPANY).await;
                if results.still_wait() {
                    jobs.send(Job::Look);
                }
            });
        }
    }

    /// The same for a try of a PIN, with the tries that are left, where that is known. Waits until the writer is done with it:
    /// a try whose end somebody has heard of is not taken for one of unknown outcome after a crash.
    pub(crate) async fn finish_try(self, result: &'static str, tries: Option<u8>) {
        let jobs = self.jobs.clone();
        let (sender, done) = oneshot::channel();
        jobs.send(Job::Write { appends: vec![self.came_to(result, tries)], durable: Some(sender) });
        // What could not be written is owed, and the writer has said so.
        let _ = done.await;
    }

    fn came_to(self, result: &'static str, tries: Option<u8>) -> Append {
        Append::Result { operation: self.operation, result, tries, tried: self.tried }
    }
}

#[cfg(test)]
mod tests;
