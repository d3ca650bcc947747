//! Why an input was refused.

/// An input that is not what it claims to be. The same input fails again; no Key is involved, so no PIN counter moves.
/// No variant holds a part of the input: an error may be logged, and what was refused may be personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The certificate is longer than [`Certificate::MAX_LENGTH`](crate::Certificate::MAX_LENGTH).
    #[error("certificate of {length} bytes is too large")]
    TooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// The revocation list is longer than [`Crl::MAX_LENGTH`](crate::chain::Crl::MAX_LENGTH).
    #[error("revocation list of {length} bytes is too large")]
    CrlTooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// PEM (RFC 7468) without an end line, or with a body that is no base64.
    #[error("malformed PEM")]
    Pem,
    /// Not strict DER, not a certificate or revocation list of RFC 5280, bytes after its end, or a date before 1970.
    #[error("malformed DER: {0}")]
    Der(#[from] der::Error),
    /// More than one key usage extension: which one counts would be a guess.
    #[error("certificate with more than one key usage")]
    DuplicateKeyUsage,
    /// The RSA key has no modulus or no exponent, or the point of an elliptic curve has the wrong length.
    #[error("malformed public key")]
    PublicKeyMalformed,
    /// The point of an elliptic curve is not in the uncompressed form of SEC 1.
    #[error("public key in a compressed or unknown point form")]
    PointNotUncompressed,
    /// Not 18 characters in the places and of the alphabet of GB 32100-2015.
    #[error("not a unified social credit code")]
    UsccMalformed,
    /// The last character of the code is not the one that the others give.
    #[error("wrong check character in a unified social credit code")]
    UsccCheckCharacter,
    /// The text is, or may be, the identity number of a person.
    #[error("a person's identity number is not a unified social credit code")]
    ResidentNumber,
    /// An SM2 operation with a key that is not one on the curve of SM2.
    #[error("not a public key on the curve of SM2")]
    NotSm2,
    /// The user identity of SM2 is longer than its length field can say (8,191 bytes).
    #[error("SM2 user identity is too long")]
    UserIdTooLong,
    /// An ECDSA or SM2 signature of fixed length (raw, blob) has another.
    #[error("signature of {length} bytes, {expected} expected")]
    SignatureLength {
        /// Its length in bytes.
        length: usize,
        /// The length that fits the form and the curve, in bytes.
        expected: usize,
    },
    /// Not a SEQUENCE of two INTEGERs, or something follows it.
    #[error("malformed signature")]
    SignatureMalformed,
    /// `r` or `s` of a signature is longer than the curve's field.
    #[error("signature with a number too large for its curve")]
    SignatureNumber,
    /// `r` or `s` of a signature is zero: no key gives that.
    #[error("signature with a zero value")]
    SignatureZero,
}
