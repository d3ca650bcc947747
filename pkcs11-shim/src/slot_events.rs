//! The module's own news of tokens that come and go, where it has them. Where it hasn't, the daemon asks from time to
//! time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use cryptoki_sys as sys;

use crate::channel::Outbox;
use crate::error::EXIT_STUCK;
use crate::module::{self, Module};
use crate::raw::SlotEvents;

/// How long to let a burst run before it is told as one: a Key with two slots is two events.
const SETTLE: Duration = Duration::from_millis(50);
/// Most events taken for one burst.
const BURST_MAX: usize = 64;
/// A wait shorter than this was none.
const QUICK: Duration = Duration::from_millis(20);
/// So many waits in a row that were none mean that the module can't wait.
const QUICK_MAX: u32 = 20;
/// What finalizing may take while a wait runs, and what that wait may then take to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// The thread that waits, as its owner sees it.
pub(crate) struct Listener {
    ending: Arc<AtomicBool>,
    /// Nothing is ever sent; the thread drops the other end when it ends.
    ended: Receiver<()>,
}

impl Listener {
    /// Starts to wait, and to tell the daemon.
    pub(crate) fn start(events: SlotEvents, outbox: Outbox) -> std::io::Result<Self> {
        let ending = Arc::new(AtomicBool::new(false));
        let (alive, ended) = mpsc::channel::<()>();
        let ends = Arc::clone(&ending);
        let thread = thread::Builder::new().name("slot-events".into()).stack_size(module::STACK_SIZE);
        // Not joined: a module may never give it back.
        thread.spawn(move || {
            listen(events, &outbox, &ends);
            drop(alive);
        })?;
        Ok(Self { ending, ended })
    }

    /// Finalizes the module by dropping it, which ends the wait. When either doesn't come about the process ends here, by
    /// [`EXIT_STUCK`]: exit handlers must not run beside a thread that is still in the module.
    pub(crate) fn finish(self, module: Arc<Module>) {
        self.ending.store(true, Ordering::Release);
        let (finalizing, finalized) = mpsc::channel::<()>();
        let guard = thread::Builder::new().name("finalize-guard".into()).spawn(move || {
            if finalized.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                leave();
            }
        });
        drop(module);
        drop(finalizing);
        if let Ok(guard) = guard {
            // A panic aborts, so this can't be an error.
            let _ = guard.join();
        }
        if self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            leave();
        }
    }
}

fn leave() -> ! {
    // SAFETY: ends the process at once; nothing runs after it.
    unsafe { libc::_exit(EXIT_STUCK) }
}

/// Tells of events until the module is finalized or turns out not to wait.
fn listen(events: SlotEvents, outbox: &Outbox, ending: &AtomicBool) {
    let mut quick = 0;
    while !ending.load(Ordering::Acquire) && quick < QUICK_MAX {
        let begin = Instant::now();
        let result = events.wait();
        quick = if begin.elapsed() < QUICK { quick + 1 } else { 0 };
        match result {
            sys::CKR_FUNCTION_NOT_SUPPORTED | sys::CKR_CRYPTOKI_NOT_INITIALIZED => return,
            _ if ending.load(Ordering::Acquire) => return,
            sys::CKR_OK => {
                thread::sleep(SETTLE);
                if ending.load(Ordering::Acquire) {
                    return;
                }
                for _ in 0..BURST_MAX {
                    if events.poll() != sys::CKR_OK {
                        break;
                    }
                }
                outbox.slots_changed();
            }
            // No event and no end: the pause keeps a module that only ever says this from spinning.
            _ => thread::sleep(SETTLE),
        }
    }
}
