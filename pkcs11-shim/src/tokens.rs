//! Tokens by reference: slot ids never leave this process.

use cryptoki::slot::{Slot, TokenInfo as ModuleTokenInfo};
use cryptoki::types::Version;
use ukey_shim_protocol::{Failure, FailureKind, LIST_MAX, PinFlags, TokenFlags, TokenInfo, TokenRef};

use crate::entry::{EntryKind, PinEntry};
use crate::failure;
use crate::module::Module;

/// What tells one token from another. The label is part of it: a token that was initialized anew is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    manufacturer: String,
    model: String,
    serial_number: String,
    label: String,
}

impl Identity {
    fn of(info: &ModuleTokenInfo) -> Self {
        Self {
            manufacturer: padding_removed(info.manufacturer_id()),
            model: padding_removed(info.model()),
            serial_number: padding_removed(info.serial_number()),
            label: padding_removed(info.label()),
        }
    }
}

#[derive(Debug)]
struct Entry {
    token: TokenRef,
    slot: Slot,
    identity: Identity,
}

/// The tokens seen at the last look.
#[derive(Debug, Default)]
pub(crate) struct TokenTable {
    entries: Vec<Entry>,
    last: u32,
}

/// What a look found.
pub(crate) struct Look {
    /// Every token that can be read.
    pub(crate) tokens: Vec<TokenInfo>,
    /// References that were good before and no longer are.
    pub(crate) gone: Vec<TokenRef>,
}

/// A token that was there a moment ago.
pub(crate) struct Found {
    pub(crate) slot: Slot,
    info: ModuleTokenInfo,
}

impl Found {
    /// Refuses a PIN that is to be typed on a token without a keypad.
    pub(crate) fn can_ask(&self, pins: &[PinEntry]) -> Result<(), Failure> {
        let by_itself = pins.iter().any(|pin| pin.kind() == EntryKind::OnToken);
        if by_itself && !self.info.protected_authentication_path() {
            return Err(failure::without_module(FailureKind::BadRequest));
        }
        Ok(())
    }

    /// Refuses a new PIN outside of the range that the token names, if it names one.
    pub(crate) fn accepts_new(&self, pin: &PinEntry) -> Result<(), Failure> {
        let range = pin_length(self.info.min_pin_length(), self.info.max_pin_length());
        match (range, pin.length()) {
            (Some((shortest, longest)), Some(length))
                if !(usize::from(shortest)..=usize::from(longest)).contains(&length) =>
            {
                Err(failure::without_module(FailureKind::NewPinInvalid))
            }
            _ => Ok(()),
        }
    }
}

impl TokenTable {
    /// Reads every token present. One that can't be read is left out, but keeps its reference while its slot is filled.
    pub(crate) fn look(&mut self, module: &Module) -> Result<Look, Failure> {
        let mut slots = module.slots()?;
        slots.truncate(LIST_MAX);
        let gone = self.retain(|entry| slots.contains(&entry.slot));
        let mut look = Look { tokens: Vec::with_capacity(slots.len()), gone };
        for slot in slots {
            if let Ok(info) = module.token_info(slot) {
                let (token, replaced) = self.refer(slot, Identity::of(&info));
                look.gone.extend(replaced);
                look.tokens.push(describe(token, &info));
            }
        }
        Ok(look)
    }

    /// Where a token is, after a look whether the same token is still there: no PIN may reach another one.
    pub(crate) fn find(&self, module: &Module, token: TokenRef) -> Result<Found, Failure> {
        let removed = || failure::without_module(FailureKind::TokenRemoved);
        let entry = self.entries.iter().find(|entry| entry.token == token).ok_or_else(removed)?;
        let info = module.token_info(entry.slot)?;
        if Identity::of(&info) == entry.identity { Ok(Found { slot: entry.slot, info }) } else { Err(removed()) }
    }

    /// The reference of the token in a slot, and the one that it replaces there.
    fn refer(&mut self, slot: Slot, identity: Identity) -> (TokenRef, Option<TokenRef>) {
        if let Some(entry) = self.entries.iter().find(|entry| entry.slot == slot && entry.identity == identity) {
            return (entry.token, None);
        }
        let replaced = self.retain(|entry| entry.slot != slot).pop();
        self.last += 1;
        let token = TokenRef(self.last);
        self.entries.push(Entry { token, slot, identity });
        (token, replaced)
    }

    fn retain(&mut self, keep: impl Fn(&Entry) -> bool) -> Vec<TokenRef> {
        self.entries.extract_if(.., |entry| !keep(entry)).map(|entry| entry.token).collect()
    }
}

fn describe(token: TokenRef, info: &ModuleTokenInfo) -> TokenInfo {
    let Identity { manufacturer, model, serial_number, label } = Identity::of(info);
    TokenInfo {
        token,
        label,
        manufacturer,
        model,
        serial_number,
        hardware_version: version(info.hardware_version()),
        firmware_version: version(info.firmware_version()),
        flags: TokenFlags {
            initialized: info.token_initialized(),
            login_required: info.login_required(),
            user_pin_initialized: info.user_pin_initialized(),
            protected_path: info.protected_authentication_path(),
            write_protected: info.write_protected(),
            user: PinFlags {
                count_low: info.user_pin_count_low(),
                final_try: info.user_pin_final_try(),
                locked: info.user_pin_locked(),
                to_be_changed: info.user_pin_to_be_changed(),
            },
            so: PinFlags {
                count_low: info.so_pin_count_low(),
                final_try: info.so_pin_final_try(),
                locked: info.so_pin_locked(),
                to_be_changed: info.so_pin_to_be_changed(),
            },
        },
        pin_length: pin_length(info.min_pin_length(), info.max_pin_length()),
    }
}

fn version(version: Version) -> (u8, u8) {
    (version.major(), version.minor())
}

/// A range that can be; some tokens name one that ends before it begins.
fn pin_length(shortest: usize, longest: usize) -> Option<(u8, u8)> {
    let shortest = u8::try_from(shortest).ok()?;
    let longest = u8::try_from(longest).unwrap_or(u8::MAX);
    (longest > 0 && shortest <= longest).then_some((shortest, longest))
}

/// A fixed-width text without what fills it up: blanks by the standard, zero bytes by habit.
pub(crate) fn padding_removed(text: &str) -> String {
    text.trim_end_matches([' ', '\0']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(serial_number: &str) -> Identity {
        Identity {
            manufacturer: "maker".into(),
            model: "model".into(),
            serial_number: serial_number.into(),
            label: "label".into(),
        }
    }

    fn slot(id: u64) -> Slot {
        Slot::try_from(id).unwrap()
    }

    #[test]
    fn a_reference_lasts_as_long_as_its_token_stays_in_its_slot() {
        let mut table = TokenTable::default();
        let (first, replaced) = table.refer(slot(1), identity("A"));
        assert_eq!(replaced, None);
        let (other, _) = table.refer(slot(2), identity("A"));
        assert_ne!(first, other, "equal tokens in two slots are two");
        assert_eq!(table.refer(slot(1), identity("A")), (first, None));

        let (changed, replaced) = table.refer(slot(1), identity("B"));
        assert_eq!(replaced, Some(first));
        let (back, replaced) = table.refer(slot(1), identity("A"));
        assert_eq!(replaced, Some(changed));
        assert_ne!(back, first, "a token that came back is referred to anew");
    }

    #[test]
    fn absurd_pin_ranges_are_unknown() {
        assert_eq!(pin_length(4, 255), Some((4, 255)));
        assert_eq!(pin_length(6, 1000), Some((6, 255)));
        for (shortest, longest) in [(8, 0), (0, 0), (9, 8), (256, 300)] {
            assert_eq!(pin_length(shortest, longest), None);
        }
    }
}
