//! From a module's `CK_RV` to what the daemon acts on. Codes: PKCS#11 3.0, section 5.1.

use cryptoki::error::{Error, Rv, RvError};
use cryptoki_sys as sys;
use ukey_shim_protocol::{Failure, FailureKind};

use crate::entry::EntryKind;

/// One more than the highest code that PKCS#11 3.2 gives a name.
const STANDARD_CODES_END: sys::CK_RV = 0x400;

/// A failure for which the module was not asked.
pub(crate) fn without_module(kind: FailureKind) -> Failure {
    Failure { kind, return_value: 0 }
}

/// What a call failed with, whichever it was.
pub(crate) fn of_call(error: &Error) -> Failure {
    match error {
        Error::Pkcs11(code, _) => of_code(number(*code)),
        Error::NullFunctionPointer => without_module(FailureKind::Unsupported),
        _ => without_module(FailureKind::Module),
    }
}

/// What loading or initializing failed with.
pub(crate) fn of_load(error: &Error) -> Failure {
    let return_value = match error {
        Error::Pkcs11(code, _) => number(*code),
        _ => 0,
    };
    Failure { kind: FailureKind::LoadFailed, return_value }
}

/// What `C_Login` failed with.
///
/// The codes about the PIN's form are given by modules that look at it before they ask the token (SoftHSM2:
/// `CKR_ARGUMENTS_BAD` for an empty one, `CKR_PIN_LEN_RANGE` for a long one; OpenSC: `CKR_PIN_LEN_RANGE`); no module is
/// known that counts a try with them. The daemon reads the flags again in any case.
pub(crate) fn of_login(return_value: sys::CK_RV, entry: EntryKind) -> Failure {
    let kind = match return_value {
        sys::CKR_PIN_INCORRECT => FailureKind::PinIncorrect,
        sys::CKR_PIN_LOCKED => FailureKind::PinLocked,
        sys::CKR_PIN_LEN_RANGE | sys::CKR_PIN_INVALID => FailureKind::PinInvalid,
        sys::CKR_ARGUMENTS_BAD if entry == EntryKind::Typed => FailureKind::PinInvalid,
        sys::CKR_USER_PIN_NOT_INITIALIZED | sys::CKR_USER_TYPE_INVALID => FailureKind::Unsupported,
        // No session was open, so nobody can be logged in: the module contradicts itself.
        sys::CKR_USER_ALREADY_LOGGED_IN | sys::CKR_USER_ANOTHER_ALREADY_LOGGED_IN => FailureKind::Module,
        _ => return of_pin_call(return_value, entry),
    };
    Failure { kind, return_value }
}

/// What `C_SetPIN` failed with. A module may look at the new PIN's form before it looks at the old PIN (SoftHSM2 does).
pub(crate) fn of_set_pin(return_value: sys::CK_RV, entry: EntryKind) -> Failure {
    let kind = match return_value {
        sys::CKR_PIN_INCORRECT => FailureKind::PinIncorrect,
        sys::CKR_PIN_LOCKED => FailureKind::PinLocked,
        // It would take a login first, with the PIN that it has now been given once.
        sys::CKR_USER_NOT_LOGGED_IN | sys::CKR_USER_PIN_NOT_INITIALIZED => FailureKind::Unsupported,
        sys::CKR_PIN_LEN_RANGE | sys::CKR_PIN_INVALID | sys::CKR_PIN_TOO_WEAK => FailureKind::NewPinInvalid,
        _ => return of_pin_call(return_value, entry),
    };
    Failure { kind, return_value }
}

/// What `C_InitPIN` failed with, after the SO PIN was right.
pub(crate) fn of_init_pin(return_value: sys::CK_RV, entry: EntryKind) -> Failure {
    let kind = match return_value {
        sys::CKR_PIN_LEN_RANGE | sys::CKR_PIN_INVALID | sys::CKR_PIN_TOO_WEAK => FailureKind::NewPinInvalid,
        // The login was accepted just before.
        sys::CKR_USER_NOT_LOGGED_IN => FailureKind::Module,
        _ => return on_token(return_value, entry).unwrap_or_else(|| of_code(return_value)),
    };
    Failure { kind, return_value }
}

/// What any other answer to a PIN means: nobody knows whether the token has judged it.
fn of_pin_call(return_value: sys::CK_RV, entry: EntryKind) -> Failure {
    on_token(return_value, entry).unwrap_or_else(|| {
        let failure = of_code(return_value);
        match failure.kind {
            FailureKind::Busy | FailureKind::Unsupported => failure,
            _ => Failure { kind: FailureKind::PinUnanswered, return_value },
        }
    })
}

/// The codes that mean something else when a person types on the token: OpenSC answers `CKR_FUNCTION_CANCELED` to both
/// the red key and nobody's answer.
fn on_token(return_value: sys::CK_RV, entry: EntryKind) -> Option<Failure> {
    let kind = match (entry, return_value) {
        (EntryKind::OnToken, sys::CKR_FUNCTION_CANCELED | sys::CKR_FUNCTION_REJECTED | sys::CKR_CANCEL) => {
            FailureKind::PinpadCancelled
        }
        // It takes no NULL although its flag says so.
        (EntryKind::OnToken, sys::CKR_ARGUMENTS_BAD) => FailureKind::Unsupported,
        _ => return None,
    };
    Some(Failure { kind, return_value })
}

/// What any other call failed with.
pub(crate) fn of_code(return_value: sys::CK_RV) -> Failure {
    let kind = match return_value {
        sys::CKR_DEVICE_REMOVED
        | sys::CKR_TOKEN_NOT_PRESENT
        | sys::CKR_SLOT_ID_INVALID
        | sys::CKR_SESSION_HANDLE_INVALID
        | sys::CKR_SESSION_CLOSED => FailureKind::TokenRemoved,
        sys::CKR_USER_NOT_LOGGED_IN => FailureKind::NotLoggedIn,
        sys::CKR_SESSION_COUNT
        | sys::CKR_SESSION_READ_ONLY_EXISTS
        | sys::CKR_USER_TOO_MANY_TYPES
        | sys::CKR_TOKEN_RESOURCE_EXCEEDED => FailureKind::Busy,
        sys::CKR_KEY_HANDLE_INVALID | sys::CKR_OBJECT_HANDLE_INVALID | sys::CKR_KEY_FUNCTION_NOT_PERMITTED => {
            FailureKind::KeyNotFound
        }
        sys::CKR_FUNCTION_NOT_SUPPORTED
        | sys::CKR_TOKEN_WRITE_PROTECTED
        | sys::CKR_SESSION_READ_ONLY
        | sys::CKR_MECHANISM_INVALID
        | sys::CKR_MECHANISM_PARAM_INVALID
        | sys::CKR_CURVE_NOT_SUPPORTED
        | sys::CKR_KEY_TYPE_INCONSISTENT
        | sys::CKR_KEY_SIZE_RANGE
        | sys::CKR_DATA_LEN_RANGE
        | sys::CKR_RANDOM_NO_RNG => FailureKind::Unsupported,
        _ => FailureKind::Module,
    };
    Failure { kind, return_value }
}

/// The number of a code. `cryptoki` turns numbers into names only, so its table is searched for the name.
fn number(code: RvError) -> sys::CK_RV {
    match code {
        RvError::VendorDefined(number) | RvError::UnknownErrorCode(number) => number,
        named => (0..STANDARD_CODES_END).find(|number| Rv::from(*number) == Rv::Error(named)).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_keeps_its_number() {
        for code in (1..STANDARD_CODES_END).chain([sys::CKR_VENDOR_DEFINED, sys::CKR_VENDOR_DEFINED + 7]) {
            let Rv::Error(named) = Rv::from(code) else { panic!("0x{code:x} is no success") };
            assert_eq!(number(named), code);
        }
    }

    #[test]
    fn a_wrong_pin_is_told_from_a_locked_and_from_a_malformed_one() {
        let kind = |code| of_login(code, EntryKind::Typed).kind;
        assert_eq!(kind(sys::CKR_PIN_INCORRECT), FailureKind::PinIncorrect);
        assert_eq!(kind(sys::CKR_PIN_LOCKED), FailureKind::PinLocked);
        assert_eq!(kind(sys::CKR_PIN_LEN_RANGE), FailureKind::PinInvalid);
        assert_eq!(kind(sys::CKR_USER_ALREADY_LOGGED_IN), FailureKind::Module);
        assert_eq!(kind(sys::CKR_GENERAL_ERROR), FailureKind::PinUnanswered);
        assert_eq!(kind(sys::CKR_DEVICE_REMOVED), FailureKind::PinUnanswered);
    }

    #[test]
    fn a_new_pin_that_is_refused_is_told_from_an_old_one_that_is_wrong() {
        let set = |code| of_set_pin(code, EntryKind::Typed).kind;
        assert_eq!(set(sys::CKR_PIN_INCORRECT), FailureKind::PinIncorrect);
        assert_eq!(set(sys::CKR_PIN_LOCKED), FailureKind::PinLocked);
        let initialize = |code| of_init_pin(code, EntryKind::Typed).kind;
        for code in [sys::CKR_PIN_LEN_RANGE, sys::CKR_PIN_INVALID, sys::CKR_PIN_TOO_WEAK] {
            assert_eq!((set(code), initialize(code)), (FailureKind::NewPinInvalid, FailureKind::NewPinInvalid));
        }
        assert_eq!(initialize(sys::CKR_PIN_INCORRECT), FailureKind::Module, "no PIN was asked for");
        assert_eq!(initialize(sys::CKR_FUNCTION_NOT_SUPPORTED), FailureKind::Unsupported);
        assert_eq!(set(sys::CKR_USER_NOT_LOGGED_IN), FailureKind::Unsupported);
    }

    #[test]
    fn only_a_person_at_a_keypad_can_cancel() {
        for code in [sys::CKR_FUNCTION_CANCELED, sys::CKR_FUNCTION_REJECTED, sys::CKR_CANCEL] {
            for of in [of_login, of_set_pin, of_init_pin] {
                assert_eq!(of(code, EntryKind::OnToken).kind, FailureKind::PinpadCancelled);
            }
            assert_eq!(of_login(code, EntryKind::Typed).kind, FailureKind::PinUnanswered);
            assert_eq!(of_set_pin(code, EntryKind::Typed).kind, FailureKind::PinUnanswered);
            assert_eq!(of_init_pin(code, EntryKind::Typed).kind, FailureKind::Module);
        }
    }
}
