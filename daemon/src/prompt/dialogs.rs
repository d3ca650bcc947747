//! Which dialogs an operation needs, in which order, and what a refusal there means. Pure.

use crate::token::{Denial, PinTask, Risk};
use ukey_dbus::{DialogKind, Error, ErrorKind, NoticeKind};
use ukey_shim_protocol::PinRole;

/// PIN dialogs, one socket each, in the order in which the shim wants them.
pub(super) fn pin_dialogs(task: &PinTask) -> &'static [DialogKind] {
    match task {
        PinTask::Login(_) => &[DialogKind::UserPin],
        PinTask::ChangePin(PinRole::User) => &[DialogKind::CurrentPin, DialogKind::NewPin],
        PinTask::ChangePin(PinRole::So) => &[DialogKind::CurrentSoPin, DialogKind::NewSoPin],
        PinTask::UnblockPin => &[DialogKind::SoPin, DialogKind::NewPin],
        PinTask::Sign { .. } => &[DialogKind::SignaturePin],
    }
}

/// Questions before the PIN dialogs that an operation always has.
pub(super) fn questions(task: &PinTask) -> u32 {
    u32::from(matches!(task, PinTask::UnblockPin))
}

/// What a person is told when it has worked.
pub(super) fn success_notice(task: &PinTask) -> Option<NoticeKind> {
    match task {
        PinTask::Login(_) => Some(NoticeKind::LoginSucceeded),
        PinTask::ChangePin(_) => Some(NoticeKind::PinChanged),
        PinTask::UnblockPin => Some(NoticeKind::Unblocked),
        PinTask::Sign { .. } => None,
    }
}

/// The question about a risk.
pub(super) fn risk_dialog(role: PinRole, risk: Risk) -> DialogKind {
    match (role, risk) {
        (PinRole::User, Risk::FinalTry) => DialogKind::FinalTry,
        (PinRole::User, Risk::UnknownTries) => DialogKind::UnknownTries,
        (PinRole::So, Risk::FinalTry) => DialogKind::SoFinalTry,
        (PinRole::So, Risk::UnknownTries) => DialogKind::SoUnknownTries,
    }
}

/// What a caller hears when there is no permit.
pub(super) fn denied(role: PinRole, denial: Denial) -> Error {
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
