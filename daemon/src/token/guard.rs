//! The PIN guard: may a PIN be tried now? Pure; the answer is a permit that the Key's actor asks for.

use ukey_dbus::{Error, ErrorKind, PinState};
use ukey_shim_protocol::PinFlags;

/// Has a person agreed to use the last try?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    Given,
    NotGiven,
}

/// Leave to call the module with one PIN, once. Only [`permit_try`] makes one, and a login consumes it.
#[derive(Debug)]
pub(crate) struct TryPermit(());

/// What the flags say of a PIN; the gravest wins.
pub(super) fn pin_state(flags: PinFlags, pin_initialized: bool) -> PinState {
    if flags.locked {
        PinState::Locked
    } else if flags.final_try {
        PinState::FinalTry
    } else if flags.count_low {
        PinState::Low
    } else if !pin_initialized {
        PinState::NotSet
    } else if flags.to_be_changed {
        PinState::ToBeChanged
    } else {
        PinState::Ok
    }
}

/// Tries left where the flags alone tell: none when locked, one before. Otherwise unknown.
pub(super) fn tries_remaining(state: PinState) -> Option<u8> {
    match state {
        PinState::Locked => Some(0),
        PinState::FinalTry => Some(1),
        _ => None,
    }
}

/// Decides whether a user PIN may be tried in this state.
pub(crate) fn permit_try(state: PinState, confirmation: Confirmation) -> Result<TryPermit, Error> {
    match (state, confirmation) {
        (PinState::Locked, _) => {
            Err(Error::new(ErrorKind::PinLocked, "the user PIN is locked; a technician can unlock it"))
        }
        (PinState::NotSet, _) => Err(Error::new(ErrorKind::PinInvalid, "the Key has no user PIN yet")),
        (PinState::FinalTry, Confirmation::NotGiven) => {
            Err(Error::new(ErrorKind::PinFinalTry, "one try is left; a wrong PIN locks the Key"))
        }
        _ => Ok(TryPermit(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_flags_lead_to_a_try_when_locked_or_unconfirmed_at_the_last(
            count_low: bool, final_try: bool, locked: bool, to_be_changed: bool, initialized: bool, confirmed: bool,
        ) {
            let flags = PinFlags { count_low, final_try, locked, to_be_changed };
            let state = pin_state(flags, initialized);
            let confirmation = if confirmed { Confirmation::Given } else { Confirmation::NotGiven };
            let permitted = permit_try(state, confirmation).is_ok();
            prop_assert!(!(locked && permitted));
            prop_assert!(!(final_try && !confirmed && permitted));
            prop_assert_eq!(tries_remaining(state) == Some(0), locked);
        }
    }
}
