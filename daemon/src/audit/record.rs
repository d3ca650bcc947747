//! What one record says.

/// What is asked of a Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Login,
    Logout,
    Sign,
}

impl Operation {
    /// The word in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Sign => "sign",
        }
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
    /// The Key's id.
    pub token: String,
    /// SHA-256 of the certificate in hexadecimal, empty where none is meant.
    pub certificate: String,
    /// Algorithm name, empty where none is meant.
    pub algorithm: &'static str,
    /// The digest to sign, empty where none is meant.
    pub digest: Vec<u8>,
    /// What the program says the use is for.
    pub reason: String,
}
