//! A module that may start processes is hosted one process further down. This one loads nothing and stays behind to end
//! whatever the module leaves: when the daemon dies, when the host does, and also what has made itself a session.

use std::fs;
use std::process::{Command, ExitCode};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, WaitStatus};

use crate::arguments::Arguments;
use crate::error::Error;
use crate::harden;

/// Starts the host with our arguments and our socket, waits for its end or the daemon's, ends all descendants, and ends as
/// the host did.
pub(crate) fn keep(daemon: i32) -> Result<ExitCode, Error> {
    // First: it closes every descriptor that is not known yet.
    harden::give_up_privileges()?;
    let daemon = watch_daemon(daemon)?;
    // Descendants whose parents have ended become our children, however far they went.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let host = start_host()?;
    // Else the daemon would not see the socket close with the host.
    let nothing = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(nothing)?;
    let host_handle = rustix::process::pidfd_open(host, PidfdFlags::empty())?;
    thread::spawn(move || {
        wait_readable(&daemon);
        // ESRCH: it has ended by itself.
        let _ = rustix::process::pidfd_send_signal(&host_handle, Signal::KILL);
    });
    let how = wait_for(host)?;
    end_descendants()?;
    Ok(end_like(how))
}

/// A handle of the daemon, taken while it is certainly our parent.
fn watch_daemon(pid: i32) -> Result<OwnedFd, Error> {
    let parent = Pid::from_raw(pid).ok_or(Error::NotTheParent)?;
    let handle = rustix::process::pidfd_open(parent, PidfdFlags::empty())?;
    if rustix::process::getppid() == Some(parent) { Ok(handle) } else { Err(Error::NotTheParent) }
}

fn start_host() -> Result<Pid, Error> {
    let program = std::env::current_exe().map_err(|_| Error::Usage)?;
    let child = Command::new(program)
        .args(Arguments::of_host(std::env::args_os().skip(1)))
        .spawn()
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Pid::from_raw(child.id().cast_signed()).ok_or(Error::NotTheParent)
}

fn wait_readable(handle: &OwnedFd) {
    let mut wanted = [PollFd::new(handle, PollFlags::IN)];
    while poll(&mut wanted, None).is_err() {}
}

/// Waits for one child; others that end meanwhile are orphans that came to us.
fn wait_for(child: Pid) -> Result<WaitStatus, Errno> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == child => return Ok(status),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Kills children until none is left; those of the killed become ours in between.
fn end_descendants() -> Result<(), Errno> {
    let list = format!("/proc/self/task/{}/children", std::process::id());
    loop {
        let children = fs::read_to_string(&list).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        for child in children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
            // Nobody else reaps our children, so the number is still the child's.
            let _ = rustix::process::kill_process(child, Signal::KILL);
        }
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::CHILD) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// The daemon tells crashes from orderly ends: it shall see the host's own.
fn end_like(how: WaitStatus) -> ExitCode {
    if let Some(signal) = how.terminating_signal().and_then(Signal::from_named_raw) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    }
    ExitCode::from(how.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
