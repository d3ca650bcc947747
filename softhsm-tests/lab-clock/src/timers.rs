//! Timers on the clock of the lab.

use crate::face::Face;
use libc::{c_int, timespec};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

/// How often the thread looks at the clock.
const LOOK: Duration = Duration::from_millis(1);

struct Timer {
    fd: c_int,
    /// Nanoseconds since 1970, while it is set.
    moment: Option<i64>,
    /// The number of sets that cancels it when there are more.
    cancelled_after: Option<u32>,
    /// It went off and was not set anew.
    is_pending: bool,
}

static TIMERS: Mutex<Vec<Timer>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<Timer>> {
    TIMERS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn create(flags: c_int) -> c_int {
    static THREAD: Once = Once::new();
    // SAFETY: no pointers.
    let fd = unsafe { libc::eventfd(0, flags) };
    if fd >= 0 {
        all().push(Timer { fd, moment: None, cancelled_after: None, is_pending: false });
        THREAD.call_once(|| drop(std::thread::spawn(watch)));
    }
    fd
}

/// Sets a timer; false for a descriptor that is none of ours.
pub(crate) fn set(fd: c_int, flags: c_int, moment: timespec) -> bool {
    let mut timers = all();
    let (Some(timer), Some(face)) = (timers.iter_mut().find(|timer| timer.fd == fd), Face::get()) else { return false };
    let mut count = 0_u64;
    // SAFETY: eight bytes of our own; a descriptor that does not block.
    unsafe { libc::read(fd, (&raw mut count).cast(), 8) };
    let nanoseconds = moment.tv_sec.saturating_mul(1_000_000_000).saturating_add(moment.tv_nsec);
    timer.moment = (nanoseconds != 0).then_some(nanoseconds);
    timer.cancelled_after = (flags & libc::TFD_TIMER_CANCEL_ON_SET != 0).then(|| face.sets());
    if std::mem::take(&mut timer.is_pending)
        && let Some(slot) = face.slot()
    {
        slot.pending.fetch_sub(1, Ordering::SeqCst);
    }
    go_off(face, timer);
    true
}

pub(crate) fn forget(fd: c_int) {
    all().retain(|timer| timer.fd != fd);
}

fn watch() {
    let Some((face, slot)) = Face::get().and_then(|face| Some((face, face.slot()?))) else { return };
    loop {
        let changes = face.changes();
        if slot.seen.load(Ordering::SeqCst) != changes {
            all().iter_mut().for_each(|timer| go_off(face, timer));
            slot.seen.store(changes, Ordering::SeqCst);
        }
        std::thread::sleep(LOOK);
    }
}

/// If it is due, or the clock was set under it.
fn go_off(face: &Face, timer: &mut Timer) {
    let Some(moment) = timer.moment else { return };
    let is_cancelled = timer.cancelled_after.is_some_and(|sets| sets != face.sets());
    if moment > face.now() && !is_cancelled {
        return;
    }
    timer.moment = None;
    timer.is_pending = true;
    if let Some(slot) = face.slot() {
        slot.pending.fetch_add(1, Ordering::SeqCst);
    }
    let one = 1_u64;
    // SAFETY: eight bytes of our own.
    unsafe { libc::write(timer.fd, (&raw const one).cast(), 8) };
}
