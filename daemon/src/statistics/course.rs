//! One call's course: what it is about and how long its parts took.

use super::histogram::micros;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ukey_dbus::{Algorithm, CallKind};

/// Parts of a call that are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Login and consent, dialogs included.
    Leave,
    /// The Key works, or others are before this call there.
    Key,
}

/// When a part began after the call's start, and how long it took, in microseconds: from its first
/// beginning to its last end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from_us: u64,
    pub(crate) took_us: u64,
}

/// What is known of a call while it runs.
#[derive(Debug)]
pub(crate) struct Course {
    kind: CallKind,
    start: Instant,
    started_us: u64,
    known: Mutex<Known>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) algorithm: Option<Algorithm>,
    /// Begin of the certificate's fingerprint.
    pub(super) certificate: String,
    pub(super) signatures: u64,
    pub(super) leave: Option<Span>,
    pub(super) key: Option<Span>,
}

impl Course {
    /// A call that begins now.
    pub(crate) fn begin(kind: CallKind) -> Self {
        Self { kind, start: Instant::now(), started_us: unix_us(), known: Mutex::default() }
    }

    pub(super) fn kind(&self) -> CallKind {
        self.kind
    }

    pub(super) fn started_us(&self) -> u64 {
        self.started_us
    }

    pub(super) fn took(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is about a signature with this certificate's key.
    pub(crate) fn is_about(&self, algorithm: Algorithm, certificate: &str) {
        let mut known = self.known();
        known.algorithm = Some(algorithm);
        certificate.clone_into(&mut known.certificate);
    }

    /// Login and consent are under way until this is dropped.
    pub(crate) fn leave(&self) -> Timed<'_> {
        self.timed(Part::Leave)
    }

    /// The Key is at work until this is dropped.
    pub(crate) fn key(&self) -> Timed<'_> {
        self.timed(Part::Key)
    }

    fn timed(&self, part: Part) -> Timed<'_> {
        Timed { course: self, part, from: self.start.elapsed() }
    }

    fn end(&self, part: Part, from: Duration) {
        let now = micros(self.start.elapsed());
        let mut known = self.known();
        let span = match part {
            Part::Leave => &mut known.leave,
            Part::Key => &mut known.key,
        };
        let from_us = span.map_or(micros(from), |span| span.from_us.min(micros(from)));
        *span = Some(Span { from_us, took_us: now.saturating_sub(from_us) });
    }
}

/// The computer's clock, in Unix microseconds.
pub(super) fn unix_us() -> u64 {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A part under way.
pub(crate) struct Timed<'a> {
    course: &'a Course,
    part: Part,
    from: Duration,
}

impl Timed<'_> {
    /// How long it has taken so far.
    pub(crate) fn so_far(&self) -> Duration {
        self.course.start.elapsed().saturating_sub(self.from)
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.course.end(self.part, self.from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_from_its_first_beginning_to_its_last_end() {
        let course = Course::begin(CallKind::SignBatch);
        let first = course.key();
        let second = course.key();
        drop(first);
        drop(second);
        let span = course.known().key.unwrap();
        drop(course.key());
        let longer = course.known().key.unwrap();
        assert_eq!(longer.from_us, span.from_us);
        assert!(longer.took_us >= span.took_us);
        assert_eq!(course.known().leave, None);
    }
}
