//! What a caller hears when the PIN guard gives no permit.

use super::guard::{Denial, Risk};
use ukey_dbus::{Error, ErrorKind};
use ukey_shim_protocol::PinRole;

/// The error for this PIN and this denial.
pub(crate) fn denied(role: PinRole, denial: Denial) -> Error {
    let (kind, message) = match (role, denial) {
        (PinRole::User, Denial::Locked) => (ErrorKind::PinLocked, "the user PIN is locked; a technician can unlock it"),
        (PinRole::So, Denial::Locked) => (ErrorKind::SoPinLocked, "the SO PIN is locked; the Key must be replaced"),
        (PinRole::User, Denial::NotSet) => (ErrorKind::PinInvalid, "the Key has no user PIN yet"),
        (PinRole::So, Denial::NotSet) => (ErrorKind::UnblockUnsupported, "the Key has no SO PIN"),
        (PinRole::User, Denial::Confirm(Risk::FinalTry)) => {
            (ErrorKind::PinFinalTry, "one try is left; a wrong PIN locks the Key")
        }
        (PinRole::User, Denial::Confirm(Risk::UnknownTries)) => {
            (ErrorKind::PinFinalTry, "several entries were wrong and the number left is unknown")
        }
        (PinRole::So, Denial::Confirm(Risk::FinalTry)) => {
            (ErrorKind::SoPinFinalTry, "one SO PIN try is left; a wrong one makes the Key useless")
        }
        (PinRole::So, Denial::Confirm(Risk::UnknownTries)) => {
            (ErrorKind::SoPinFinalTry, "several SO PINs were wrong and the number left is unknown")
        }
    };
    Error::new(kind, message)
}
