//! What a process that handles a PIN does first.

use crate::Error;
use rustix::process::{DumpableBehavior, Resource, Rlimit};

/// Makes this process not dumpable (no core file, no debugger and no `/proc/PID/mem` for other processes of the same
/// user) and sets the limit of core files to zero, for its children too. Call it before anything else.
///
/// # Errors
/// [`Error::Hardening`]; the program should then end.
pub fn harden() -> Result<(), Error> {
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|e| Error::Hardening(e.into()))?;
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    rustix::process::setrlimit(Resource::Core, none).map_err(|e| Error::Hardening(e.into()))
}
