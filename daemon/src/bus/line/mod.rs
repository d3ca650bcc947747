//! Lines: peer-to-peer D-Bus for a program that signs a lot, without the bus between. A line belongs to the connection
//! that opened it: its identity, policy, consent and record are that connection's, and it ends with it.

mod answer;
mod limits;
mod message_bus;
mod open;
mod serve;
mod socket;
mod stream;

pub(super) use limits::Lines;
pub(super) use open::open_connection;

use crate::prompt::Caller;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use zbus::Connection;

/// One line.
pub(super) struct Line {
    /// Who opened it; here it has gone when the line has ended, too.
    pub(super) caller: Caller,
    pub(super) connection: Connection,
    requests: Mutex<HashMap<String, CancellationToken>>,
}

impl Line {
    fn new(caller: Caller, connection: Connection) -> Self {
        Self { caller, connection, requests: Mutex::default() }
    }

    /// Shows a request at this path; false when there is one already.
    pub(super) fn show_request(&self, path: &str, cancelled: &CancellationToken) -> bool {
        let mut requests = self.requests();
        !requests.contains_key(path) && requests.insert(path.to_owned(), cancelled.clone()).is_none()
    }

    /// The request at this path is over.
    pub(super) fn withdraw_request(&self, path: &str) {
        self.requests().remove(path);
    }

    /// Cancels the request at this path; false when there is none.
    fn cancel(&self, path: &str) -> bool {
        let request = self.requests().get(path).cloned();
        request.inspect(CancellationToken::cancel).is_some()
    }

    fn requests(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
