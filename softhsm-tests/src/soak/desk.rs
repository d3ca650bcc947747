//! What people do with one Key: which PIN they type at the moment, and how many they have typed.

use crate::key::Key;
use std::cell::Cell;

const WRONG_PIN: &str = "not-the-pin";

/// What is typed where a PIN is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The right PIN.
    Right,
    /// A wrong one.
    Wrong,
    /// Nothing: the dialog is closed.
    Close,
}

/// What is answered where a risk is to be agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RiskAnswer {
    Agree,
    Refuse,
}

/// How the dialogs of one call are answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) entry: Entry,
    pub(super) risk: RiskAnswer,
}

impl Plan {
    pub(super) const RIGHT: Self = Self { entry: Entry::Right, risk: RiskAnswer::Agree };
    pub(super) const WRONG: Self = Self { entry: Entry::Wrong, risk: RiskAnswer::Agree };
    /// Nobody expects a dialog: whatever comes is closed.
    pub(super) const AWAY: Self = Self { entry: Entry::Close, risk: RiskAnswer::Refuse };
}

/// One Key's desk.
#[derive(Debug)]
pub(super) struct Desk {
    label: String,
    pin: String,
    so_pin: String,
    plan: Cell<Plan>,
    tries: Cell<u64>,
}

impl Desk {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            label: key.label().to_owned(),
            pin: key.pin().to_owned(),
            so_pin: key.so_pin().to_owned(),
            plan: Cell::new(Plan::AWAY),
            tries: Cell::new(0),
        }
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn plan(&self) -> Plan {
        self.plan.get()
    }

    pub(super) fn set_plan(&self, plan: Plan) {
        self.plan.set(plan);
    }

    /// PINs typed so far that the Key may judge; new ones are not among them.
    pub(super) fn tries(&self) -> u64 {
        self.tries.get()
    }

    /// What is typed at this prompt.
    pub(super) fn typed(&self, prompt: &str, entry: Entry) -> &str {
        if prompt.starts_with("New user PIN") {
            return &self.pin;
        }
        self.tries.set(self.tries.get() + 1);
        match entry {
            Entry::Wrong | Entry::Close => WRONG_PIN,
            Entry::Right if prompt.starts_with("SO PIN") => &self.so_pin,
            Entry::Right => &self.pin,
        }
    }
}
