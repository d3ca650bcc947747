//! Hosts one vendor PKCS#11 module in a process of its own and answers the requests of `ukey-shim-protocol`.
//!
//! Started by the daemon as `ukey-pkcs11-shim --library /path/to/module.so --parent PID [--fork allowed]`, with its end of the
//! socketpair as descriptor 0. It ends with 0 when the daemon closes the socket, else with [`Error::exit_code`] or
//! [`error::EXIT_STUCK`]. It writes nothing to stdout or stderr: these belong to the module, and lead nowhere unless the administrator says so.

mod arguments;
mod authenticated;
mod batch;
mod change;
mod channel;
mod control;
mod entry;
mod error;
mod failure;
mod harden;
mod keeper;
mod keys;
mod lanes;
mod login;
mod module;
mod objects;
mod pin;
mod public_key;
mod raw;
mod record;
mod seccomp;
mod serve;
mod signing;
mod slot_events;
mod tokens;
mod unblock;

use std::panic;
use std::process::{self, ExitCode};

use crate::arguments::Arguments;
use crate::error::Error;
use crate::seccomp::Forking;

fn main() -> ExitCode {
    // A thread that panicked would leave its requests unanswered: end at once, and let the daemon see the death. The
    // module can't be finalized from here, but neither do its exit handlers run.
    panic::set_hook(Box::new(|_| process::abort()));
    run().unwrap_or_else(|error| error.exit_code())
}

fn run() -> Result<ExitCode, Error> {
    let arguments = Arguments::parse(std::env::args_os().skip(1)).ok_or(Error::Usage)?;
    if arguments.forking == Forking::Allowed {
        return keeper::keep(&arguments.library, arguments.parent);
    }
    let socket = harden::harden(arguments.parent, arguments.forking)?;
    let (inbox, outbox) = channel::open(socket);
    serve::serve(inbox, &outbox, &arguments.library)?;
    Ok(ExitCode::SUCCESS)
}
