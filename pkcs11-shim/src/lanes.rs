//! Signing lanes: threads with a session each, which share the work of one login.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use ukey_shim_protocol::{Failure, FailureKind, KeyRef, SignScheme, TokenRef};

use crate::batch::{Batch, Outcome};
use crate::raw::RawFunctions;
use crate::{failure, keys, module, signing};

struct Job {
    batch: Arc<Batch>,
    index: usize,
}

/// Where the jobs of a login go in.
struct Entrance {
    jobs: Sender<Job>,
    closed: Arc<AtomicBool>,
}

/// The entrances of every login, shared by the reader, which gives out work, and the control thread, which opens and
/// closes them.
#[derive(Clone, Default)]
pub(crate) struct Entrances {
    of_token: Arc<Mutex<HashMap<TokenRef, Entrance>>>,
}

impl Entrances {
    /// Queues a batch with the lanes of a token; refused when nobody is logged in there.
    pub(crate) fn submit(&self, token: TokenRef, batch: Batch) -> Result<(), Failure> {
        let entrances = self.of_token.lock().unwrap_or_else(PoisonError::into_inner);
        let entrance = entrances.get(&token).ok_or_else(not_logged_in)?;
        let batch = Arc::new(batch);
        for index in 0..batch.digests.len() {
            let job = Job { batch: Arc::clone(&batch), index };
            // The lanes live as long as the entrance is in the table.
            if let Err(mpsc::SendError(job)) = entrance.jobs.send(job) {
                job.batch.finish(job.index, Err(not_logged_in()));
            }
        }
        Ok(())
    }
}

/// The lanes of one login.
pub(crate) struct Lanes {
    token: TokenRef,
    entrances: Entrances,
    threads: Vec<JoinHandle<()>>,
}

impl Lanes {
    /// Starts one lane for each session, at least one, and opens the entrance.
    pub(crate) fn start(
        token: TokenRef,
        sessions: Vec<Session>,
        raw: &Arc<RawFunctions>,
        entrances: &Entrances,
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let closed = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::with_capacity(sessions.len());
        for session in sessions {
            let lane = Lane { raw: Arc::clone(raw), session, keys: Vec::new() };
            let (queue, closed) = (Arc::clone(&queue), Arc::clone(&closed));
            let thread = thread::Builder::new().name("lane".into()).stack_size(module::STACK_SIZE);
            match thread.spawn(move || lane.run(&queue, &closed)) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    drop(jobs);
                    join(threads);
                    return Err(error);
                }
            }
        }
        entrances.of_token.lock().unwrap_or_else(PoisonError::into_inner).insert(token, Entrance { jobs, closed });
        Ok(Self { token, entrances: entrances.clone(), threads })
    }

    /// Waits for the work that runs, refuses the work that waits, and closes the sessions.
    pub(crate) fn close(self) {
        let entrance = self.entrances.of_token.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
        if let Some(Entrance { jobs, closed }) = entrance {
            closed.store(true, Ordering::Release);
            drop(jobs);
        }
        join(self.threads);
    }
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        // A panic aborts, so this can't be an error.
        let _ = thread.join();
    }
}

/// One session and the keys that it has found.
struct Lane {
    raw: Arc<RawFunctions>,
    session: Session,
    keys: Vec<FoundKey>,
}

struct FoundKey {
    name: KeyRef,
    scheme: SignScheme,
    handle: ObjectHandle,
}

impl Lane {
    fn run(mut self, queue: &Mutex<Receiver<Job>>, closed: &AtomicBool) {
        loop {
            // The lock is held while waiting: the other idle lanes wait for the lock instead of the job.
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { batch, index }) = next else { return };
            let outcome = if closed.load(Ordering::Acquire) {
                Err(not_logged_in())
            } else if Instant::now() >= batch.deadline {
                Err(failure::without_module(FailureKind::Busy))
            } else {
                self.sign(&batch, index)
            };
            batch.finish(index, outcome);
        }
    }

    fn sign(&mut self, batch: &Batch, index: usize) -> Outcome {
        let key = self.key(&batch.key, batch.scheme)?;
        signing::begin(&self.raw, &self.session, batch.scheme, key)
            .and_then(|()| signing::finish(&self.raw, &self.session, batch.scheme, &batch.digests[index]))
            .inspect_err(|failure| {
                if failure.kind == FailureKind::KeyNotFound {
                    self.keys.clear();
                }
            })
    }

    /// The handle of a private key that signs; looked up once for a login.
    fn key(&mut self, name: &KeyRef, scheme: SignScheme) -> Result<ObjectHandle, Failure> {
        let same = |found: &&FoundKey| keys::same_kind(found.scheme, scheme) && found.name == *name;
        if let Some(found) = self.keys.iter().find(same) {
            return Ok(found.handle);
        }
        let handle = keys::find(&self.raw, &self.session, name, scheme)?;
        self.keys.push(FoundKey { name: name.clone(), scheme, handle });
        Ok(handle)
    }
}

fn not_logged_in() -> Failure {
    failure::without_module(FailureKind::NotLoggedIn)
}
