//! Where the module waits for slot events the daemon hears of them, a burst as one; and however the module waits, the
//! shim ends when the daemon does.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};

use common::{Shim, Token, eventually};
use ukey_shim_protocol::FromShim;

/// `EXIT_STUCK`.
const STUCK: i32 = 5;

/// A shim on a module with these events, after its `Hello`, and the module's FIFO.
fn start(token: &Token, events: &str) -> (Shim, File) {
    let (path, fifo) = token.fifo("fifo");
    let mut shim =
        Shim::start_scripted(token, &[("SCRIPTED_EVENTS", events.as_ref()), ("SCRIPTED_FIFO", path.as_ref())]);
    shim.hello(1);
    (shim, fifo)
}

/// Whether the thread that waits is gone within the time that anything may take. It was started before the first request
/// after `Hello` is answered, and SoftHSM2 has no threads of its own.
fn stops_listening(shim: &mut Shim) -> bool {
    shim.tokens();
    let tasks = format!("/proc/{}/task", shim.pid());
    eventually(|| fs::read_dir(&tasks).unwrap().count() <= ["main", "control"].len())
}

#[test]
fn a_burst_is_told_once_and_the_wait_ends_with_the_module() {
    let token = Token::new();
    let (mut shim, mut fifo) = start(&token, "fifo");
    for burst in [".", "....."] {
        fifo.write_all(burst.as_bytes()).unwrap();
        assert_eq!(shim.receive_any(), Some(FromShim::SlotsChanged));
        assert_eq!(rustix::io::ioctl_fionread(&fifo).unwrap(), 0, "all events have been taken by then");
    }
    shim.tokens();
    assert_eq!(shim.last_events(), 0, "all of it was told");
    assert_eq!(shim.close().code(), Some(0));
    assert_eq!(token.calls("C_Finalize"), 1);
}

#[test]
fn a_module_without_events_is_asked_once() {
    let token = Token::new();
    let mut shim = Shim::start(&token);
    shim.hello(1);
    assert!(stops_listening(&mut shim));
    assert_eq!(token.calls("C_WaitForSlotEvent"), 1);
    assert_eq!(shim.last_events(), 0);
    assert_eq!(shim.close().code(), Some(0));
}

#[test]
fn a_module_that_does_not_wait_is_not_asked_for_ever() {
    let token = Token::new();
    let (mut shim, _fifo) = start(&token, "always");
    assert_eq!(shim.receive_any(), Some(FromShim::SlotsChanged));
    assert!(stops_listening(&mut shim));
    assert_eq!(shim.close().code(), Some(0));
}

#[test]
fn a_wait_that_never_ends_does_not_keep_the_process() {
    for events in ["never-ends", "holds"] {
        let token = Token::new();
        let (shim, mut fifo) = start(&token, events);
        fifo.read_exact(&mut [0]).unwrap();
        assert_eq!(shim.close().code(), Some(STUCK), "{events}");
    }
}
