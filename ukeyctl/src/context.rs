//! What every verb needs: where the service is, and how to speak to the user.

use crate::error::Error;
use crate::service::Service;
use crate::style::Paint;
use serde::Serialize;
use std::io::{self, Write};
use ukey_agent::Bus;
use ukey_agent::texts::Catalogue;

/// For whom a verb prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
}

/// The surroundings of one run.
pub(crate) struct Context {
    /// The service's bus.
    pub(crate) bus: Bus,
    /// For whom to print.
    pub(crate) format: Format,
    /// The user's language.
    pub(crate) texts: Catalogue,
    /// Colour on standard output.
    pub(crate) paint: Paint,
}

impl Context {
    /// Connects to the service's bus.
    ///
    /// # Errors
    /// `Unreachable`.
    pub(crate) async fn service(&self) -> Result<Service, Error> {
        Service::connect(&self.bus).await
    }

    /// Prints a result: `value` as one JSON object on one line, or the text of `human`.
    ///
    /// # Errors
    /// When standard output fails.
    pub(crate) fn print(&self, value: &impl Serialize, human: impl FnOnce() -> String) -> Result<(), Error> {
        match self.format {
            Format::Text => write_out(human().as_bytes()),
            Format::Json => {
                let mut line = serde_json::to_vec(value).map_err(|error| Error::Output(error.into()))?;
                line.push(b'\n');
                write_out(&line)
            }
        }
    }
}

/// Writes bytes to standard output, at once.
///
/// # Errors
/// When it fails, also because the reader left.
pub(crate) fn write_out(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Error::Output)
}
