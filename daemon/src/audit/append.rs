//! What the writer adds to the chain.

use super::chain::Hash;
use super::record::{Intent, Operation};
use std::sync::Arc;

/// One append.
#[derive(Clone, Debug)]
pub(super) enum Append {
    Intent {
        operation: u64,
        /// The same for all that were asked for together.
        intent: Arc<Intent>,
        /// The digest to sign, empty where none is meant.
        digest: Vec<u8>,
    },
    Result {
        operation: u64,
        result: &'static str,
        tries: Option<u8>,
        /// Whose PIN was tried, and for what.
        tried: Option<Tried>,
    },
    /// Of the journal itself; of a checkpoint also the hash of the last row that it removed.
    Note { operation: u64, kind: &'static str, text: String, hash: Option<Hash> },
}

/// What the PIN guard has to know of an operation that uses a PIN, however old it is.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    /// The Key's id.
    pub token: String,
    pub kind: Operation,
}

impl Tried {
    /// Of an operation on this Key; none where it uses no PIN.
    pub(super) fn of(kind: Operation, token: &str) -> Option<Self> {
        kind.uses_a_pin().then(|| Self { token: token.to_owned(), kind })
    }
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
