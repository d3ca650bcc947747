//! What the writer adds to the chain.

use super::chain::Hash;
use super::record::Intent;

/// One append.
#[derive(Clone, Debug)]
pub(super) enum Append {
    Intent {
        operation: u64,
        intent: Intent,
    },
    Result {
        operation: u64,
        result: String,
        tries: Option<u8>,
    },
    /// Of the journal itself; of a checkpoint also the hash of the last row that it removed.
    Note {
        operation: u64,
        kind: &'static str,
        text: String,
        hash: Option<Hash>,
    },
}

impl Append {
    /// What it is about.
    pub(super) fn operation(&self) -> u64 {
        match self {
            Self::Intent { operation, .. } | Self::Result { operation, .. } | Self::Note { operation, .. } => {
                *operation
            }
        }
    }

    /// Is it what came of an operation?
    pub(super) fn is_result(&self) -> bool {
        matches!(self, Self::Result { .. })
    }
}
