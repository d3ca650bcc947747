//! Results of signatures that are not on disk yet. Nothing depends on them at once: they are written with what comes next, so
//! that one signature after another costs one transaction each, or after a moment. Nobody is woken for them sooner.

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
    /// In a moment somebody looks whether some still wait.
    watched: bool,
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

    /// How many signatures have no result yet.
    pub(super) fn under_way(&self) -> usize {
        self.lock().open
    }

    /// The moment is over: has nobody taken them?
    pub(super) fn still_wait(&self) -> bool {
        let mut inner = self.lock();
        inner.watched = false;
        !inner.waiting.is_empty()
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
    /// Here it is; its intent is on disk. Gives the results, where somebody has to ask after [`COMPANY`] whether they
    /// [still wait](Results::still_wait).
    pub(super) fn came(self, result: Append) -> Option<Results> {
        let mut inner = self.0.lock();
        inner.waiting.push(result);
        let watched = std::mem::replace(&mut inner.watched, true);
        drop(inner);
        (!watched).then(|| self.0.clone())
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::Journal;
    use super::super::query::Filter;
    use super::super::record::{Intent, Operation};
    use super::super::retention::Retention;
    use std::time::Duration;

    #[tokio::test]
    async fn who_reads_sees_each_result_that_came_before() {
        let folder = tempfile::tempdir().unwrap();
        let retention = Retention { keep: Duration::from_secs(1 << 40), rows: u64::MAX };
        let (journal, writer) = Journal::open(folder.path(), retention).unwrap();
        let intent = Intent {
            operation: Operation::Sign,
            uid: 0,
            pid: 1,
            caller: ":1.1".into(),
            program: String::new(),
            token: "00".into(),
            certificate: "aa".into(),
            algorithm: "ECDSA-SHA256",
            reason: String::new(),
        };
        let mut last = 0;
        for round in 0..500 {
            let (durable, records) = journal.begin_all(intent.clone(), &[vec![1; 32], vec![2; 32]]);
            durable.reached().await.unwrap();
            records.into_iter().for_each(|record| record.finish("ok"));
            let entries = journal.list(&Filter::default(), last, 10).unwrap();
            let results: Vec<_> = entries.iter().map(|entry| entry.result.as_str()).collect();
            assert_eq!(results, ["ok", "ok"], "round {round}");
            last = entries[1].id;
        }
        writer.finish();
    }
}
