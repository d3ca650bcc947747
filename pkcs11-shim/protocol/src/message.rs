//! Requests, replies and events.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{Digest, SignScheme};

/// One request with what every request has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Chosen by the daemon, never used twice on one connection.
    pub id: u64,
    /// Time that the daemon will wait, in milliseconds; the shim may give up earlier, never later.
    pub deadline_ms: u32,
    /// What to do.
    pub request: Request,
}

/// What the daemon can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Must be first: loads and initializes the module. Answered by [`Reply::Hello`].
    Hello {
        /// [`crate::VERSION`] of the daemon.
        version: u32,
        /// Sessions that one login may use side by side, at least 1.
        sessions: u8,
    },
    /// Every token present. Answered by [`Reply::Slots`].
    Slots,
    /// The certificates of a token that can be read without a login. Answered by [`Reply::Objects`].
    Objects {
        /// Which token.
        token: TokenRef,
    },
    /// Log the user in. Carries one descriptor when the PIN comes by socket. Answered by [`Reply::LoggedIn`].
    Login {
        /// Which token.
        token: TokenRef,
        /// Where the PIN comes from.
        pin: PinSource,
    },
    /// Change a PIN (`C_SetPIN`). By socket it carries two descriptors: the old PIN, the new one. Nobody may be logged
    /// in. Answered by [`Reply::Done`].
    ChangePin {
        /// Which token.
        token: TokenRef,
        /// Whose PIN.
        role: PinRole,
        /// Where both PINs come from.
        pin: PinSource,
    },
    /// Log in with the SO PIN and set a new user PIN (`C_InitPIN`). By socket it carries two descriptors: the SO PIN,
    /// the new user PIN. Nobody may be logged in. Answered by [`Reply::Done`].
    UnblockPin {
        /// Which token.
        token: TokenRef,
        /// Where both PINs come from.
        pin: PinSource,
    },
    /// Bytes of the token's own random number generator, at most [`crate::RANDOM_MAX`]. Answered by [`Reply::Random`].
    Random {
        /// Which token.
        token: TokenRef,
        /// How many bytes.
        length: u32,
    },
    /// Log out and close every session of a token. Answered by [`Reply::Done`].
    Logout {
        /// Which token.
        token: TokenRef,
    },
    /// Sign digests, at most [`crate::BATCH_MAX`]. Answered by [`Reply::Signatures`], in order.
    Sign {
        /// Which token.
        token: TokenRef,
        /// Which key, as [`CertificateObject::key`] named it.
        key: KeyRef,
        /// How to sign.
        scheme: SignScheme,
        /// What to sign.
        digests: Vec<Digest>,
    },
    /// Sign one digest with a key that wants the PIN for each signature (`CKA_ALWAYS_AUTHENTICATE`): `C_SignInit`,
    /// `C_Login` with `CKU_CONTEXT_SPECIFIC`, `C_Sign`. Carries one descriptor when the PIN comes by socket. Answered by
    /// [`Reply::Signatures`] with one result.
    SignAuthenticated {
        /// Which token.
        token: TokenRef,
        /// Which key, one of [`Reply::LoggedIn`].
        key: KeyRef,
        /// How to sign.
        scheme: SignScheme,
        /// What to sign.
        digest: Digest,
        /// Where the PIN comes from.
        pin: PinSource,
    },
}

/// Where a PIN comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinSource {
    /// It waits as one record in a `SOCK_SEQPACKET` descriptor sent with the frame.
    Socket {
        /// User id that must have written it.
        sender_uid: u32,
    },
    /// It is typed on the token itself (`CKF_PROTECTED_AUTHENTICATION_PATH`): the module is called with a NULL PIN.
    Pinpad,
}

/// Whose PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PinRole {
    /// The user's (`CKU_USER`).
    User,
    /// The security officer's (`CKU_SO`), the technicians' admin PIN.
    So,
}

/// What the shim sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromShim {
    /// Answer to the call with this id.
    Reply {
        /// [`Call::id`].
        id: u64,
        /// Its outcome.
        result: Result<Reply, Failure>,
    },
    /// Tokens came or went: ask for `Slots` again.
    SlotsChanged,
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The module is initialized.
    Hello {
        /// [`crate::VERSION`] of the shim.
        version: u32,
        /// What the library says of itself.
        library: Library,
    },
    /// Every token present, at most [`crate::LIST_MAX`].
    Slots(Vec<TokenInfo>),
    /// Certificates of a token, at most [`crate::LIST_MAX`].
    Objects(Vec<CertificateObject>),
    /// Done.
    Done,
    /// Logged in.
    LoggedIn {
        /// Private keys that want the PIN for each signature, at most [`crate::LIST_MAX`].
        always_authenticate: Vec<KeyRef>,
    },
    /// As many random bytes as were asked for.
    Random(ByteBuf),
    /// One result for each digest, in order, as the module gave it (RSA: the signature; EC: r ‖ s; SM2: whatever form the
    /// module has).
    Signatures(Vec<Result<ByteBuf, Failure>>),
}

/// `C_GetInfo`. Every text is the token's own and hostile until cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Who made it.
    pub manufacturer: String,
    /// What it calls itself.
    pub description: String,
    /// Major and minor version.
    pub version: (u8, u8),
}

/// A token as long as it stays plugged in and this shim lives. Means nothing to another shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TokenRef(pub u32);

/// A private key of a token, as the token names it. PKCS#11: `CKA_ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyRef(pub ByteBuf);

/// `C_GetTokenInfo`. Every text is the token's own, its padding removed, hostile until cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// How to speak of it.
    pub token: TokenRef,
    /// Set when the token was initialized.
    pub label: String,
    /// Who made it.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Serial number of the device.
    pub serial_number: String,
    /// Version of the hardware, major and minor.
    pub hardware_version: (u8, u8),
    /// Version of the firmware, major and minor.
    pub firmware_version: (u8, u8),
    /// What the flags say now.
    pub flags: TokenFlags,
    /// Shortest and longest new PIN in bytes, when the token names a range that can be.
    pub pin_length: Option<(u8, u8)>,
}

/// The flags of a token that matter here (PKCS#11 3.0, table 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFlags {
    /// `CKF_TOKEN_INITIALIZED`.
    pub initialized: bool,
    /// `CKF_LOGIN_REQUIRED`.
    pub login_required: bool,
    /// `CKF_USER_PIN_INITIALIZED`.
    pub user_pin_initialized: bool,
    /// `CKF_PROTECTED_AUTHENTICATION_PATH`: the PIN is typed on the device.
    pub protected_path: bool,
    /// `CKF_WRITE_PROTECTED`.
    pub write_protected: bool,
    /// `CKF_USER_PIN_*`.
    pub user: PinFlags,
    /// `CKF_SO_PIN_*`.
    pub so: PinFlags,
}

/// The four flags of one PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinFlags {
    /// `…_COUNT_LOW`: at least one wrong entry since the last right one.
    pub count_low: bool,
    /// `…_FINAL_TRY`: one more wrong entry locks.
    pub final_try: bool,
    /// `…_LOCKED`.
    pub locked: bool,
    /// `…_TO_BE_CHANGED`.
    pub to_be_changed: bool,
}

impl PinFlags {
    /// What either of two views of one PIN says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            count_low: self.count_low || other.count_low,
            final_try: self.final_try || other.final_try,
            locked: self.locked || other.locked,
            to_be_changed: self.to_be_changed || other.to_be_changed,
        }
    }
}

/// A certificate read from a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateObject {
    /// The key that belongs to it.
    pub key: KeyRef,
    /// Its label, hostile until cleaned.
    pub label: String,
    /// X.509 DER, hostile until parsed; at most [`crate::CERTIFICATE_MAX`] bytes.
    pub der: ByteBuf,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind:?} (return value 0x{return_value:x})")]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// The module's `CK_RV`, 0 where it was not asked.
    pub return_value: u64,
}

/// Kinds of failure, for the daemon to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// The library can't be loaded or initialized.
    LoadFailed,
    /// `Hello` named another version, or did not come first.
    VersionMismatch,
    /// The token is gone, or the reference was never given out.
    TokenRemoved,
    /// No login.
    NotLoggedIn,
    /// The token is used exclusively by somebody else.
    Busy,
    /// No key with this name is visible.
    KeyNotFound,
    /// The token can't do this.
    Unsupported,
    /// The token refused the PIN: a try is used.
    PinIncorrect,
    /// The token says that the PIN is locked; a try may be used.
    PinLocked,
    /// The token refused the PIN for its form; no try is used.
    PinInvalid,
    /// The token took the first PIN and refused the new one for its form or history. The old PIN still holds.
    NewPinInvalid,
    /// The call that takes the PIN was made, and its answer does not tell whether the PIN was right: the token went, or
    /// the module answered something else. One try may be used.
    PinUnanswered,
    /// A person cancelled on the token's own keypad, or took too long there.
    PinpadCancelled,
    /// No PIN came, or not from the expected user, or not as one record of 1 to 255 bytes. The module was not called.
    PinNotReceived,
    /// The module answered something else, or something impossible.
    Module,
    /// The request itself is impossible (too many digests, a digest of odd length).
    BadRequest,
}
