//! Operations under way: those that have an intent on record and no result.

use std::collections::{BTreeSet, HashMap};

/// Each with the row of its intent.
#[derive(Debug, Default)]
pub(super) struct Open {
    row_of: HashMap<u64, u64>,
    rows: BTreeSet<u64>,
}

impl Open {
    pub(super) fn contains(&self, operation: u64) -> bool {
        self.row_of.contains_key(&operation)
    }

    pub(super) fn begin(&mut self, operation: u64, row: u64) {
        self.row_of.insert(operation, row);
        self.rows.insert(row);
    }

    pub(super) fn end(&mut self, operation: u64) {
        if let Some(row) = self.row_of.remove(&operation) {
            self.rows.remove(&row);
        }
    }

    /// The oldest intent without a result.
    pub(super) fn first_row(&self) -> Option<u64> {
        self.rows.first().copied()
    }

    /// Up to this row, of so many, each operation has its result.
    pub(super) fn settled(&self, rows: u64) -> u64 {
        self.first_row().map_or(rows, |first| first - 1)
    }
}
