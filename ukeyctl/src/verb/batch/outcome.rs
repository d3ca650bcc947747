//! What an item of a batch came to.

use crate::error::Error;
use crate::exit::Exit;

/// Why an item has no signature.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// Name of the error, as in the catalogue.
    pub(super) name: &'static str,
    /// What the system or the service says; may be empty.
    pub(super) message: String,
    /// The error's exit code.
    pub(super) exit: Exit,
}

impl Failure {
    /// Of this error.
    pub(super) fn of(error: &Error) -> Self {
        let message = match error {
            // Its name says it all.
            Error::Interrupted => String::new(),
            error => error.to_string(),
        };
        Self { name: error.name(), message, exit: error.exit() }
    }
}

/// An item's end.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// What was to be signed, unless the file can't be read.
    pub(super) digest: Option<Vec<u8>>,
    /// The signature.
    pub(super) result: Result<Vec<u8>, Failure>,
}

impl Outcome {
    /// Of an item that was not hashed.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { digest: None, result: Err(failure) }
    }
}
