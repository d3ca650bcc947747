//! A wall clock for a test: preloaded into a program, it stands where the test has put it, and timers on it behave as
//! the kernel's do. They go off when time passes their moment, also in one leap as after a suspend, and are cancelled
//! when the clock is set. Other clocks are the kernel's.
//!
//! The file named by `UKEY_LAB_CLOCK` is the clock: see `face`. A timer is an eventfd that a thread writes to.

mod face;
mod timers;

use face::Face;
use libc::{c_int, c_long, clockid_t, itimerspec, time_t, timespec, timeval};

fn is_wall(clock: clockid_t) -> bool {
    matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE)
}

fn now() -> Option<timespec> {
    let nanoseconds = Face::get()?.now();
    Some(timespec {
        tv_sec: nanoseconds.div_euclid(1_000_000_000),
        tv_nsec: c_long::from(nanoseconds.rem_euclid(1_000_000_000)),
    })
}

/// clock_gettime(2).
///
/// # Safety
/// As the C function: `time` points to a `timespec`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    match now().filter(|_| is_wall(clock)) {
        Some(now) => {
            // SAFETY: the caller's promise.
            unsafe { time.write(now) };
            0
        }
        // SAFETY: the call that the caller makes, as it is.
        None => unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) as c_int },
    }
}

/// gettimeofday(2).
///
/// # Safety
/// As the C function: `time` points to a `timeval` or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut timeval, zone: *mut libc::c_void) -> c_int {
    match now().filter(|_| !time.is_null()) {
        Some(now) => {
            // SAFETY: the caller's promise.
            unsafe { time.write(timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 }) };
            0
        }
        // SAFETY: the call that the caller makes, as it is.
        None => unsafe { libc::syscall(libc::SYS_gettimeofday, time, zone) as c_int },
    }
}

/// time(2).
///
/// # Safety
/// As the C function: `time` points to a `time_t` or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(time: *mut time_t) -> time_t {
    let Some(now) = now() else {
        // SAFETY: the call that the caller makes, as it is.
        return unsafe { libc::syscall(libc::SYS_time, time) };
    };
    if !time.is_null() {
        // SAFETY: the caller's promise.
        unsafe { time.write(now.tv_sec) };
    }
    now.tv_sec
}

/// timerfd_create(2). A timer on the wall clock is an eventfd, whose flags have the same values.
#[unsafe(no_mangle)]
pub extern "C" fn timerfd_create(clock: c_int, flags: c_int) -> c_int {
    if is_wall(clock) && Face::get().is_some() {
        return timers::create(flags);
    }
    // SAFETY: no pointers.
    unsafe { libc::syscall(libc::SYS_timerfd_create, clock, flags) as c_int }
}

/// timerfd_settime(2), of timers on the wall clock for absolute moments only.
///
/// # Safety
/// As the C function: `new` points to an `itimerspec`, and `old` to another or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timerfd_settime(
    fd: c_int,
    flags: c_int,
    new: *const itimerspec,
    old: *mut itimerspec,
) -> c_int {
    // SAFETY: the caller's promise.
    let moment = unsafe { (*new).it_value };
    if timers::set(fd, flags, moment) {
        return 0;
    }
    // SAFETY: the call that the caller makes, as it is.
    unsafe { libc::syscall(libc::SYS_timerfd_settime, fd, flags, new, old) as c_int }
}

/// close(2).
#[unsafe(no_mangle)]
pub extern "C" fn close(fd: c_int) -> c_int {
    timers::forget(fd);
    // SAFETY: no pointers; whose descriptor it is, is the caller's business.
    unsafe { libc::syscall(libc::SYS_close, fd) as c_int }
}
