//! The words that properties and arguments use, each an enum with its text form.

use std::fmt;
use std::str::FromStr;

/// A text that is none of the words of a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} \"{text}\"")]
pub struct UnknownName {
    what: &'static str,
    text: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $type:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word on the bus.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(UnknownName { what: $what, text: text.chars().filter(|character| !character.is_control()).take(60).collect() }),
                }
            }
        }
    };
}

words! {
    /// `Token.State`.
    TokenState, "token state" {
        /// Seen, not read yet.
        Present = "present",
        /// Read; nobody is logged in and no session is open.
        Ready = "ready",
        /// One user is logged in.
        LoggedIn = "logged-in",
        /// The Key holds no token (`CKF_TOKEN_INITIALIZED` is clear).
        Uninitialized = "uninitialized",
        /// Its module does not work at the moment.
        ModuleFailed = "module-failed",
    }
}

words! {
    /// `Token.PinState` and `Token.SoPinState`.
    PinState, "PIN state" {
        /// No wrong entry is known.
        Ok = "ok",
        /// At least one wrong entry (`CKF_USER_PIN_COUNT_LOW`).
        Low = "low",
        /// One try is left (`CKF_USER_PIN_FINAL_TRY`).
        FinalTry = "final-try",
        /// Locked (`CKF_USER_PIN_LOCKED`, or the Key's answer).
        Locked = "locked",
        /// A factory PIN has to be changed first (`CKF_USER_PIN_TO_BE_CHANGED`).
        ToBeChanged = "to-be-changed",
        /// No PIN was ever set (`CKF_USER_PIN_INITIALIZED` is clear).
        NotSet = "not-set",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// `Module.State`.
    ModuleState, "module state" {
        /// Its process starts.
        Starting = "starting",
        /// It answers.
        Ready = "ready",
        /// It could not be started, or died; `Reason` says why. It is tried again.
        Failed = "failed",
        /// It died too often and stays off until the configuration is read again.
        Quarantined = "quarantined",
    }
}

words! {
    /// `Certificate.Validity`, from the computer's clock.
    Validity, "validity" {
        /// Within its dates.
        Valid = "valid",
        /// Within its dates, in the last 30 days.
        Expiring = "expiring",
        /// `NotAfter` has passed.
        Expired = "expired",
        /// `NotBefore` has not come.
        NotYetValid = "not-yet-valid",
    }
}

words! {
    /// `Certificate.KeyUse`, from the key usage extension (RFC 5280, 4.2.1.3).
    KeyUse, "key use" {
        /// digitalSignature or nonRepudiation only.
        Signature = "signature",
        /// keyEncipherment, dataEncipherment or keyAgreement only.
        Encryption = "encryption",
        /// Both, or no key usage extension.
        Both = "both",
    }
}

words! {
    /// `Certificate.KeyType`.
    KeyKind, "key type" {
        /// RSA, 2048 bits.
        Rsa2048 = "rsa-2048",
        /// RSA, 3072 bits.
        Rsa3072 = "rsa-3072",
        /// RSA, 4096 bits.
        Rsa4096 = "rsa-4096",
        /// NIST P-256.
        EcP256 = "ec-p256",
        /// NIST P-384.
        EcP384 = "ec-p384",
        /// SM2 (GM/T 0003).
        Sm2 = "sm2",
        /// Anything else: shown, not used.
        Other = "other",
    }
}

words! {
    /// What was asked of a Key; `kind` of [`crate::StatisticsProxy::read`].
    CallKind, "kind of call" {
        /// `Certificate.SignDigest`.
        SignDigest = "sign-digest",
        /// `Certificate.SignData`.
        SignData = "sign-data",
        /// `Certificate.SignFile`.
        SignFile = "sign-file",
        /// `Certificate.SignBatch`.
        SignBatch = "sign-batch",
        /// `Certificate.SignMessage`.
        SignMessage = "sign-message",
        /// `Certificate.SignMessageFile`.
        SignMessageFile = "sign-message-file",
        /// `Token.Login`.
        Login = "login",
        /// `Token.ChangePin`.
        ChangePin = "change-pin",
        /// `Token.UnblockPin`.
        UnblockPin = "unblock-pin",
        /// `Token.Random`.
        Random = "random",
    }
}

impl CallKind {
    /// The kind of a method that uses a Key, by the method's name.
    pub fn of_method(member: &str) -> Option<Self> {
        Some(match member {
            "SignDigest" => Self::SignDigest,
            "SignData" => Self::SignData,
            "SignFile" => Self::SignFile,
            "SignBatch" => Self::SignBatch,
            "SignMessage" => Self::SignMessage,
            "SignMessageFile" => Self::SignMessageFile,
            "Login" => Self::Login,
            "ChangePin" => Self::ChangePin,
            "UnblockPin" => Self::UnblockPin,
            "Random" => Self::Random,
            _ => return None,
        })
    }
}

words! {
    /// The algorithm argument of `Sign*` and `VerifySignature`.
    Algorithm, "algorithm" {
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2).
        RsaPkcs1Sha256 = "RSA-PKCS1-SHA256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RsaPkcs1Sha384 = "RSA-PKCS1-SHA384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RsaPkcs1Sha512 = "RSA-PKCS1-SHA512",
        /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes (RFC 8017, 8.1).
        RsaPssSha256 = "RSA-PSS-SHA256",
        /// RSASSA-PSS with SHA-384, salt of 48 bytes.
        RsaPssSha384 = "RSA-PSS-SHA384",
        /// RSASSA-PSS with SHA-512, salt of 64 bytes.
        RsaPssSha512 = "RSA-PSS-SHA512",
        /// ECDSA with SHA-256; the signature is DER (RFC 3279, 2.2.3).
        EcdsaSha256 = "ECDSA-SHA256",
        /// ECDSA with SHA-384; the signature is DER.
        EcdsaSha384 = "ECDSA-SHA384",
        /// SM2 with SM3 and the user id `1234567812345678` (GM/T 0003.2, GM/T 0009); the signature is DER. Its digest is
        /// e = SM3(Z ‖ M), where Z comes from the id and the certificate's public key.
        Sm2Sm3 = "SM2-SM3",
    }
}

words! {
    /// `kind` of `Agent.RequestPin` and `Agent.Confirm`.
    DialogKind, "dialog" {
        /// `RequestPin`: the user PIN, to log in.
        UserPin = "user-pin",
        /// `RequestPin`: the user PIN that is in force, to change it.
        CurrentPin = "current-pin",
        /// `RequestPin`: a new user PIN, asked for twice by the agent.
        NewPin = "new-pin",
        /// `RequestPin`: the technician's SO PIN, to unlock.
        SoPin = "so-pin",
        /// `RequestPin`: the SO PIN that is in force, to change it.
        CurrentSoPin = "current-so-pin",
        /// `RequestPin`: a new SO PIN, asked for twice by the agent.
        NewSoPin = "new-so-pin",
        /// `RequestPin`: the user PIN for one signature of a key that wants it each time.
        SignaturePin = "signature-pin",
        /// `Confirm`: use the last try of the user PIN?
        FinalTry = "final-try",
        /// `Confirm`: try the user PIN, wrong several times, with an unknown number of tries left?
        UnknownTries = "unknown-tries",
        /// `Confirm`: use the last try of the SO PIN?
        SoFinalTry = "so-final-try",
        /// `Confirm`: try the SO PIN, wrong several times, with an unknown number of tries left?
        SoUnknownTries = "so-unknown-tries",
        /// `Confirm`: unlock, knowing what a wrong SO PIN costs?
        Unblock = "unblock",
        /// `Confirm`: ready to type the PIN on the Key itself?
        Pinpad = "pinpad",
        /// `Confirm`: let another program than the one that logged in use this login?
        Consent = "consent",
    }
}

impl DialogKind {
    /// Whether it is a kind of `RequestPin`; the others are of `Confirm`.
    pub fn asks_for_a_pin(self) -> bool {
        match self {
            Self::UserPin | Self::CurrentPin | Self::NewPin => true,
            Self::SoPin | Self::CurrentSoPin | Self::NewSoPin | Self::SignaturePin => true,
            Self::FinalTry | Self::UnknownTries | Self::SoFinalTry | Self::SoUnknownTries => false,
            Self::Unblock | Self::Pinpad | Self::Consent => false,
        }
    }
}

words! {
    /// `kind` of `Agent.Notify`.
    NoticeKind, "notice" {
        /// The Key was pulled out while it was in use.
        TokenRemoved = "token-removed",
        /// Press the button on the Key; shown until `Agent.Cancel`.
        Press = "press",
        /// Type the PIN on the Key itself; shown until `Agent.Cancel`.
        Pinpad = "pinpad",
        /// The Key says that its PIN is still the one it came with.
        FactoryPin = "factory-pin",
        /// The PIN that was typed for this request was right. The agent shows nothing, or that it is a factory PIN.
        LoginSucceeded = "login-succeeded",
        /// The PIN was changed.
        PinChanged = "pin-changed",
        /// The user PIN was unlocked and set anew.
        Unblocked = "unblocked",
    }
}

words! {
    /// `scope` of `Agent.Identify`: whom a consent for this program is for.
    ProgramScope, "scope" {
        /// Every connection of the same executable.
        Program = "program",
        /// This connection only.
        Connection = "connection",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_others_refused() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(*algorithm));
        }
        let error = "rsa-pkcs1-sha256".parse::<Algorithm>().unwrap_err();
        assert_eq!(error.to_string(), "unknown algorithm \"rsa-pkcs1-sha256\"");
    }

    #[test]
    fn dialogs_that_ask_for_a_pin_are_named_so() {
        for kind in DialogKind::ALL {
            assert_eq!(kind.asks_for_a_pin(), kind.as_str().ends_with("-pin"), "{kind}");
        }
    }
}
