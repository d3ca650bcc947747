//! Ctrl-C and the request to end, seen instead of dying of them.

use crate::error::Error;
use std::path::PathBuf;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM from the moment this was made.
#[derive(Debug)]
pub(crate) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    /// Takes both signals over.
    ///
    /// # Errors
    /// When the system refuses a signal handler.
    pub(crate) fn new() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(|source| Error::Read { path: PathBuf::from("signal"), source });
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Ends when one of them comes. Cancel-safe.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
