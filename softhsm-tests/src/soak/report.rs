//! What a soak says at its end.

use super::tally::Tally;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// The outcome of a soak; shown, it is a table.
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) events: usize,
    pub(super) seed: u64,
    pub(super) time: Duration,
    pub(super) tally: Tally,
    pub(super) keys: Vec<String>,
    pub(super) leftovers: String,
    pub(super) log: String,
}

impl Report {
    /// Was every answer right, every try accounted for, and is nothing left over?
    pub fn is_clean(&self) -> bool {
        self.tally.complaints() == 0
    }

    /// What the daemon has logged.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// How many kinds of events came.
    pub fn kinds(&self) -> usize {
        self.tally.kinds().len()
    }

    /// How many answers came from an undisturbed machine.
    pub fn strict_answers(&self) -> usize {
        self.tally.strict()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events, seed {}, {:.0?}\n", self.events, self.seed, self.time)?;
        writeln!(f, "{}", self.tally)?;
        writeln!(
            f,
            "{:<12}{:>8}{:>8}{:>8}{:>10}{:>10}{:>6}",
            "Key", "typed", "calls", "tries", "certain", "possible", "left"
        )?;
        for key in &self.keys {
            writeln!(f, "{key}")?;
        }
        writeln!(f, "\n{:<24}{:>9}{:>9}", "left over", "before", "after")?;
        writeln!(f, "{}", self.leftovers)?;
        writeln!(f, "{}", if self.is_clean() { "clean" } else { "NOT CLEAN" })
    }
}
