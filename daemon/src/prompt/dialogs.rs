//! Which dialogs an operation needs, in which order, and what a refusal there means. Pure.

use crate::token::{PinTask, Risk};
use ukey_dbus::{DialogKind, NoticeKind};
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
