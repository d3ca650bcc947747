//! The lab: a server that decides how the Keys behind the lab module behave, and counts what the module is asked.
//!
//! The lab module stands in front of SoftHSM2 and asks the lab at each call, whichever process it is in; so a counter
//! is one for all, as in a real Key. A Key of a SoftHSM2 store is unknown to the module until it is
//! [added](Lab::add). It must be made before a process initializes the module, since SoftHSM2 reads its store only
//! then; plugging in and out is the lab's doing.

mod key;
mod server;
mod sm2;
mod state;

pub use key::{Flags, PinCodes};
pub use sm2::{Sm2Family, Sm2Output};
pub use state::{SlotEvents, When};

use crate::key::Key;
use crate::stage::STAGE;
use key::LabKey;
use server::Server;
use sm2::Sm2Keys;
use state::{Counted, State};
use std::path::PathBuf;
use std::time::Duration;
use ukey_lab_module::attempt::{Attempt, Made};
use ukey_lab_module::control::{CONTROL_VARIABLE, Call, Code, Fault, Who};

/// A running lab. When it is dropped the module's calls fail with `CKR_DEVICE_ERROR`.
#[derive(Debug)]
pub struct Lab {
    server: Server,
}

impl Lab {
    /// Starts a lab with no Keys.
    pub fn start(name: &str) -> Self {
        Self { server: Server::start(name) }
    }

    /// Starts a lab with these Keys, all plugged in, and changes what `prepare` says.
    pub(crate) fn with_keys(name: &str, keys: &[Key], prepare: impl FnOnce(&Self, &[Key])) -> Self {
        let lab = Self::start(name);
        for key in keys {
            lab.add(key);
        }
        prepare(&lab, keys);
        lab
    }

    /// The module to name in a module file or on a command line.
    pub fn library() -> PathBuf {
        let path = PathBuf::from(format!("{STAGE}/bin/deps/libukey_lab_module.so"));
        assert!(path.exists(), "the lab module is not built beside the tests");
        path
    }

    /// What the module needs in its environment, beside what SoftHSM2 needs.
    pub fn environment(&self) -> Vec<(String, String)> {
        vec![(CONTROL_VARIABLE.to_owned(), self.server.path().to_str().unwrap().to_owned())]
    }

    /// Shows a Key, plugged in, with 10 tries for each PIN, in a slot of its own.
    pub fn add(&self, key: &Key) {
        self.change(|state| {
            let slot = state.new_slot();
            state.keys.push(LabKey::new(key.serial_number().to_owned(), slot));
            state.announce(&[slot]);
        });
    }

    /// Sets how many wrong PINs in a row lock the user PIN and the SO PIN, and fills both counters.
    pub fn pin_limit(&self, key: &Key, user: u32, so: u32) {
        self.change_key(key, |key| key.limit(user, so));
    }

    /// Sets what the Key's PIN flags say.
    pub fn flags(&self, key: &Key, flags: Flags) {
        self.change_key(key, |key| key.flags = flags);
    }

    /// Sets what the Key answers to wrong PINs.
    pub fn codes(&self, key: &Key, codes: PinCodes) {
        self.change_key(key, |key| key.codes = codes);
    }

    /// Shows the Key with this label.
    pub fn show_label(&self, key: &Key, label: &str) {
        self.change_key(key, |key| key.label = Some(label.to_owned()));
    }

    /// Shows the Key with this model.
    pub fn show_model(&self, key: &Key, model: &str) {
        self.change_key(key, |key| key.model = Some(model.to_owned()));
    }

    /// Shows the Key's SM2 keys as those of this family, which sign in this form.
    pub fn sm2(&self, key: &Key, family: Sm2Family, output: Sm2Output) {
        let keys = Sm2Keys::read(key, family, output);
        self.change_key(key, |key| key.sm2 = Some(keys));
    }

    /// Shows the Key with this serial number.
    pub fn show_serial(&self, key: &Key, serial: &str) {
        self.change_key(key, |key| key.shown_serial = Some(serial.to_owned()));
    }

    /// The serial number is blank for so long after each insertion, from the next one on.
    pub fn settles_after(&self, key: &Key, time: Duration) {
        self.change_key(key, |key| key.settling = time);
    }

    /// Shows the Key in a second slot too.
    pub fn second_slot(&self, key: &Key) {
        self.change(|state| {
            let slot = state.new_slot();
            state.key(key.serial_number()).slots.push(slot);
            state.announce(&[slot]);
        });
    }

    /// Wrong PINs have been tried before: this many more lock the PIN.
    pub fn leave_tries(&self, key: &Key, who: Who, left: u32) {
        self.change_key(key, |key| key.counter(who).left = left);
    }

    /// The user PIN is the one that the Key came with, and the Key says so.
    pub fn initial_pin(&self, key: &Key) {
        self.change_key(key, |key| key.initial = true);
    }

    /// PINs are typed on the Key: none is taken from the caller.
    pub fn keypad(&self, key: &Key) {
        self.change_key(key, |key| key.keypad = true);
    }

    /// Types a PIN on the Key's keypad, now or when it will ask for one. A change of the PIN asks for two.
    pub fn type_on_key(&self, key: &Key, pin: &str) {
        self.change_key(key, |key| key.typed.push_back(Some(pin.to_owned())));
    }

    /// Presses cancel on the Key's keypad.
    pub fn cancel_on_key(&self, key: &Key) {
        self.change_key(key, |key| key.typed.push_back(None));
    }

    /// Unplugs the Key: its sessions and logins are gone.
    pub fn remove(&self, key: &Key) {
        self.plug(key, |key, _| key.remove());
    }

    /// Plugs it in where it was.
    pub fn insert(&self, key: &Key) {
        self.plug(key, |key, _| key.insert());
    }

    /// Plugs it in at another port: its slots are new ones.
    pub fn insert_elsewhere(&self, key: &Key) {
        self.plug(key, |key, new_slots| {
            key.slots = new_slots;
            key.insert();
        });
    }

    /// Sets how `C_WaitForSlotEvent` behaves.
    pub fn slot_events(&self, events: SlotEvents) {
        self.change(|state| state.slot_events = events);
    }

    /// From the next initialization on, a process sees the slots as they were at its initialization.
    pub fn freeze_slot_list(&self) {
        self.change(|state| state.frozen = true);
    }

    /// Makes calls go wrong.
    pub fn fault(&self, when: When, fault: Fault) {
        self.change(|state| state.faults.push((when, fault)));
    }

    /// Ends every fault; what already hangs stays so.
    pub fn clear_faults(&self) {
        self.change(|state| state.faults.clear());
    }

    /// The Key has no security officer: `C_Login(CKU_SO)` and `C_InitPIN` are not supported.
    pub fn without_so(&self, key: &Key) {
        for call in [Call::Login(Who::So), Call::InitPin] {
            self.fault(When::calling(call).of(key), Fault::Fail(Code::FUNCTION_NOT_SUPPORTED));
        }
    }

    /// How often this was called, by any process.
    pub fn count(&self, call: Call) -> usize {
        self.sum(|counted| counted.call == call)
    }

    /// How often this was called for a Key.
    pub fn count_of(&self, key: &Key, call: Call) -> usize {
        let serial = key.serial_number();
        self.sum(|counted| counted.call == call && counted.serial.as_deref() == Some(serial))
    }

    /// How many calls carried a PIN, right or wrong, let in or not.
    pub fn pin_calls(&self) -> usize {
        self.sum(|counted| counted.call.takes_pin())
    }

    /// How many PINs the Key itself has judged or is judging, of whichever call.
    pub fn tries_used(&self, key: &Key) -> usize {
        self.change_key(key, |key| key.judged)
    }

    /// How many wrong PINs the Key would still take.
    pub fn tries_left(&self, key: &Key, who: Who) -> u32 {
        self.change_key(key, |key| key.counter(who).left)
    }

    /// The processes that [`Fault::Fork`] has left behind, running or not.
    pub fn forked(&self) -> Vec<u32> {
        self.change(|state| state.forked.clone())
    }

    /// How often [`Fault::Fork`] was not possible, since the process may not fork.
    pub fn forks_denied(&self) -> usize {
        self.change(|state| state.forks_denied)
    }

    /// Has the module try these, in order, in the next call of this kind.
    pub fn attempt(&self, call: Call, attempts: impl IntoIterator<Item = Attempt>) {
        for attempt in attempts {
            self.fault(When::calling(call).times(1), Fault::Attempt(attempt));
        }
    }

    /// The attempts made so far.
    pub fn attempts(&self) -> Vec<Made> {
        self.change(|state| state.attempts.clone())
    }

    fn sum(&self, fits: impl Fn(&Counted) -> bool) -> usize {
        self.change(|state| state.counts.iter().filter(|(counted, _)| fits(counted)).map(|(_, count)| count).sum())
    }

    fn plug(&self, key: &Key, change: impl FnOnce(&mut LabKey, Vec<u64>)) {
        self.change(|state| {
            let serial = key.serial_number();
            let before = state.key(serial).slots.clone();
            let new_slots = before.iter().map(|_| state.new_slot()).collect();
            let key = state.key(serial);
            change(key, new_slots);
            let after = key.slots.clone();
            state.announce(&after);
        });
    }

    fn change_key<T>(&self, key: &Key, change: impl FnOnce(&mut LabKey) -> T) -> T {
        self.change(|state| change(state.key(key.serial_number())))
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.server.change(change)
    }
}
