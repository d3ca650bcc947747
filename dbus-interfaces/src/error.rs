//! The errors of the contract: one kind per D-Bus name, each saying what a caller may do next.

use crate::names::ERROR_PREFIX;
use zbus::message::{Header, Message};
use zbus::names::ErrorName;

/// Does the same call, made again, have a chance?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Yes, at once or after a short wait: the cause passes by itself.
    Helps,
    /// Yes, after a person has done something (typed a PIN, plugged the Key in, renewed the certificate).
    AfterAPerson,
    /// No: the call itself or the installation has to change.
    Useless,
}

/// May the Key's count of wrong PINs have moved?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinCounter {
    /// The module was not asked about a PIN, or took it.
    Untouched,
    /// One try was used.
    UsedATry,
    /// The answer was lost: one try may have been used.
    Unknown,
}

macro_rules! error_kinds {
    ($($(#[$doc:meta])* $name:ident: $retry:ident, $counter:ident;)*) => {
        /// What went wrong. The D-Bus name is `org.ukeyd.UKey1.Error.` and the variant's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// Every kind, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The variant's name: the last element of the D-Bus name.
            pub fn short_name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The full D-Bus error name.
            pub fn dbus_name(self) -> &'static str {
                match self { $(Self::$name => concat!("org.ukeyd.UKey1.Error.", stringify!($name)),)* }
            }

            /// Does calling again help?
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }

            /// May a PIN counter have moved?
            pub fn pin_counter(self) -> PinCounter {
                match self { $(Self::$name => PinCounter::$counter,)* }
            }
        }
    };
}

error_kinds! {
    /// The Key is not plugged in any more, or was pulled out during the call. Plug it in and call again.
    TokenRemoved: AfterAPerson, Untouched;
    /// The Key is busy with an exclusive operation (another program's unlock, or a session that it refuses to share).
    TokenBusy: Helps, Untouched;
    /// The vendor module crashed, answered nonsense or gave an unexpected return code. It is restarted by itself.
    ModuleFailed: Helps, Untouched;
    /// The vendor module did not answer in time and was ended. It is restarted by itself.
    ModuleTimeout: Helps, Untouched;
    /// Nobody, or another user, is logged in to the Key, and the caller asked for no dialog (`prompt` = `never`).
    LoginRequired: AfterAPerson, Untouched;
    /// The Key refused the PIN that was typed. Never call again with the same PIN: each entry uses one try.
    PinIncorrect: AfterAPerson, UsedATry;
    /// One try is left and nobody confirmed to use it. The module was not asked.
    PinFinalTry: AfterAPerson, Untouched;
    /// The user PIN is locked. A technician can unlock it with the SO PIN. The module was not asked, or said so.
    PinLocked: AfterAPerson, Unknown;
    /// The Key refused the SO PIN that was typed.
    SoPinIncorrect: AfterAPerson, UsedATry;
    /// One SO PIN try is left and nobody confirmed to use it. The module was not asked.
    SoPinFinalTry: AfterAPerson, Untouched;
    /// The SO PIN is locked: the Key can't be unlocked any more and has to be replaced by its CA.
    SoPinLocked: Useless, Unknown;
    /// The PIN can't be one: empty, over 255 bytes, or a new PIN outside the Key's length range. The Key counted nothing.
    PinInvalid: AfterAPerson, Untouched;
    /// The PIN was handed to the module and its answer was lost. One try may be used; the flags are read again first.
    PinOutcomeUnknown: AfterAPerson, Unknown;
    /// The Key has no SO PIN, or its module has no `C_InitPIN`. Ask the CA for a replacement.
    UnblockUnsupported: Useless, Untouched;
    /// No agent can show a dialog to this caller, or it left while the dialog was open. Start `ukey-agent`.
    NoAgent: AfterAPerson, Untouched;
    /// The user refused this program the use of the Key.
    ConsentDenied: AfterAPerson, Untouched;
    /// The user closed the dialog, or the caller cancelled its request.
    Cancelled: AfterAPerson, Untouched;
    /// `timeout-ms` passed. A dialog stays open for a while: the same call made again joins it.
    Timeout: Helps, Untouched;
    /// Too many dialogs, hash jobs or requests of this user are under way.
    TooManyRequests: Helps, Untouched;
    /// Policy does not allow this caller this action, or the policy could not be asked.
    NotAuthorized: Useless, Untouched;
    /// The certificate's `NotAfter` has passed.
    CertificateExpired: AfterAPerson, Untouched;
    /// The certificate's `NotBefore` has not come; a wrong clock looks the same.
    CertificateNotYetValid: AfterAPerson, Untouched;
    /// The certificate's key usage does not allow signatures.
    WrongKeyUse: Useless, Untouched;
    /// Unknown algorithm name, or one that this certificate's key can't do. `Certificate.Algorithms` lists those that it can.
    AlgorithmUnsupported: Useless, Untouched;
    /// An argument or option is malformed, unknown, too large, or a descriptor is not a readable regular file.
    InvalidArgument: Useless, Untouched;
    /// The module returned a signature that does not fit the certificate. Nothing left the service.
    SignatureInvalid: Useless, Untouched;
    /// The record could not be written, so the operation was not done or its result was withheld.
    AuditUnavailable: AfterAPerson, Untouched;
    /// A fault of ukeyd itself. Please report it with the journal's lines.
    Internal: Useless, Untouched;
}

impl ErrorKind {
    /// The kind with this full D-Bus name.
    pub fn from_dbus_name(name: &str) -> Option<Self> {
        let short = name.strip_prefix(ERROR_PREFIX)?;
        Self::ALL.iter().copied().find(|kind| kind.short_name() == short)
    }
}

/// An error of the contract: its kind and one line for a person or a log. Never holds a PIN or a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.short_name())]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error of this kind with its explanation.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The explanation: one line, English, for logs and developers.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<zbus::Error> for Error {
    /// Reads back an error reply of the contract; whatever else the bus says becomes `Internal` with its text.
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, message, _) => match ErrorKind::from_dbus_name(name.as_str()) {
                Some(kind) => Self::new(kind, message.clone().unwrap_or_default()),
                None => Self::new(ErrorKind::Internal, format!("{name}: {}", message.as_deref().unwrap_or_default())),
            },
            _ => Self::new(ErrorKind::Internal, error.to_string()),
        }
    }
}

// By hand: the derive clashes with thiserror over `Display` and `Error`.
impl zbus::DBusError for Error {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        Message::error(call, self.kind.dbus_name()).build(&self.message.as_str())
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.kind.dbus_name())
    }

    fn description(&self) -> Option<&str> {
        Some(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_dbus_name_and_is_a_valid_one() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::from_dbus_name(kind.dbus_name()), Some(*kind));
            assert!(ErrorName::try_from(kind.dbus_name()).is_ok());
        }
        assert_eq!(ErrorKind::from_dbus_name("org.freedesktop.DBus.Error.Failed"), None);
    }

    #[test]
    fn only_pin_errors_move_a_counter() {
        for kind in ErrorKind::ALL {
            let moves = kind.pin_counter() != PinCounter::Untouched;
            assert!(!moves || kind.short_name().contains("Pin"), "{kind:?}");
        }
    }
}
