//! Why a message can't be read or put together.

/// The same input fails again; no Key is involved, so no PIN counter moves. No variant holds a part of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The message is longer than [`Message::MAX_LENGTH`](super::Message::MAX_LENGTH).
    #[error("message of {length} bytes is too large")]
    TooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// Values are nested deeper than any message needs.
    #[error("message is nested too deeply")]
    TooDeep,
    /// More of these than are looked at.
    #[error("message with too many {0}")]
    TooMany(&'static str),
    /// The bytes are no BER, or are cut off, or something follows them.
    #[error("malformed BER: {0}")]
    Ber(&'static str),
    /// BER, but this part is not what RFC 5652 has there.
    #[error("malformed message: {0}")]
    Malformed(&'static str),
    /// A message of another kind than signed data.
    #[error("not a message with signed data")]
    NotSignedData,
    /// The signature algorithm has no identifier in messages, or its hash is not that of the signed attributes.
    #[error("no message can be made with this signature algorithm")]
    UnsupportedScheme,
    /// The digest has not the length of its hash.
    #[error("digest of wrong length")]
    DigestLength,
    /// The signing time is after the year 9999.
    #[error("signing time out of range")]
    SigningTime,
    /// The content is too long for the lengths of a message.
    #[error("content is too long")]
    ContentTooLong,
}
