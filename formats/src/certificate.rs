//! A certificate of a Key, read for what the service shows and uses of it.

mod holder;
mod key_use;
mod name;
mod public_key;
mod serial;
mod tbs;
mod value;

pub use key_use::KeyUse;
pub use public_key::{Curve, PublicKey};

use crate::{ParseError, Uscc};
use std::fmt;
use tbs::TbsCertificate;

/// What a certificate says (RFC 5280, GM/T 0015). Its texts are plain lines, without control or invisible characters
/// and without identity numbers of people, but not escaped. That it is well formed says nothing about who signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The issuer as `CN=…, O=…, C=CN`, the most specific first, at most 256 characters. RFC 4514 escapes.
    pub issuer: String,
    /// The serial number as OpenSSL writes it: upper-case hexadecimal, whole bytes, `-` before a negative one.
    pub serial_number: String,
    /// Start of validity in Unix seconds.
    pub not_before: u64,
    /// End of validity in Unix seconds; the certificate is valid at this second still.
    pub not_after: u64,
    /// The holder's name: the subject's CN, else its O, else empty; at most 128 characters.
    pub holder_name: String,
    /// The unit's code, from one of the places where CAs put it.
    pub holder_id: Option<Uscc>,
    /// What the key may be used for.
    pub key_use: KeyUse,
    /// The public key.
    pub public_key: PublicKey,
    /// The issuer's Name in DER, byte for byte as in the certificate.
    pub issuer_der: Vec<u8>,
    /// The subject's Name in DER, byte for byte as in the certificate.
    pub subject_der: Vec<u8>,
    /// The serial number's INTEGER in DER.
    pub serial_number_der: Vec<u8>,
    /// The whole certificate.
    pub der: Vec<u8>,
}

impl Certificate {
    /// Longest certificate that is read, in bytes. Certificates on Keys have 1 to 3 KiB.
    pub const MAX_LENGTH: usize = 16 << 10;

    /// Reads a certificate.
    ///
    /// # Errors
    /// See [`ParseError`]. Dates before 1970 are refused, not clamped: no Key was issued then, and a wrong date must
    /// not look like a right one. An algorithm or a curve that this crate doesn't know is no error.
    pub fn from_der(der: &[u8]) -> Result<Self, ParseError> {
        if der.len() > Self::MAX_LENGTH {
            return Err(ParseError::TooLarge { length: der.len() });
        }
        let tbs = TbsCertificate::from_certificate(der)?;
        Ok(Self {
            issuer: name::display(&tbs.issuer),
            serial_number: serial::display(tbs.serial_number),
            not_before: tbs.validity.not_before.to_unix_duration().as_secs(),
            not_after: tbs.validity.not_after.to_unix_duration().as_secs(),
            holder_name: holder::name(&tbs.subject),
            holder_id: holder::unit_code(&tbs.subject, &tbs.extensions),
            key_use: KeyUse::from_extensions(&tbs.extensions)?,
            public_key: PublicKey::from_spki(&tbs.public_key)?,
            issuer_der: tbs.issuer_der.to_vec(),
            subject_der: tbs.subject_der.to_vec(),
            serial_number_der: tbs.serial_number_der.to_vec(),
            der: der.to_vec(),
        })
    }
}

/// Without the DER parts: they may hold the identity number of a person, which belongs in no log.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("issuer", &self.issuer)
            .field("serial_number", &self.serial_number)
            .field("holder_name", &self.holder_name)
            .field("holder_id", &self.holder_id)
            .field("key_use", &self.key_use)
            .finish_non_exhaustive()
    }
}
