//! Signing lanes: threads with a session each, which share the work of one login.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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

/// The jobs of a login that wait for a lane. One that comes wakes one lane.
#[derive(Default)]
struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    fn push(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.changed.notify_one();
    }

    /// Waits for the next job; none once it is closed.
    fn next(&self) -> Option<Job> {
        let is_idle = |waiting: &mut Waiting| waiting.jobs.is_empty() && !waiting.closed;
        let waited = self.changed.wait_while(self.lock(), is_idle);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        if waiting.closed { None } else { waiting.jobs.pop_front() }
    }

    /// Ends the lanes once they are done with what they work on, and gives what nobody will work on.
    fn close(&self) -> VecDeque<Job> {
        let mut waiting = self.lock();
        waiting.closed = true;
        self.changed.notify_all();
        std::mem::take(&mut waiting.jobs)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A poisoned lock can't happen: a panic aborts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entrances of every login, shared by the reader, which gives out work, and the control thread, which opens and
/// closes them.
#[derive(Clone, Default)]
pub(crate) struct Entrances {
    of_token: Arc<Mutex<HashMap<TokenRef, Arc<Queue>>>>,
}

impl Entrances {
    /// Queues a batch with the lanes of a token; refused when nobody is logged in there.
    pub(crate) fn submit(&self, token: TokenRef, batch: Batch) -> Result<(), Failure> {
        // Locked meanwhile: a queue that is in the table is open.
        let entrances = self.lock();
        let queue = entrances.get(&token).ok_or_else(not_logged_in)?;
        let batch = Arc::new(batch);
        for index in 0..batch.digests.len() {
            queue.push(Job { batch: Arc::clone(&batch), index });
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenRef, Arc<Queue>>> {
        self.of_token.lock().unwrap_or_else(PoisonError::into_inner)
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
        let queue = Arc::new(Queue::default());
        let mut threads = Vec::with_capacity(sessions.len());
        for session in sessions {
            let lane = Lane { raw: Arc::clone(raw), session, keys: Vec::new() };
            let jobs = Arc::clone(&queue);
            let thread = thread::Builder::new().name("lane".into()).stack_size(module::STACK_SIZE);
            match thread.spawn(move || lane.run(&jobs)) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    drop(queue.close());
                    join(threads);
                    return Err(error);
                }
            }
        }
        entrances.lock().insert(token, queue);
        Ok(Self { token, entrances: entrances.clone(), threads })
    }

    /// Waits for the work that runs, refuses the work that waits, and closes the sessions.
    pub(crate) fn close(self) {
        let queue = self.entrances.lock().remove(&self.token);
        for Job { batch, index } in queue.iter().flat_map(|queue| queue.close()) {
            batch.finish(index, Err(not_logged_in()));
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
    fn run(mut self, queue: &Queue) {
        while let Some(Job { batch, index }) = queue.next() {
            let outcome = if Instant::now() >= batch.deadline {
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
