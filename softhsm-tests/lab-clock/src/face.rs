//! The file that is the clock, mapped: the time in nanoseconds (8 bytes), how often the clock was set (4), how often
//! anything changed (4), and from byte 64 on, for each program with timers: its process id, the last change that it has
//! seen, how many of its timers have gone off and are not set anew (4 bytes each, and 4 unused).

use std::fs::OpenOptions;
use std::os::fd::AsRawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Length of the file.
const LENGTH: usize = 4096;
const SLOTS: usize = 64;
const SLOT: usize = 16;

/// The mapped file; it stays for the life of the process.
pub(crate) struct Face(usize);

/// Where a program says how far it is.
pub(crate) struct Slot<'a> {
    pub(crate) seen: &'a AtomicU32,
    pub(crate) pending: &'a AtomicU32,
}

impl Face {
    /// The clock of this process; `None` where there is none.
    pub(crate) fn get() -> Option<&'static Self> {
        static FACE: OnceLock<Option<Face>> = OnceLock::new();
        FACE.get_or_init(Self::open).as_ref()
    }

    fn open() -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open(std::env::var_os("UKEY_LAB_CLOCK")?).ok()?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, wherever the kernel puts it.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), LENGTH, access, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        (start != libc::MAP_FAILED).then_some(Self(start as usize))
    }

    /// Nanoseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        // SAFETY: the mapping is page-aligned and stays.
        unsafe { &*(self.0 as *const AtomicI64) }.load(Ordering::SeqCst)
    }

    /// How often the clock was set.
    pub(crate) fn sets(&self) -> u32 {
        self.word(8).load(Ordering::SeqCst)
    }

    /// How often anything changed.
    pub(crate) fn changes(&self) -> u32 {
        self.word(12).load(Ordering::SeqCst)
    }

    /// The slot of this process, taken when it is not yet.
    pub(crate) fn slot(&self) -> Option<Slot<'_>> {
        let own = std::process::id();
        (SLOTS..LENGTH).step_by(SLOT).find_map(|at| {
            let taken = self.word(at).compare_exchange(0, own, Ordering::SeqCst, Ordering::SeqCst);
            let is_ours = taken.is_ok() || taken == Err(own);
            is_ours.then(|| Slot { seen: self.word(at + 4), pending: self.word(at + 8) })
        })
    }

    fn word(&self, at: usize) -> &AtomicU32 {
        // SAFETY: within the mapping, which stays, and aligned to 4.
        unsafe { &*((self.0 + at) as *const AtomicU32) }
    }
}
