//! Results of signatures that are not on disk yet. Nothing depends on them at once: they are written with what comes next, so
//! that one signature after another costs one transaction each, or after a moment.

use super::append::Append;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest that a result waits.
pub(super) const COMPANY: Duration = Duration::from_millis(5);

#[derive(Default)]
struct Inner {
    /// Signatures that have no result yet.
    open: usize,
    waiting: Vec<Append>,
}

/// The results that wait. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Results(Arc<Mutex<Inner>>);

/// The place of a result that is to come; given up when dropped.
pub(super) struct Awaited(Results);

impl Results {
    /// There will be one. Before its intent is handed to the writer.
    pub(super) fn await_one(&self) -> Awaited {
        self.lock().open += 1;
        Awaited(self.clone())
    }

    /// Is none there, and none to come?
    pub(super) fn are_all_taken(&self) -> bool {
        let inner = self.lock();
        inner.open == 0 && inner.waiting.is_empty()
    }

    /// Takes those that are there.
    pub(super) fn take(&self) -> Vec<Append> {
        std::mem::take(&mut self.lock().waiting)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited {
    /// Here it is; its intent is on disk.
    pub(super) fn came(self, result: Append) {
        self.0.lock().waiting.push(result);
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
    }
}
