//! The two PINs of a Key: what was read and answered, kept across restarts by the journal.

use super::guard::{Answers, PinKnowledge, TryOutcome};
use super::snapshot::PinView;
use crate::audit::{Operation, PastTry};
use crate::config::Tries;
use ukey_dbus::{ErrorKind, PinState};
use ukey_shim_protocol::{PinRole, TokenInfo};

/// User PIN and SO PIN.
pub(super) struct Pins {
    pub(super) user: PinKnowledge,
    pub(super) so: PinKnowledge,
    initialized: bool,
}

impl Pins {
    /// From what is on record and the vendor's numbers.
    pub(super) fn new(tries: Tries, past: &[PastTry]) -> Self {
        let (mut user, mut so) = (Answers::default(), Answers::default());
        for past in past {
            for (role, outcome) in outcomes(past.operation, &past.result) {
                match role {
                    PinRole::User => user.add(outcome, past.time_ms),
                    PinRole::So => so.add(outcome, past.time_ms),
                }
            }
        }
        Self {
            user: PinKnowledge::new(tries.user, user.remembered()),
            so: PinKnowledge::new(tries.so, so.remembered()),
            initialized: false,
        }
    }

    /// Takes over flags that were read just now.
    pub(super) fn read(&mut self, info: &TokenInfo) {
        self.initialized = info.flags.initialized;
        self.user.read(info.flags.user, info.flags.initialized && info.flags.user_pin_initialized);
        // There is no flag for an SO PIN that was never set; a token that was never initialized has none.
        self.so.read(info.flags.so, info.flags.initialized);
    }

    /// The flags could not be read.
    pub(super) fn unreadable(&mut self) {
        self.user.unreadable();
        self.so.unreadable();
    }

    /// A PIN operation has ended.
    pub(super) fn ended(&mut self, operation: Operation, result: &str, at_ms: u64) {
        for (role, outcome) in outcomes(operation, result) {
            self.of_mut(role).answered(outcome, at_ms);
        }
    }

    /// The PIN of this role.
    pub(super) fn of(&self, role: PinRole) -> &PinKnowledge {
        match role {
            PinRole::User => &self.user,
            PinRole::So => &self.so,
        }
    }

    fn of_mut(&mut self, role: PinRole) -> &mut PinKnowledge {
        match role {
            PinRole::User => &mut self.user,
            PinRole::So => &mut self.so,
        }
    }

    /// How a PIN is shown.
    pub(super) fn view(&self, role: PinRole) -> PinView {
        let pin = self.of(role);
        if self.initialized || pin.state() == PinState::Unknown {
            PinView { state: pin.state(), tries_remaining: pin.tries_remaining() }
        } else {
            PinView { state: PinState::NotSet, tries_remaining: None }
        }
    }
}

/// Whose counter an operation asked, and how: from its name and result as they are on record.
fn outcomes(operation: Operation, result: &str) -> Vec<(PinRole, TryOutcome)> {
    let role = match operation {
        Operation::Login | Operation::SignWithPin | Operation::ChangePin => PinRole::User,
        Operation::ChangeSoPin | Operation::UnblockPin => PinRole::So,
        Operation::Logout | Operation::Sign => return Vec::new(),
    };
    let is = |kinds: [ErrorKind; 2]| kinds.iter().any(|kind| kind.short_name() == result);
    let outcome = if result == "ok" {
        TryOutcome::Right
    } else if is([ErrorKind::PinIncorrect, ErrorKind::SoPinIncorrect]) {
        TryOutcome::Wrong
    } else if is([ErrorKind::PinLocked, ErrorKind::SoPinLocked]) {
        TryOutcome::Locked
    } else if result == "outcome-unknown" || result == ErrorKind::PinOutcomeUnknown.short_name() {
        TryOutcome::Lost
    } else {
        return Vec::new();
    };
    match (operation, outcome) {
        // A new user PIN begins with all its tries.
        (Operation::UnblockPin, TryOutcome::Right) => vec![(role, outcome), (PinRole::User, TryOutcome::Right)],
        _ => vec![(role, outcome)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(entries: &[(Operation, &str)]) -> Vec<PastTry> {
        let entry = |(operation, result): &(Operation, &str)| PastTry {
            operation: *operation,
            result: (*result).to_owned(),
            time_ms: 0,
        };
        entries.iter().map(entry).collect()
    }

    fn pins(entries: &[(Operation, &str)]) -> Pins {
        Pins::new(Tries { user: Some(10), so: Some(10) }, &past(entries))
    }

    fn left(pins: &mut Pins, role: PinRole) -> Option<u8> {
        let flags = ukey_shim_protocol::PinFlags::default();
        pins.of_mut(role).read(flags, true);
        pins.of(role).tries_remaining()
    }

    #[test]
    fn wrong_answers_and_lost_ones_survive_a_restart() {
        let mut found = pins(&[
            (Operation::Login, "PinIncorrect"),
            (Operation::Login, "ok"),
            (Operation::ChangePin, "PinIncorrect"),
            (Operation::Login, "outcome-unknown"),
            (Operation::Login, "Cancelled"),
            (Operation::UnblockPin, "SoPinIncorrect"),
        ]);
        assert_eq!(left(&mut found, PinRole::User), Some(8));
        assert_eq!(left(&mut found, PinRole::So), Some(9));
    }

    #[test]
    fn an_unblock_gives_the_user_pin_all_its_tries() {
        let mut found = pins(&[(Operation::Login, "PinLocked"), (Operation::UnblockPin, "ok")]);
        assert_eq!(left(&mut found, PinRole::User), Some(10));
    }
}
