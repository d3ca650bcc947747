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
                    _ => Err(UnknownName { what: $what, text: text.chars().take(60).collect() }),
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
    }
}

words! {
    /// `kind` of `Agent.RequestPin` and `Agent.Confirm`.
    DialogKind, "dialog" {
        /// The user PIN, to log in.
        UserPin = "user-pin",
        /// Use the last try?
        FinalTry = "final-try",
    }
}

words! {
    /// `kind` of `Agent.Notify`.
    NoticeKind, "notice" {
        /// The Key was pulled out while it was in use.
        TokenRemoved = "token-removed",
    }
}

/// Digest of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl Hash {
    /// Length of a digest, in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// What an algorithm does with the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS, the salt as long as the digest.
    RsaPss,
    /// ECDSA.
    Ecdsa,
}

impl Algorithm {
    /// The digest that it signs.
    pub fn hash(self) -> Hash {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => Hash::Sha256,
            Self::RsaPkcs1Sha384 | Self::RsaPssSha384 | Self::EcdsaSha384 => Hash::Sha384,
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => Hash::Sha512,
        }
    }

    /// The signature scheme.
    pub fn scheme(self) -> Scheme {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => Scheme::RsaPkcs1,
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => Scheme::RsaPss,
            Self::EcdsaSha256 | Self::EcdsaSha384 => Scheme::Ecdsa,
        }
    }
}

impl KeyKind {
    /// The algorithms that a key of this kind can do, the preferred one first.
    pub fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                Algorithm::RsaPkcs1Sha256,
                Algorithm::RsaPkcs1Sha384,
                Algorithm::RsaPkcs1Sha512,
                Algorithm::RsaPssSha256,
                Algorithm::RsaPssSha384,
                Algorithm::RsaPssSha512,
            ],
            Self::EcP256 => &[Algorithm::EcdsaSha256, Algorithm::EcdsaSha384],
            Self::EcP384 => &[Algorithm::EcdsaSha384, Algorithm::EcdsaSha256],
            Self::Sm2 | Self::Other => &[],
        }
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
}
