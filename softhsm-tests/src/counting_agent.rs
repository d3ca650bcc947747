//! An agent that counts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ukey_dbus::{Error, ErrorKind};
use zbus::{Fd, ObjectPath, Variant};

/// Counts how often it is asked for a PIN, and says each time that its person closed the dialog. Knows no more of the
/// interface.
#[derive(Debug)]
pub struct CountingAgent(pub Arc<AtomicU32>);

#[zbus::interface(name = "org.ukeyd.UKey1.Agent")]
impl CountingAgent {
    fn request_pin(
        &self,
        _token: ObjectPath<'_>,
        _kind: &str,
        _context: HashMap<&str, Variant<'_>>,
        _pin: Fd<'_>,
    ) -> Result<(), Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(ErrorKind::Cancelled, "closed"))
    }

    fn cancel(&self, _request: &str) {}
}
