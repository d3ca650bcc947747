//! Factory PINs: the ones that Keys are commonly sold with, and which everybody therefore knows. Whether a PIN is one
//! is found out here and told to the person alone, once it turned out to be right; it leaves the agent in no other way.

use crate::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ukey_dbus::DialogKind;
use zbus::names::OwnedUniqueName;

/// Well-known PINs.
const KNOWN: &[&str] = &[
    "1234",
    "0000",
    "1111",
    "123456",
    "654321",
    "111111",
    "000000",
    "666666",
    "888888",
    "123123",
    "12345678",
    "87654321",
    "11111111",
    "00000000",
    "88888888",
    "12341234",
    "1234567890",
    "admin",
    "user",
    "password",
];

/// Most requests that are remembered.
const NOTES_MAX: usize = 16;
/// How long one is remembered.
const NOTE_TIME: Duration = Duration::from_secs(600);

/// Whether a PIN is a well-known one. Takes the same time for each PIN of whatever length.
pub(crate) fn is_factory(pin: &Pin) -> bool {
    KNOWN.iter().fold(false, |found, known| found | pin.equals(known.as_bytes()))
}

/// Whose PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The user's.
    User,
    /// The security officer's: the technicians'.
    So,
}

impl Whose {
    /// Whose PIN is in force after a dialog of this kind, if the one that is typed there is.
    pub(crate) fn after(kind: DialogKind) -> Option<Self> {
        match kind {
            DialogKind::UserPin | DialogKind::SignaturePin | DialogKind::NewPin => Some(Self::User),
            DialogKind::SoPin | DialogKind::NewSoPin => Some(Self::So),
            _ => None,
        }
    }
}

/// Whose factory PIN is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FactoryPins {
    /// The user PIN is one.
    pub(crate) user: bool,
    /// The SO PIN is one.
    pub(crate) so: bool,
}

/// Requests during which a factory PIN was typed: one bit for each PIN, for a short time.
#[derive(Default)]
pub(crate) struct FactoryNotes(Mutex<Vec<Note>>);

struct Note {
    sender: OwnedUniqueName,
    request: String,
    since: Instant,
    pins: FactoryPins,
}

impl FactoryNotes {
    /// Remembers whether the PIN that was typed last for a request is a factory PIN.
    pub(crate) fn set(&self, sender: &OwnedUniqueName, request: &str, whose: Whose, is_factory: bool) {
        let mut pins = self.take(sender, request);
        match whose {
            Whose::User => pins.user = is_factory,
            Whose::So => pins.so = is_factory,
        }
        if pins == FactoryPins::default() {
            return;
        }
        let mut notes = self.notes();
        if notes.len() >= NOTES_MAX {
            notes.remove(0);
        }
        notes.push(Note { sender: sender.clone(), request: request.to_owned(), since: Instant::now(), pins });
    }

    /// Forgets a request and returns what was remembered of it.
    pub(crate) fn take(&self, sender: &OwnedUniqueName, request: &str) -> FactoryPins {
        let mut notes = self.notes();
        notes.retain(|note| note.since.elapsed() < NOTE_TIME);
        let found = notes.iter().position(|note| note.sender == *sender && note.request == request);
        found.map(|index| notes.remove(index).pins).unwrap_or_default()
    }

    fn notes(&self) -> MutexGuard<'_, Vec<Note>> {
        // Nothing panics while it is held, and a half-done change can't be.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Pin {
        let mut pin = Pin::empty().unwrap();
        pin.append(text.as_bytes()).unwrap();
        pin
    }

    #[test]
    fn well_known_pins_are_found_and_no_others() {
        for known in KNOWN {
            assert!(is_factory(&pin(known)), "{known}");
        }
        for other in ["", "12345", "1234567", "123456 ", "739154", "药品"] {
            assert!(!is_factory(&pin(other)), "{other}");
        }
    }

    #[test]
    fn a_note_is_its_senders_is_read_once_and_the_list_is_bounded() {
        let (one, two) = (OwnedUniqueName::try_from(":1.1").unwrap(), OwnedUniqueName::try_from(":1.2").unwrap());
        let notes = FactoryNotes::default();
        notes.set(&one, "r1", Whose::So, true);
        notes.set(&one, "r1", Whose::User, true);
        assert_eq!(notes.take(&two, "r1"), FactoryPins::default());
        assert_eq!(notes.take(&one, "r1"), FactoryPins { user: true, so: true });
        assert_eq!(notes.take(&one, "r1"), FactoryPins::default());
        notes.set(&one, "r1", Whose::User, true);
        notes.set(&one, "r1", Whose::User, false);
        assert_eq!(notes.take(&one, "r1"), FactoryPins::default(), "the entry that counts is the last");
        for number in 0..40 {
            notes.set(&one, &number.to_string(), Whose::User, true);
        }
        assert_eq!(notes.notes().len(), NOTES_MAX);
    }
}
