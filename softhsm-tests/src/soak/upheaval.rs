//! Is a module undisturbed? Only then must its answers be those of a machine where nothing goes wrong.

use std::cell::Cell;
use std::time::Duration;
use tokio::time::Instant;

/// What has happened to one module.
#[derive(Debug)]
pub(super) struct Upheaval {
    count: Cell<u64>,
    /// A call may hang at any time from now on.
    hanging: Cell<bool>,
    /// From when on the last call that hung is surely over.
    over: Cell<Instant>,
    /// Time from the end of the faults to the end of the last call that hangs.
    limit: Duration,
}

/// A state of a module; equal to another when nothing has happened in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calm(u64);

impl Upheaval {
    pub(super) fn new(limit: Duration) -> Self {
        Self { count: Cell::new(0), hanging: Cell::new(false), over: Cell::new(Instant::now()), limit }
    }

    /// Something happens to it.
    pub(super) fn begin(&self) {
        self.count.set(self.count.get() + 1);
    }

    /// A call of it will hang.
    pub(super) fn begin_hang(&self) {
        self.begin();
        self.hanging.set(true);
    }

    /// No further call will go wrong.
    pub(super) fn faults_cleared(&self) {
        if self.hanging.replace(false) {
            self.over.set(Instant::now() + self.limit);
        }
    }

    /// Its state; none while a call may hang.
    pub(super) fn calm(&self) -> Option<Calm> {
        (!self.hanging.get() && Instant::now() >= self.over.get()).then_some(Calm(self.count.get()))
    }
}
