//! The bar that shows how far long work is.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// A call that is over sooner shows no bar.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// What a bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes that are read.
    Bytes,
    /// Files or digests.
    Items,
}

/// A progress bar on standard error; only on a terminal, and only for calls that take long.
#[derive(Debug)]
pub(crate) struct Bar {
    unit: Unit,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar that is not shown yet.
    pub(crate) fn new(unit: Unit) -> Self {
        Self { unit, started: Instant::now(), bar: None }
    }

    /// Shows that `done` of `total` are done.
    pub(crate) fn update(&mut self, done: u64, total: u64) {
        if self.bar.is_none() && (self.started.elapsed() < SHOWN_AFTER || !io::stderr().is_terminal()) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = match self.unit {
                Unit::Bytes => "{bar:40} {bytes} / {total_bytes}  {eta}",
                Unit::Items => "{bar:40} {pos} / {len}  {eta}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        bar.set_length(total);
        bar.set_position(done.min(total));
    }

    /// Takes the bar away, before other text is written or a dialog takes the terminal.
    pub(crate) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.started = Instant::now();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
