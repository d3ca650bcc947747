//! What a call may be answered.

use super::program::Answer;
use ukey_dbus::ErrorKind;

/// What was asked for, in an undisturbed machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Whatever the contract has for a machine where things go wrong.
    Anything,
    /// A login with the right PIN.
    Login,
    /// A login with a wrong PIN.
    WrongLogin,
    /// A login whose dialogs are declined; it may have needed none that was.
    Declined,
    /// A signature, with dialogs.
    Signature,
    /// A signature without.
    QuietSignature,
    /// A logout.
    Logout,
    /// An unlock with the right PINs.
    Unblocked,
}

impl Expected {
    /// May this be the answer, when so many tries were left?
    pub(super) fn allows(self, answer: &Answer, left: u32) -> bool {
        use ErrorKind::{Cancelled, LoginRequired, PinFinalTry, PinIncorrect, PinLocked};
        let locked = left == 0;
        match (self, answer) {
            (Self::Anything, answer) => is_named(answer),
            (Self::Login | Self::Signature, Answer::Refused(PinLocked)) => locked,
            (Self::Login | Self::Declined | Self::Logout | Self::Unblocked, Answer::Done) => true,
            (Self::WrongLogin, Answer::Refused(PinIncorrect)) => !locked,
            // The last try may be answered either way.
            (Self::WrongLogin, Answer::Refused(PinLocked)) => left <= 1,
            (Self::Declined, Answer::Refused(Cancelled | PinFinalTry)) => true,
            (Self::Declined, Answer::Refused(PinLocked)) => locked,
            (Self::Signature | Self::QuietSignature, Answer::Signature(_)) => true,
            // Another user may be logged in.
            (Self::Signature | Self::QuietSignature | Self::Logout, Answer::Refused(LoginRequired)) => true,
            _ => false,
        }
    }
}

/// Errors that no disturbance of the soak explains.
fn is_named(answer: &Answer) -> bool {
    match answer {
        Answer::Done | Answer::Signature(_) | Answer::Gone => true,
        Answer::Odd(_) => false,
        Answer::Refused(kind) => !matches!(
            kind,
            ErrorKind::Internal
                | ErrorKind::SignatureInvalid
                | ErrorKind::AuditUnavailable
                | ErrorKind::NotAuthorized
                | ErrorKind::InvalidArgument
                | ErrorKind::AlgorithmUnsupported
                | ErrorKind::WrongKeyUse
                | ErrorKind::CertificateExpired
                | ErrorKind::CertificateNotYetValid
                | ErrorKind::ConsentDenied
                | ErrorKind::UnblockUnsupported
                | ErrorKind::PinInvalid
        ),
    }
}
