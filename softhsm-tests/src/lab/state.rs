//! Everything the lab knows.

use crate::key::Key;
use crate::lab::key::LabKey;
use std::collections::{BTreeSet, HashMap};
use ukey_lab_module::attempt::Made;
use ukey_lab_module::control::{Answer, Call, Fault, PinFlags, Place};

/// How `C_WaitForSlotEvent` behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotEvents {
    /// As the standard has it.
    #[default]
    Working,
    /// `CKR_FUNCTION_NOT_SUPPORTED`.
    Missing,
    /// As SoftHSM2: never an event without blocking, and blocking is not supported.
    Silent,
}

/// Which calls go wrong.
#[derive(Clone, Debug)]
pub struct When {
    call: Call,
    serial: Option<String>,
    after: bool,
    times: Option<usize>,
}

impl When {
    /// Every such call, before the real module is asked.
    pub fn calling(call: Call) -> Self {
        Self { call, serial: None, after: false, times: None }
    }

    /// Only for this Key.
    pub fn of(mut self, key: &Key) -> Self {
        self.serial = Some(key.serial_number().to_owned());
        self
    }

    /// After the real module has done its work: the answer is lost, a PIN was tried.
    pub fn after_it(mut self) -> Self {
        self.after = true;
        self
    }

    /// Only the next so many calls.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    fn fits(&self, call: Call, serial: Option<&str>) -> bool {
        self.call == call && self.times != Some(0) && (self.serial.is_none() || self.serial.as_deref() == serial)
    }
}

/// What calls are counted by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Counted {
    pub(crate) call: Call,
    pub(crate) serial: Option<String>,
}

/// One initialization of the module in some process.
#[derive(Debug)]
pub(crate) struct Instance {
    /// PIN flags at its beginning, by serial number.
    pub(crate) flags: HashMap<String, [PinFlags; 2]>,
    /// Slots at its beginning, when it sees no others.
    pub(crate) frozen: Option<Vec<(u64, bool)>>,
    /// Slots where something has happened that it was not told of.
    pub(crate) events: BTreeSet<u64>,
}

/// Keys, faults, counts.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) keys: Vec<LabKey>,
    pub(crate) instances: HashMap<u64, Instance>,
    pub(crate) faults: Vec<(When, Fault)>,
    pub(crate) counts: HashMap<Counted, usize>,
    pub(crate) slot_events: SlotEvents,
    pub(crate) frozen: bool,
    pub(crate) forked: Vec<u32>,
    pub(crate) forks_denied: usize,
    pub(crate) attempts: Vec<Made>,
    pub(crate) closed: bool,
    last_slot: u64,
    last_instance: u64,
}

impl State {
    pub(crate) fn key(&mut self, serial: &str) -> &mut LabKey {
        let found = self.keys.iter_mut().find(|key| key.serial == serial);
        found.unwrap_or_else(|| panic!("the lab has no Key {serial}: Lab::add it first"))
    }

    pub(crate) fn new_slot(&mut self) -> u64 {
        self.last_slot += 1;
        self.last_slot
    }

    /// Tells every process that something has happened in these slots.
    pub(crate) fn announce(&mut self, slots: &[u64]) {
        for instance in self.instances.values_mut() {
            instance.events.extend(slots);
        }
    }

    pub(crate) fn join(&mut self) -> Answer {
        let instance = Instance {
            flags: self.keys.iter().map(|key| (key.serial.clone(), key.true_flags())).collect(),
            frozen: self.frozen.then(|| self.live_slots()),
            events: BTreeSet::new(),
        };
        self.last_instance += 1;
        self.instances.insert(self.last_instance, instance);
        Answer::Instance(self.last_instance)
    }

    pub(crate) fn slots(&self, instance: u64) -> Answer {
        let frozen = self.instances.get(&instance).and_then(|instance| instance.frozen.clone());
        Answer::Slots(frozen.unwrap_or_else(|| self.live_slots()))
    }

    pub(crate) fn begin(&mut self, instance: u64, call: Call, place: &Place) -> Answer {
        let key = self.keys.iter().find(|key| match place {
            Place::Nowhere => false,
            Place::Slot(slot) => key.slots.contains(slot),
            Place::Key(serial) => key.serial == *serial,
        });
        let key = key.map(|key| key.view(self.instances.get(&instance)));
        let serial = key.as_ref().map(|key| key.serial.clone());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (when, fault) in &mut self.faults {
            if when.fits(call, serial.as_deref()) {
                when.times = when.times.map(|times| times - 1);
                if when.after { after.push(fault.clone()) } else { before.push(fault.clone()) }
            }
        }
        *self.counts.entry(Counted { call, serial }).or_default() += 1;
        Answer::Orders { before, after, key }
    }

    fn live_slots(&self) -> Vec<(u64, bool)> {
        self.keys.iter().flat_map(|key| key.slots.iter().map(|slot| (*slot, key.present))).collect()
    }
}
