//! What the process gives up before a line of vendor code runs.

use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Pid, Resource, Rlimit, Signal};

use crate::error::Error;
use crate::seccomp::{Forking, deny_forks};

/// First descriptor after stdin, stdout and stderr.
const FIRST_OTHER: u32 = 3;

/// Binds this process to its parent, takes away what it must not have, and gives the daemon's socket.
///
/// Must run while the process has one thread and before the module is loaded. The order matters: the death signal
/// first and then the look at the parent, since the parent could have died before it was set.
pub(crate) fn harden(parent: i32, forking: Forking) -> Result<OwnedFd, Error> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if Pid::as_raw(rustix::process::getppid()) != parent {
        return Err(Error::NotTheParent);
    }
    give_up_privileges()?;
    let socket = take_socket()?;
    // The place for Landlock, before seccomp: descriptors are settled, there is no other thread, nothing is loaded.
    if forking == Forking::Denied {
        deny_forks()?;
    }
    Ok(socket)
}

/// What neither the host of a module nor its keeper needs.
pub(crate) fn give_up_privileges() -> Result<(), Errno> {
    rustix::thread::set_no_new_privs(true)?;
    // No core file, no ptrace and no /proc/PID/mem for others of the same user: a PIN passes through this process.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    close_inherited()
}

/// Closes whatever the daemon left open by mistake.
fn close_inherited() -> Result<(), Errno> {
    // SAFETY: nothing in this process owns a descriptor above stderr yet, so none is closed behind an owner's back.
    let result = unsafe { libc::close_range(FIRST_OTHER, u32::MAX, 0) };
    if result == 0 { Ok(()) } else { Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)) }
}

/// Moves the socket away from descriptor 0 to one that no program started by the module inherits, and leaves an empty
/// stdin, so that a module that asks on the terminal reads no frames.
fn take_socket() -> Result<OwnedFd, Errno> {
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), FIRST_OTHER.cast_signed())?;
    let nothing = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(nothing)?;
    Ok(socket)
}
