//! The journal's one writer thread. Appends that wait together are written in one transaction, so many callers share one
//! synchronisation of the disk.

use super::append::Append;
use super::error::{AuditError, failure};
use super::linger::Linger;
use super::record::PastTry;
use super::results::{COMPANY, Results};
use super::retention::Retention;
use super::store::Store;
use super::{check, publish, recovery};
use std::iter;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most appends in one transaction.
const GROUP_MAX: usize = 1024;
/// Rows between two looks for old records.
const PRUNE_EVERY: u64 = 1000;
/// Time between two attempts to open a database that could not be opened.
const OPEN_AGAIN: Duration = Duration::from_secs(1);
/// With more signatures under way, appends may gather for as long as a result may wait: the Key is busy with others.
const FEW: usize = 8;
/// Most results that are kept for when there is room for them.
const OWED_MAX: usize = 4096;

/// What is handed to the writer.
pub(super) enum Job {
    Write {
        /// Written together, or not at all.
        appends: Vec<Append>,
        durable: Option<oneshot::Sender<Result<(), AuditError>>>,
    },
    PastTries {
        token: String,
        reply: oneshot::Sender<Result<Vec<PastTry>, AuditError>>,
    },
    Recover {
        reply: oneshot::Sender<Result<String, AuditError>>,
    },
    /// Results have waited long enough.
    Look,
    /// Answered when everything so far is written.
    Settle {
        reply: mpsc::Sender<()>,
    },
    Finish,
}

/// The writer's side.
pub(super) struct Desk {
    path: PathBuf,
    retention: Retention,
    /// Number of the next operation.
    next: Arc<AtomicU64>,
    state: Result<Store, AuditError>,
    /// When it was tried to open the database last.
    tried: Instant,
    /// Operations before this one are of an earlier database, or of none.
    first: u64,
    /// Results that could not be written: their operations are on record, and wait for them.
    owed: Vec<Append>,
    results: Results,
    linger: Linger,
}

impl Desk {
    /// Opens the database, if it can be opened.
    pub(super) fn open(
        path: PathBuf,
        retention: Retention,
        next: Arc<AtomicU64>,
        (results, linger): (Results, Linger),
    ) -> Self {
        let (state, tried) = (Err(AuditError::Closed), Instant::now());
        let mut desk = Self { path, retention, next, state, tried, first: 0, owed: Vec::new(), results, linger };
        desk.open_now();
        desk
    }

    fn open_now(&mut self) {
        self.tried = Instant::now();
        self.owed.clear();
        self.state = Store::open(&self.path).and_then(|mut store| {
            let (unknown, places) = store.close_open_records()?;
            if !unknown.is_empty() {
                tracing::warn!(
                    unknown = unknown.len(),
                    "operations were under way when the service last ended; their outcome is unknown"
                );
            }
            publish::records(store.chain(), &unknown, &places);
            let unused = store.last_operation()? + 1;
            self.first = self.next.fetch_max(unused, Ordering::Relaxed).max(unused);
            Ok(store)
        });
        match &self.state {
            Ok(store) => publish::head(store.chain(), store.head()),
            Err(error) => tracing::error!(%error, "nothing can be recorded, so nothing will be signed"),
        }
        self.prune();
    }

    /// The database; one that could not be opened for want of space or rights is tried again: that passes by itself. Damage
    /// does not.
    fn store(&mut self) -> Result<&mut Store, AuditError> {
        if matches!(self.state, Err(AuditError::Database { .. })) && self.tried.elapsed() >= OPEN_AGAIN {
            self.open_now();
        }
        self.state.as_mut().map_err(|error| error.clone())
    }

    /// Works until everything handed over before [`Job::Finish`] is done.
    pub(super) fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        let mut finished = false;
        while !finished && let Ok(first) = inbox.recv() {
            if self.results.under_way() > FEW {
                self.linger.pause(COMPANY);
            }
            // Opens the database again where it is time to.
            let _ = self.store();
            let (mut fresh, mut waiting, mut after) = (Vec::new(), Vec::new(), Vec::new());
            for job in iter::once(first).chain(inbox.try_iter()).take(GROUP_MAX) {
                match job {
                    Job::Write { appends: older, durable }
                        if older.iter().any(|older| older.operation() < self.first) =>
                    {
                        let _ = durable.map(|durable| durable.send(Err(AuditError::Closed)));
                        tracing::debug!(records = older.len(), "of an earlier database");
                    }
                    Job::Write { appends: more, durable } => {
                        fresh.extend(more);
                        waiting.extend(durable);
                    }
                    Job::Finish => {
                        finished = true;
                        break;
                    }
                    job => after.push(job),
                }
            }
            // After the jobs were taken: whoever asks for all so far to be written has handed over these before.
            let results = self.results.take();
            let mut appends = std::mem::take(&mut self.owed);
            appends.extend(results.into_iter().filter(|result| result.operation() >= self.first));
            appends.extend(fresh);
            let written = self.write(&appends);
            if written.is_err() {
                self.owed.extend(appends.into_iter().filter(Append::is_result).take(OWED_MAX));
            }
            for durable in waiting {
                // The operation may have been dropped meanwhile; its record stands all the same.
                let _ = durable.send(written.clone());
            }
            for job in after {
                self.answer(job);
            }
        }
        if let Ok(store) = &self.state {
            publish::head(store.chain(), store.head());
        }
    }

    fn write(&mut self, appends: &[Append]) -> Result<(), AuditError> {
        // Opened before the jobs were taken, or not: which records are of this database was decided by then.
        let store = self.state.as_mut().map_err(|error| error.clone())?;
        let before = store.head().seq;
        let places = store.append(appends).inspect_err(|error| {
            tracing::error!(%error, records = appends.len(), "records could not be written");
        })?;
        let head = store.head();
        publish::records(store.chain(), appends, &places);
        publish::head_if_due(store.chain(), before, head);
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
                publish::head(store.chain(), store.head());
            }
            Err(error) => tracing::warn!(%error, "old records could not be removed"),
        }
    }

    fn answer(&mut self, job: Job) {
        match job {
            Job::PastTries { token, reply } => {
                let _ = reply.send(self.store().and_then(|store| store.past_tries(&token)));
            }
            Job::Recover { reply } => {
                let _ = reply.send(self.recover());
            }
            Job::Settle { reply } => {
                // Whoever waits may have given up.
                let _ = reply.send(());
            }
            Job::Write { .. } | Job::Look | Job::Finish => {}
        }
    }

    fn recover(&mut self) -> Result<String, AuditError> {
        if self.write(&[]).is_ok() && self.is_whole() {
            return Ok(String::new());
        }
        let before = self.state.as_ref().map_or_else(|_| String::new(), |store| store.chain().to_owned());
        // Closed before its files are moved.
        self.state = Err(AuditError::Closed);
        let moved = recovery::move_aside(&self.path);
        self.open_now();
        let aside = moved?;
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        let text = format!("the journal before was moved to {aside}");
        self.write(&[Append::Note { operation, kind: "recovered", text, hash: None }])?;
        publish::recovered(self.store()?.chain(), &before, &aside);
        Ok(aside)
    }

    fn is_whole(&self) -> bool {
        let check = Store::open_to_read(&self.path)
            .and_then(|connection| check::check(&connection).map_err(|error| failure(&self.path, &error)));
        check.is_ok_and(|check| check.problem.is_none())
    }
}
