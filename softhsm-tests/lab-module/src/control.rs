//! The control protocol: what the module asks the lab, and what the lab answers.
//!
//! One JSON value a line, over a Unix stream socket; each [`Question`] gets one [`Answer`]. A thread of a process that
//! has loaded the module keeps one connection. No PIN is in a question; only [`Answer::Typed`], what a person types on
//! the Key's own keypad, holds any.

use crate::attempt::{Attempt, Made};
use serde::{Deserialize, Serialize};

/// Variable of the environment that names the lab's socket.
pub const CONTROL_VARIABLE: &str = "UKEY_LAB_CONTROL";

/// Variable of the environment that names the real module.
pub const LIBRARY_VARIABLE: &str = "UKEY_LAB_LIBRARY";

/// Whose PIN a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Who {
    /// `CKU_USER`.
    User,
    /// `CKU_SO`.
    So,
    /// `CKU_CONTEXT_SPECIFIC`: the user's PIN, for one signature.
    Context,
}

/// A function of PKCS#11 that the module takes part in; `C_` and the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum Call {
    Initialize,
    Finalize,
    GetSlotList,
    GetSlotInfo,
    GetTokenInfo,
    WaitForSlotEvent,
    GetMechanismList,
    GetMechanismInfo,
    /// Counted, and refused: no test Key is erased.
    InitToken,
    OpenSession,
    CloseSession,
    CloseAllSessions,
    GetSessionInfo,
    Login(Who),
    Logout,
    /// The user PIN, set by the security officer.
    InitPin,
    SetPin(Who),
    CreateObject,
    DestroyObject,
    GetAttributeValue,
    FindObjectsInit,
    FindObjects,
    FindObjectsFinal,
    SignInit,
    /// `C_SignFinal` too.
    Sign,
    GenerateKeyPair,
    GenerateRandom,
}

impl Call {
    /// Does it carry a PIN, or have one typed on the Key?
    pub fn takes_pin(self) -> bool {
        matches!(self, Self::Login(_) | Self::InitPin | Self::SetPin(_))
    }
}

/// A return value, `CKR_…` (PKCS#11 2.40, 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code(pub u64);

#[expect(missing_docs, reason = "the names are those of the standard")]
impl Code {
    pub const HOST_MEMORY: Self = Self(0x02);
    pub const GENERAL_ERROR: Self = Self(0x05);
    pub const FUNCTION_FAILED: Self = Self(0x06);
    pub const ARGUMENTS_BAD: Self = Self(0x07);
    pub const DEVICE_ERROR: Self = Self(0x30);
    pub const DEVICE_REMOVED: Self = Self(0x32);
    pub const FUNCTION_CANCELED: Self = Self(0x50);
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x54);
    pub const PIN_INCORRECT: Self = Self(0xa0);
    pub const PIN_LOCKED: Self = Self(0xa4);
    pub const TOKEN_NOT_PRESENT: Self = Self(0xe0);
    pub const USER_TYPE_INVALID: Self = Self(0x103);
}

/// What goes wrong in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// It takes this long, in milliseconds, more.
    Delay(u64),
    /// It never returns.
    Hang,
    /// The process ends by SIGSEGV.
    Segfault,
    /// The process ends by SIGABRT.
    Abort,
    /// A child is forked that keeps every descriptor and sleeps until it is killed; the call goes on.
    Fork,
    /// It answers this code; as a fault before the call, the real module is not asked.
    Fail(Code),
    /// It reports this many slots or objects, or this length of a value or signature.
    Count(u64),
    /// The texts of its answer are bytes that no UTF-8 has.
    NotUtf8,
    /// `CKA_VALUE` has this many bytes.
    LargeValue(u64),
    /// One bit of the signature is wrong.
    FlippedBit,
    /// It answers `CKR_OK` whatever the real module says (for a login), and no try is used.
    AlwaysRight,
    /// The module tries this; the call goes on.
    Attempt(Attempt),
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// No Key in particular.
    Nowhere,
    /// What is in this slot.
    Slot(u64),
    /// The Key with this serial number, in the real module.
    Key(String),
}

/// Flags of one PIN in `CK_TOKEN_INFO`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinFlags {
    /// `CKF_…_PIN_COUNT_LOW`.
    pub low: bool,
    /// `CKF_…_PIN_FINAL_TRY`.
    pub final_try: bool,
    /// `CKF_…_PIN_LOCKED`.
    pub locked: bool,
    /// `CKF_…_PIN_TO_BE_CHANGED`.
    pub to_be_changed: bool,
}

/// How a Key is at this moment, for the process that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its serial number in the real module.
    pub serial: String,
    /// Is it plugged in?
    pub present: bool,
    /// Grows with each removal and insertion: sessions of an older one are dead.
    pub generation: u64,
    /// Label to show instead of the real one.
    pub label: Option<String>,
    /// Serial number to show instead of the real one; empty while it can't be read yet.
    pub shown_serial: Option<String>,
    /// The user PIN's flags.
    pub user: PinFlags,
    /// The SO PIN's flags.
    pub so: PinFlags,
    /// PINs are typed on the Key.
    pub keypad: bool,
    /// Model to show instead of the real one.
    pub model: Option<String>,
    /// How its keys on the SM2 curve look; without it as the real module has them.
    pub sm2: Option<Sm2View>,
}

/// A vendor's way with SM2, for which PKCS#11 has no numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sm2View {
    /// `CKA_KEY_TYPE` of the keys.
    pub key_type: u64,
    /// The mechanism that signs e.
    pub mechanism: u64,
    /// Attribute of public keys that holds x of the point.
    pub x_attribute: Option<u64>,
    /// What the mechanism does.
    pub signer: Sm2Signer,
}

/// Who makes the signatures of an SM2 mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sm2Signer {
    /// The lab, which holds the private keys too.
    Lab,
    /// The real module, with ECDSA on the SM2 curve: no SM2 signature, though it looks like one.
    Ecdsa,
}

/// How the real module took a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was right.
    Right,
    /// It was wrong.
    Wrong,
    /// It refused for another reason, before looking at the PIN.
    NotTried,
}

/// A question of the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which initialization of the module asks, from [`Answer::Instance`]; 0 outside one.
    pub instance: u64,
    /// What it asks.
    pub ask: Ask,
}

/// What the module asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// The module was initialized: [`Answer::Instance`].
    Join,
    /// The module was finalized: [`Answer::Done`].
    Leave,
    /// A call begins: [`Answer::Orders`].
    Begin {
        /// Which.
        call: Call,
        /// About what.
        place: Place,
    },
    /// The slot list: [`Answer::Slots`].
    Slots,
    /// Waits for a slot event: [`Answer::Event`] or [`Answer::Refused`].
    WaitForEvent {
        /// With `CKF_DONT_BLOCK`.
        at_once: bool,
    },
    /// Waits for PINs typed on the Key's keypad: [`Answer::Typed`] or [`Answer::Refused`].
    Type {
        /// The Key's serial number.
        serial: String,
        /// Whose PIN is asked first.
        who: Who,
        /// How many PINs.
        entries: usize,
    },
    /// A PIN is about to be tried; the try counts as used from now on: [`Answer::Done`] or [`Answer::Refused`].
    Try {
        /// The Key's serial number.
        serial: String,
        /// Whose PIN.
        who: Who,
    },
    /// The PIN of the last [`Ask::Try`] on this connection was tried: [`Answer::Refused`] with the code to return, or
    /// [`Answer::Done`] for the real one.
    Tried {
        /// What came of it.
        outcome: Outcome,
    },
    /// The security officer has set the user PIN: [`Answer::Done`].
    PinSet {
        /// The Key's serial number.
        serial: String,
    },
    /// Signs e by SM2: [`Answer::Signature`].
    SignSm2 {
        /// The Key's serial number.
        serial: String,
        /// The private key's label.
        label: String,
        /// e, 32 bytes.
        e: Vec<u8>,
    },
    /// Said by a forked child: [`Answer::Done`].
    Forked,
    /// The process may not fork: [`Answer::Done`].
    ForkDenied,
    /// What came of an attempt: [`Answer::Done`].
    Attempted(Made),
}

/// What the lab answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Go on.
    Done,
    /// Return this.
    Refused(Code),
    /// Number of this initialization.
    Instance(u64),
    /// What to do in a call.
    Orders {
        /// Faults before the real call.
        before: Vec<Fault>,
        /// Faults after it.
        after: Vec<Fault>,
        /// The Key that it is about, when there is one.
        key: Option<KeyView>,
    },
    /// Slot ids, and whether there is a Key in each.
    Slots(Vec<(u64, bool)>),
    /// Something happened in this slot, or nothing did.
    Event(Option<u64>),
    /// PINs typed on the Key.
    Typed(Vec<String>),
    /// A signature, in the form that the Key has.
    Signature(Vec<u8>),
}
