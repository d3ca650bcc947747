//! Makes attempts.

use crate::attempt::{Attempt, Made};
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{Error, Result};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::ptr;

/// Tries it, and says what the kernel said.
pub(crate) fn make(attempt: &Attempt) -> Made {
    let errno = match attempt_it(attempt) {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(libc::EIO),
    };
    Made { attempt: attempt.clone(), errno }
}

fn attempt_it(attempt: &Attempt) -> Result<()> {
    match attempt {
        Attempt::Read(path) => File::open(path).map(drop),
        Attempt::ReadThroughPlace(path) => {
            let place = fs::OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path)?;
            File::open(format!("/proc/self/fd/{}", place.as_raw_fd())).map(drop)
        }
        Attempt::Write(path) => fs::OpenOptions::new().write(true).open(path).map(drop),
        Attempt::Create(path) => File::create_new(path).map(drop),
        Attempt::Remove(path) => fs::remove_file(path),
        Attempt::OpenToAll(path) => fs::set_permissions(path, fs::Permissions::from_mode(0o666)),
        Attempt::Empty(path) => empty(path),
        Attempt::Touch(path) => touch(path),
        Attempt::Become(program) => Err(Command::new(program).exec()),
        Attempt::Start(program) => Command::new(program).spawn()?.wait().map(drop),
        Attempt::Fork => fork(),
        Attempt::Socket(family, kind, protocol) => socket(*family, *kind, *protocol),
        Attempt::ConnectTo(path) => UnixStream::connect(path).map(drop),
        Attempt::ConnectToAbstract(name) => {
            UnixStream::connect_addr(&SocketAddr::from_abstract_name(name.as_bytes())?).map(drop)
        }
        Attempt::SignalItself => call(libc::SYS_kill, [std::process::id().into(), 0, 0, 0]),
        Attempt::Signal(process) => call(libc::SYS_kill, [number(*process), TERM, 0, 0]),
        Attempt::SignalThread(process) => call(libc::SYS_tgkill, [number(*process), number(*process), TERM, 0]),
        Attempt::QueueSignal(process) => queue_signal(*process),
        Attempt::SignalByDescriptor(process) => signal_by_descriptor(*process),
        Attempt::SignalByFile(process) => signal_by_file(*process),
        Attempt::Trace(process) => call(libc::SYS_ptrace, [libc::PTRACE_SEIZE.into(), number(*process), 0, 0]),
        Attempt::ReadMemory(process) => read_memory(*process),
        Attempt::Limit(process) => limit(*process, libc::RLIMIT_NOFILE),
        Attempt::LimitLocking => limit(0, libc::RLIMIT_MEMLOCK),
        Attempt::Slow(process) => call(libc::SYS_setpriority, [libc::PRIO_PROCESS.into(), number(*process), 19, 0]),
        Attempt::BecomeDumpable => call(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0]),
        Attempt::Outlive => call(libc::SYS_prctl, [libc::PR_SET_PDEATHSIG.into(), 0, 0, 0]),
        Attempt::NewUsers => call(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0]),
        Attempt::Call(number) => call(*number, [0; 4]),
    }
}

const TERM: i64 = libc::SIGTERM as i64;

fn number(process: u32) -> i64 {
    process.into()
}

fn judged(result: impl Into<i64>) -> Result<()> {
    if result.into() == -1 { Err(Error::last_os_error()) } else { Ok(()) }
}

fn call(number: i64, [a, b, c, d]: [i64; 4]) -> Result<()> {
    // SAFETY: numbers only: no call that is made here takes a pointer where one of these is not null.
    judged(unsafe { libc::syscall(number, a, b, c, d, 0_i64, 0_i64) })
}

fn text(path: &Path) -> Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

fn empty(path: &Path) -> Result<()> {
    let path = text(path)?;
    // SAFETY: a string with its end, alive during the call.
    judged(unsafe { libc::truncate(path.as_ptr(), 0) })
}

fn touch(path: &Path) -> Result<()> {
    let path = text(path)?;
    // SAFETY: a string with its end, alive during the call; no times means now.
    judged(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), ptr::null(), 0) })
}

fn fork() -> Result<()> {
    // SAFETY: the child ends at once.
    match unsafe { libc::fork() } {
        -1 => Err(Error::last_os_error()),
        // SAFETY: ends the child without its parent's exit handlers.
        0 => unsafe { libc::_exit(0) },
        // SAFETY: waits for that child; its status is not wanted.
        child => judged(unsafe { libc::waitpid(child, ptr::null_mut(), 0) }),
    }
}

fn socket(family: i32, kind: i32, protocol: i32) -> Result<()> {
    // SAFETY: numbers only.
    let socket = unsafe { libc::socket(family, kind, protocol) };
    judged(socket)?;
    // SAFETY: the descriptor was made just now and is nobody else's.
    judged(unsafe { libc::close(socket) })
}

fn queue_signal(process: u32) -> Result<()> {
    let value = libc::sigval { sival_ptr: ptr::null_mut() };
    // SAFETY: numbers, and a value that nobody follows.
    judged(unsafe { libc::sigqueue(process.cast_signed(), libc::SIGTERM, value) })
}

fn signal_by_descriptor(process: u32) -> Result<()> {
    // SAFETY: numbers only.
    let process = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    judged(process)?;
    call(libc::SYS_pidfd_send_signal, [process, TERM, 0, 0])
}

fn signal_by_file(process: u32) -> Result<()> {
    let (end, _other) = UnixStream::pair()?;
    // SAFETY: a descriptor that lives, and a number.
    judged(unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETOWN, process.cast_signed()) })
}

fn read_memory(process: u32) -> Result<()> {
    let mut byte = 0_u8;
    let here = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // What is there does not matter: an address of ours, which is another's too or EFAULT.
    let there = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: one vector each; ours leads to a byte that lives, the other is not looked at in this process.
    judged(unsafe { libc::process_vm_readv(process.cast_signed(), &raw const here, 1, &raw const there, 1, 0) } as i64)
}

fn limit(process: u32, resource: libc::__rlimit_resource_t) -> Result<()> {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a structure that lives during the call; the old limit is not wanted.
    judged(unsafe { libc::prlimit(process.cast_signed(), resource, &raw const none, ptr::null_mut()) })
}
