//! What one record says.

/// What is asked of a Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Login,
    Logout,
    Sign,
    /// A signature that needs the PIN for itself.
    SignWithPin,
    ChangePin,
    ChangeSoPin,
    UnblockPin,
}

impl Operation {
    /// The word in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Sign => "sign",
            Self::SignWithPin => "sign-with-pin",
            Self::ChangePin => "change-pin",
            Self::ChangeSoPin => "change-so-pin",
            Self::UnblockPin => "unblock-pin",
        }
    }

    /// Is a PIN tried for it?
    pub(crate) fn uses_a_pin(self) -> bool {
        match self {
            Self::Login | Self::SignWithPin | Self::ChangePin | Self::ChangeSoPin | Self::UnblockPin => true,
            Self::Logout | Self::Sign => false,
        }
    }

    /// The operation with this word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Login,
            Self::Logout,
            Self::Sign,
            Self::SignWithPin,
            Self::ChangePin,
            Self::ChangeSoPin,
            Self::UnblockPin,
        ];
        all.into_iter().find(|operation| operation.as_str() == word)
    }
}

/// An intent: who wants what from which key. Never holds a PIN or a document.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub operation: Operation,
    /// User id of the caller.
    pub uid: u32,
    /// Process id of the caller when it connected, 0 when unknown.
    pub pid: u32,
    /// Unique bus name of the caller.
    pub caller: String,
    /// The caller's program, as the user's agent found it; empty when unknown.
    pub program: String,
    /// The Key's id.
    pub token: String,
    /// SHA-256 of the certificate in hexadecimal, empty where none is meant.
    pub certificate: String,
    /// Algorithm name, empty where none is meant.
    pub algorithm: &'static str,
    /// What the program says the use is for.
    pub reason: String,
}

/// A PIN operation of the past and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct PastTry {
    pub operation: Operation,
    /// `ok`, an error's name, or `outcome-unknown`.
    pub result: String,
    /// When it ended, Unix milliseconds.
    pub time_ms: u64,
}
