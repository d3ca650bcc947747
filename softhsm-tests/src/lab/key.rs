//! A Key in the lab: plugged in or not, with counters that any process sees.

use crate::lab::sm2::Sm2Keys;
use crate::lab::state::Instance;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use ukey_lab_module::control::{Code, KeyView, PinFlags, Who};

/// What the PIN flags of `CK_TOKEN_INFO` say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flags {
    /// The truth: low from the first wrong PIN, final try before the last, locked after it.
    #[default]
    Live,
    /// The truth at the time when the process initialized the module.
    Lagging,
    /// The truth, but nothing before the final try.
    WithoutLow,
    /// Nothing, ever.
    Never,
    /// Low, always, and nothing else.
    AlwaysLow,
}

/// What a Key answers to a wrong PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinCodes {
    /// To one that leaves tries.
    pub wrong: Code,
    /// To the one that locks.
    pub locking: Code,
    /// To any when it is locked.
    pub locked: Code,
}

impl Default for PinCodes {
    fn default() -> Self {
        Self { wrong: Code::PIN_INCORRECT, locking: Code::PIN_INCORRECT, locked: Code::PIN_LOCKED }
    }
}

/// A PIN's counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    pub(crate) limit: u32,
    pub(crate) left: u32,
}

impl Counter {
    fn full(limit: u32) -> Self {
        Self { limit, left: limit }
    }

    fn flags(self) -> PinFlags {
        let low = (1..self.limit).contains(&self.left);
        PinFlags { low, final_try: self.left == 1, locked: self.left == 0, to_be_changed: false }
    }
}

/// A Key.
#[derive(Debug)]
pub(crate) struct LabKey {
    pub(crate) serial: String,
    pub(crate) slots: Vec<u64>,
    pub(crate) present: bool,
    pub(crate) generation: u64,
    pub(crate) label: Option<String>,
    pub(crate) shown_serial: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) sm2: Option<Sm2Keys>,
    pub(crate) settling: Duration,
    pub(crate) flags: Flags,
    pub(crate) codes: PinCodes,
    pub(crate) keypad: bool,
    /// The user PIN is the one that it came with.
    pub(crate) initial: bool,
    /// What a person has typed and the Key has not taken yet; `None` is the cancel key.
    pub(crate) typed: VecDeque<Option<String>>,
    /// A PIN is being judged: a card does one thing at a time.
    pub(crate) judging: bool,
    pub(crate) judged: usize,
    inserted: Instant,
    user: Counter,
    so: Counter,
}

impl LabKey {
    pub(crate) fn new(serial: String, slot: u64) -> Self {
        Self {
            serial,
            slots: vec![slot],
            present: true,
            generation: 0,
            label: None,
            shown_serial: None,
            model: None,
            sm2: None,
            settling: Duration::ZERO,
            flags: Flags::default(),
            codes: PinCodes::default(),
            keypad: false,
            initial: false,
            typed: VecDeque::new(),
            judging: false,
            judged: 0,
            inserted: Instant::now(),
            user: Counter::full(10),
            so: Counter::full(10),
        }
    }

    pub(crate) fn limit(&mut self, user: u32, so: u32) {
        self.user = Counter::full(user);
        self.so = Counter::full(so);
    }

    pub(crate) fn counter(&mut self, who: Who) -> &mut Counter {
        match who {
            Who::User | Who::Context => &mut self.user,
            Who::So => &mut self.so,
        }
    }

    pub(crate) fn remove(&mut self) {
        self.present = false;
        self.generation += 1;
    }

    pub(crate) fn insert(&mut self) {
        self.present = true;
        self.generation += 1;
        self.inserted = Instant::now();
    }

    /// The true flags of the user PIN and the SO PIN.
    pub(crate) fn true_flags(&self) -> [PinFlags; 2] {
        [PinFlags { to_be_changed: self.initial, ..self.user.flags() }, self.so.flags()]
    }

    /// The Key as one process sees it.
    pub(crate) fn view(&self, seen_by: Option<&Instance>) -> KeyView {
        let settled = self.inserted.elapsed() >= self.settling;
        let flags = match self.flags {
            Flags::Lagging => seen_by.and_then(|instance| instance.flags.get(&self.serial)).copied(),
            _ => None,
        };
        let [user, so] = flags.unwrap_or_else(|| self.true_flags()).map(|flags| self.distort(flags));
        KeyView {
            serial: self.serial.clone(),
            present: self.present,
            generation: self.generation,
            label: self.label.clone(),
            shown_serial: if settled { self.shown_serial.clone() } else { Some(String::new()) },
            user,
            so,
            keypad: self.keypad,
            model: self.model.clone(),
            sm2: self.sm2.as_ref().map(Sm2Keys::view),
        }
    }

    fn distort(&self, flags: PinFlags) -> PinFlags {
        match self.flags {
            Flags::Live | Flags::Lagging => flags,
            Flags::WithoutLow => PinFlags { low: false, ..flags },
            Flags::Never => PinFlags::default(),
            Flags::AlwaysLow => PinFlags { low: true, ..PinFlags::default() },
        }
    }
}
