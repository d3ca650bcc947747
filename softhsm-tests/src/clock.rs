//! The wall clock of a test, for every program that is started after it.

use crate::process::{for_all_programs, is_running};
use crate::stage::{STAGE, program};
use crate::wait::eventually;
use rustix::io::{pread, pwrite};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const LENGTH: u64 = 4096;
const SLOTS: u64 = 64;
const SLOT: usize = 16;

/// A clock that stands still until it is told. The layout of its file is that of `lab-clock`.
#[derive(Debug)]
pub struct LabClock {
    file: File,
    now: u64,
}

impl LabClock {
    /// A clock that shows this time (Unix seconds).
    pub fn start(now: u64) -> Self {
        let path = Path::new(STAGE).join("clock");
        let file = OpenOptions::new().create_new(true).read(true).write(true).open(&path).unwrap();
        file.set_len(LENGTH).unwrap();
        // Every program says there how far it is.
        file.set_permissions(Permissions::from_mode(0o666)).unwrap();
        for_all_programs("UKEY_LAB_CLOCK", path.to_str().unwrap());
        for_all_programs("LD_PRELOAD", program("deps/libukey_lab_clock.so").to_str().unwrap());
        let mut clock = Self { file, now };
        clock.write(now, 0);
        clock
    }

    /// The time that it shows, Unix seconds.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Time passes, in one leap as after a suspend.
    pub async fn pass(&mut self, seconds: u64) {
        self.write(self.now + seconds, 0);
        self.settled().await;
    }

    /// Somebody sets it.
    pub async fn set(&mut self, now: u64) {
        self.write(now, 1);
        self.settled().await;
    }

    /// How many programs have timers on it.
    pub fn programs(&self) -> usize {
        self.slots().count()
    }

    /// Waits until every program has seen the time and set its timers anew.
    async fn settled(&self) {
        eventually("timers that are set anew", async || {
            let changes = self.word(12);
            self.slots().all(|(seen, pending)| (seen, pending) == (changes, 0)).then_some(())
        })
        .await;
    }

    fn write(&mut self, now: u64, sets: u32) {
        self.now = now;
        let nanoseconds = i64::try_from(now).unwrap() * 1_000_000_000;
        pwrite(&self.file, &nanoseconds.to_ne_bytes(), 0).unwrap();
        pwrite(&self.file, &(self.word(8) + sets).to_ne_bytes(), 8).unwrap();
        pwrite(&self.file, &(self.word(12) + 1).to_ne_bytes(), 12).unwrap();
    }

    /// Of each running program with timers: the last change that it has seen, and its timers that are due.
    fn slots(&self) -> impl Iterator<Item = (u32, u32)> {
        let slots = (SLOTS..LENGTH).step_by(SLOT).map(|at| (self.word(at), self.word(at + 4), self.word(at + 8)));
        slots
            .take_while(|(pid, ..)| *pid != 0)
            .filter(|(pid, ..)| is_running(*pid))
            .map(|(_, seen, pending)| (seen, pending))
    }

    fn word(&self, at: u64) -> u32 {
        let mut bytes = [0; 4];
        assert_eq!(pread(&self.file, &mut bytes, at).unwrap(), 4);
        u32::from_ne_bytes(bytes)
    }
}
