//! Everything that is counted.

use super::course::{Course, Span, unix_us};
use super::histogram::{Histogram, micros};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use ukey_dbus::{Algorithm, CallKind, ErrorKind};

/// Calls that are remembered one by one.
const REMEMBERED: usize = 512;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Combination {
    pub(crate) kind: CallKind,
    /// Of signatures.
    pub(crate) algorithm: Option<Algorithm>,
    /// `ok`, or the short name of an error.
    pub(crate) result: &'static str,
}

/// How often, and the times of those that were measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    pub(crate) times: Histogram,
}

type Table = BTreeMap<Combination, Counted>;

/// A call that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// Grows by one with each call.
    pub(crate) id: u64,
    pub(crate) kind: CallKind,
    pub(crate) result: &'static str,
    /// Unix microseconds.
    pub(crate) started_us: u64,
    pub(crate) took_us: u64,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) certificate: String,
    pub(crate) signatures: u64,
    pub(crate) leave: Option<Span>,
    pub(crate) key: Option<Span>,
}

/// All counts at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    /// When counting began, Unix milliseconds.
    pub(crate) since_ms: u64,
    /// Id of the last call that has ended; 0 when there is none.
    pub(crate) last: u64,
    pub(crate) calls: Vec<(Combination, Counted)>,
    pub(crate) signatures: Vec<(Combination, Counted)>,
}

/// The counters. Combinations are few by construction: words of the contract only.
#[derive(Debug)]
pub(crate) struct Statistics {
    since_ms: u64,
    tally: Mutex<Tally>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Tally {
    last: u64,
    calls: Table,
    signatures: Table,
    ended: VecDeque<Ended>,
}

fn word<T>(result: Result<&T, ErrorKind>) -> &'static str {
    result.map_or_else(ErrorKind::short_name, |_| "ok")
}

impl Statistics {
    /// Counts from this moment on.
    pub(crate) fn new() -> Self {
        Self { since_ms: unix_us() / 1000, tally: Mutex::default(), changed: Notify::new() }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A signature was made, or not; `key` is the time that the Key took, where it is known by itself.
    pub(crate) fn signature<T>(
        &self,
        course: &Course,
        algorithm: Algorithm,
        result: Result<&T, ErrorKind>,
        key: Option<Duration>,
    ) {
        if result.is_ok() {
            course.known().signatures += 1;
        }
        let combination = Combination { kind: course.kind(), algorithm: Some(algorithm), result: word(result) };
        let mut tally = self.tally();
        let counted = tally.signatures.entry(combination).or_default();
        counted.count += 1;
        if let Some(time) = key {
            counted.times.add(time);
        }
    }

    /// A call has ended.
    pub(crate) fn call<T>(&self, course: &Course, result: Result<&T, ErrorKind>) {
        let (took, result) = (course.took(), word(result));
        let combination = Combination { kind: course.kind(), algorithm: None, result };
        let known = course.known().clone();
        let mut tally = self.tally();
        let counted = tally.calls.entry(combination).or_default();
        counted.count += 1;
        counted.times.add(took);
        tally.last += 1;
        if tally.ended.len() == REMEMBERED {
            tally.ended.pop_front();
        }
        let ended = Ended {
            id: tally.last,
            kind: course.kind(),
            result,
            started_us: course.started_us(),
            took_us: micros(took),
            algorithm: known.algorithm,
            certificate: known.certificate,
            signatures: known.signatures,
            leave: known.leave,
            key: known.key,
        };
        tally.ended.push_back(ended);
        drop(tally);
        self.changed.notify_one();
    }

    /// Waits until a call has ended since the last time.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All counts, and the calls after this one that are still remembered, the oldest first.
    pub(crate) fn read(&self, after: u64) -> (Totals, Vec<Ended>) {
        let tally = self.tally();
        let list = |table: &Table| table.iter().map(|(combination, counted)| (*combination, counted.clone())).collect();
        let totals = Totals {
            since_ms: self.since_ms,
            last: tally.last,
            calls: list(&tally.calls),
            signatures: list(&tally.signatures),
        };
        (totals, tally.ended.iter().filter(|call| call.id > after).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        Course::begin(CallKind::SignData)
    }

    #[test]
    fn calls_and_signatures_are_counted_by_what_they_came_to() {
        let statistics = Statistics::new();
        let course = course();
        course.is_about(Algorithm::EcdsaSha256, "0123456789abcdef");
        statistics.signature(&course, Algorithm::EcdsaSha256, Ok(&()), Some(Duration::from_millis(3)));
        statistics.signature::<()>(&course, Algorithm::EcdsaSha256, Err(ErrorKind::TokenRemoved), None);
        statistics.call(&course, Ok(&()));
        let (totals, calls) = statistics.read(0);
        let rows: Vec<_> = totals
            .signatures
            .iter()
            .map(|(row, counted)| (row.result, counted.count, counted.times.sum_us()))
            .collect();
        assert_eq!(rows, [("TokenRemoved", 1, 0), ("ok", 1, 3_000)]);
        assert_eq!(totals.calls.len(), 1);
        assert_eq!((calls[0].id, calls[0].signatures, calls[0].certificate.len()), (1, 1, 16));
    }

    #[test]
    fn the_last_calls_are_remembered_and_no_more() {
        let statistics = Statistics::new();
        for _ in 0..REMEMBERED + 3 {
            statistics.call(&course(), Ok(&()));
        }
        let (totals, calls) = statistics.read(0);
        assert_eq!((calls.len(), calls[0].id, totals.last), (REMEMBERED, 4, 515));
        assert_eq!(statistics.read(513).1.len(), 2);
        assert!(statistics.read(u64::MAX).1.is_empty());
    }
}
