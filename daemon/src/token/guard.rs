//! The PIN guard: what is known of a PIN, and whether it may be tried now. Pure; every try needs its permit.
//!
//! Three things are known, and none is trusted alone: the flags that were read just now, the answers that the Key gave
//! to us (they survive restarts in the journal), and the number of tries where the vendor states it.

use ukey_dbus::PinState;
use ukey_shim_protocol::PinFlags;

/// Without a stated number, the try after so many wrong answers needs a confirmation.
const UNKNOWN_FREE: u32 = 2;
/// So many wrong answers within [`WINDOW_MS`] are the most without a confirmation, whatever else is known.
const WINDOW_FREE: usize = 3;
const WINDOW_MS: u64 = 10 * 60 * 1000;

/// How a try ended, as far as its counter is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TryOutcome {
    /// The PIN was right.
    Right,
    /// The PIN was wrong.
    Wrong,
    /// The Key says that the PIN is locked.
    Locked,
    /// The answer was lost: it may have been wrong.
    Lost,
}

/// What a person has to agree to before a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Risk {
    /// Several entries were wrong, and nobody knows how many are left.
    UnknownTries,
    /// One try is left.
    FinalTry,
}

/// Why there is no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Not before a person has agreed to this.
    Confirm(Risk),
    /// It is locked: the Key is not asked.
    Locked,
    /// There is no such PIN.
    NotSet,
}

/// Leave to call the module with one PIN, once. Only the guard makes one, and a try consumes it.
#[derive(Debug)]
pub(crate) struct TryPermit(());

/// Has the Key answered "locked"?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lock {
    #[default]
    Not,
    /// Since it was plugged in.
    Answered,
    /// Some time ago, by the journal. It may have been unlocked elsewhere meanwhile: a person has to say so.
    Remembered,
}

/// What the Key answered to us, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    wrong_since_right: u32,
    /// Times of the latest wrong answers, Unix milliseconds; at most [`WINDOW_FREE`].
    wrong_at: Vec<u64>,
    lock: Lock,
}

impl Answers {
    /// Counts one more answer.
    pub(crate) fn add(&mut self, outcome: TryOutcome, at_ms: u64) {
        match outcome {
            TryOutcome::Right => *self = Self::default(),
            TryOutcome::Wrong | TryOutcome::Lost => self.add_wrong(at_ms),
            TryOutcome::Locked => {
                self.add_wrong(at_ms);
                self.lock = Lock::Answered;
            }
        }
    }

    /// These answers are from the journal.
    pub(crate) fn remembered(mut self) -> Self {
        if self.lock == Lock::Answered {
            self.lock = Lock::Remembered;
        }
        self
    }

    /// The Key's own flags say that its counter is full again. What happened lately is not forgotten.
    fn healed(&mut self) {
        self.wrong_since_right = 0;
        self.lock = Lock::Not;
    }

    fn add_wrong(&mut self, at_ms: u64) {
        self.wrong_since_right = self.wrong_since_right.saturating_add(1);
        if self.wrong_at.len() == WINDOW_FREE {
            self.wrong_at.remove(0);
        }
        self.wrong_at.push(at_ms);
    }

    /// Wrong answers within the window; a clock that was set back forgets none.
    fn wrong_lately(&self, now_ms: u64) -> usize {
        self.wrong_at.iter().filter(|at| now_ms.saturating_sub(**at) < WINDOW_MS).count()
    }
}

/// Everything that is known of one PIN.
#[derive(Clone, Debug)]
pub(crate) struct PinKnowledge {
    /// Wrong entries until a lock, where the vendor states it.
    limit: Option<u32>,
    /// `None` until they were read.
    flags: Option<PinFlags>,
    set: bool,
    /// The flags have shown wrong entries; when they no more do, someone has logged in or unlocked it elsewhere.
    trouble_shown: bool,
    answers: Answers,
}

impl PinKnowledge {
    /// Nothing was read yet; `answers` are from before a restart.
    pub(crate) fn new(limit: Option<u8>, answers: Answers) -> Self {
        Self { limit: limit.map(u32::from), flags: None, set: true, trouble_shown: false, answers }
    }

    /// Flags that were read just now, and whether the PIN was ever set.
    pub(crate) fn read(&mut self, flags: PinFlags, set: bool) {
        self.flags = Some(flags);
        self.set = set;
        let trouble = flags.count_low || flags.final_try || flags.locked;
        if self.trouble_shown && !trouble {
            self.answers.healed();
        }
        self.trouble_shown = trouble;
    }

    /// The flags could not be read: the old ones prove nothing.
    pub(crate) fn unreadable(&mut self) {
        self.flags = None;
    }

    /// The Key has answered a try.
    pub(crate) fn answered(&mut self, outcome: TryOutcome, at_ms: u64) {
        self.answers.add(outcome, at_ms);
        // The next reading tells anew.
        self.trouble_shown = false;
    }

    /// The state as it is shown; the gravest sign wins.
    pub(crate) fn state(&self) -> PinState {
        let Some(flags) = self.flags else {
            return if self.answers.lock == Lock::Answered { PinState::Locked } else { PinState::Unknown };
        };
        if flags.locked || self.answers.lock == Lock::Answered {
            PinState::Locked
        } else if !self.set {
            PinState::NotSet
        } else if flags.final_try || self.counted() == Some(1) {
            PinState::FinalTry
        } else if self.answers.lock == Lock::Remembered {
            PinState::Unknown
        } else if flags.count_low || self.answers.wrong_since_right > 0 {
            PinState::Low
        } else if flags.to_be_changed {
            PinState::ToBeChanged
        } else {
            PinState::Ok
        }
    }

    /// Tries left, only when known: by the flags at the end, else by the vendor's number and what was seen.
    pub(crate) fn tries_remaining(&self) -> Option<u8> {
        let flags = self.flags?;
        match self.state() {
            PinState::Locked => Some(0),
            PinState::FinalTry => Some(1),
            PinState::Unknown | PinState::NotSet => None,
            // Wrong entries that we did not see were made: the number is not ours to tell.
            _ if flags.count_low && self.answers.wrong_since_right == 0 => None,
            _ => self.counted().and_then(|left| u8::try_from(left).ok()),
        }
    }

    /// What the vendor's number leaves after the wrong answers seen, never less than one: only the Key says "locked".
    fn counted(&self) -> Option<u32> {
        self.limit.map(|limit| limit.saturating_sub(self.answers.wrong_since_right).max(1))
    }

    /// May this PIN be tried now, with what a person has agreed to?
    pub(crate) fn permit(&self, agreed: Option<Risk>, now_ms: u64) -> Result<TryPermit, Denial> {
        match self.state() {
            PinState::Locked => return Err(Denial::Locked),
            PinState::NotSet => return Err(Denial::NotSet),
            _ => {}
        }
        match self.risk(now_ms) {
            Some(risk) if agreed.is_none_or(|agreed| agreed < risk) => Err(Denial::Confirm(risk)),
            _ => Ok(TryPermit(())),
        }
    }

    fn risk(&self, now_ms: u64) -> Option<Risk> {
        let uncounted = self.limit.is_none() && self.answers.wrong_since_right >= UNKNOWN_FREE;
        if self.state() == PinState::FinalTry || self.answers.lock == Lock::Remembered {
            Some(Risk::FinalTry)
        } else if uncounted || self.answers.wrong_lately(now_ms) >= WINDOW_FREE {
            Some(Risk::UnknownTries)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
