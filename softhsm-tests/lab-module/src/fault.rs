//! What goes wrong in any call.

use crate::client;
use crate::control::{Ask, Fault};
use crate::hostile;
use cryptoki_sys::CK_RV;
use std::process;
use std::thread;
use std::time::Duration;

/// Does what these faults say, in order; ends at the first that gives a code to return.
pub(crate) fn obey(faults: &[Fault]) -> Result<(), CK_RV> {
    for fault in faults {
        match fault {
            Fault::Delay(milliseconds) => thread::sleep(Duration::from_millis(*milliseconds)),
            Fault::Hang => hang(),
            Fault::Segfault => segfault(),
            Fault::Abort => process::abort(),
            Fault::Fork => fork(),
            Fault::Attempt(attempt) => drop(client::ask(0, Ask::Attempted(hostile::make(attempt)))),
            Fault::Fail(code) => return Err(code.0 as CK_RV),
            // What is wrong with an answer is up to the call.
            Fault::Count(_) | Fault::NotUtf8 | Fault::LargeValue(_) | Fault::FlippedBit | Fault::AlwaysRight => {}
        }
    }
    Ok(())
}

fn hang() -> ! {
    loop {
        thread::park();
    }
}

/// Ends as by a bad pointer. The default action first: Rust programs handle the signal to report stack overflows, and
/// would go on after one that was only sent.
fn segfault() -> ! {
    // SAFETY: both take plain numbers; no handler of ours is set.
    unsafe {
        libc::signal(libc::SIGSEGV, libc::SIG_DFL);
        libc::raise(libc::SIGSEGV);
    }
    // Blocked by the caller's mask: end all the same.
    process::abort()
}

fn fork() {
    // SAFETY: the child calls what glibc allows after a fork of a program with threads (its allocator is made ready for
    // that), and takes no lock of ours: its connection is its own.
    match unsafe { libc::fork() } {
        0 => sleep_for_ever(),
        -1 => drop(client::ask(0, Ask::ForkDenied)),
        _ => {}
    }
}

fn sleep_for_ever() -> ! {
    // A lab that is gone can't be told.
    let _ = client::ask(0, Ask::Forked);
    loop {
        // SAFETY: takes nothing, waits for a signal.
        unsafe { libc::pause() };
    }
}
