//! A certificate of a Key, read for what the service shows and uses of it.

pub(crate) mod extension;
mod holder;
mod key_use;
pub(crate) mod name;
mod pair;
mod path;
mod public_key;
mod serial;
mod tbs;
mod value;

pub(crate) use extension::Authority;
pub use key_use::KeyUse;
pub use pair::{KeyCertificate, partner};
pub(crate) use path::{Obstacle, PathFacts};
pub use public_key::{Curve, PublicKey};

use crate::text::one_line;
use crate::{ParseError, Uscc, VerifyError};
use std::fmt;
use tbs::TbsCertificate;

/// What a certificate says (RFC 5280, GM/T 0015). Its texts are plain lines, without control or invisible characters
/// and without identity numbers of people, but not escaped. That it is well formed says nothing about who signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The issuer as `CN=…, O=…, C=CN`, the most specific first, at most 256 characters. RFC 4514 escapes.
    pub issuer: String,
    /// The subject in the same form.
    pub subject: String,
    /// The serial number as OpenSSL writes it: upper-case hexadecimal, whole bytes, `-` before a negative one.
    pub serial_number: String,
    /// Start of validity in Unix seconds.
    pub not_before: u64,
    /// End of validity in Unix seconds; the certificate is valid at this second still.
    pub not_after: u64,
    /// The holder's name: the subject's CN, else its O, else empty; at most 128 characters.
    pub holder_name: String,
    /// The unit's name: the subject's O, else empty; at most 128 characters.
    pub unit_name: String,
    /// The unit's code, from one of the places where CAs put it.
    pub holder_id: Option<Uscc>,
    /// What the key may be used for.
    pub key_use: KeyUse,
    /// The public key.
    pub public_key: PublicKey,
    /// The subject key identifier, which the issuer gave this key.
    pub subject_key_id: Option<Vec<u8>>,
    /// The key identifier of the authority key identifier: the subject key identifier of the issuer's certificate.
    pub authority_key_id: Option<Vec<u8>>,
    /// Where the issuer publishes its revocation lists: URIs of at most 256 characters. Nothing here fetches them.
    pub crl_uris: Vec<String>,
    /// The issuer's Name in DER, byte for byte as in the certificate.
    pub issuer_der: Vec<u8>,
    /// The subject's Name in DER, byte for byte as in the certificate.
    pub subject_der: Vec<u8>,
    /// The serial number's INTEGER in DER.
    pub serial_number_der: Vec<u8>,
    /// The whole certificate.
    pub der: Vec<u8>,
    pub(crate) path: PathFacts,
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
        let (tbs, signed) = TbsCertificate::from_certificate(der)?;
        let path = PathFacts::new(&tbs, &signed);
        Ok(Self {
            issuer: name::display(&tbs.issuer),
            subject: name::display(&tbs.subject),
            serial_number: serial::display(tbs.serial_number),
            not_before: tbs.validity.not_before.to_unix_duration().as_secs(),
            not_after: tbs.validity.not_after.to_unix_duration().as_secs(),
            holder_name: holder::name(&tbs.subject),
            unit_name: holder::unit_name(&tbs.subject),
            holder_id: holder::unit_code(&tbs.subject, &tbs.extensions),
            key_use: KeyUse::from_extensions(&tbs.extensions)?,
            public_key: PublicKey::from_spki(&tbs.public_key)?,
            subject_key_id: extension::subject_key_id(&tbs.extensions),
            authority_key_id: extension::authority_key_id(&tbs.extensions),
            crl_uris: path
                .distribution_points
                .iter()
                .filter_map(|name| Some(one_line(&extension::uri(name)?, 256)))
                .collect(),
            issuer_der: tbs.issuer_der.to_vec(),
            subject_der: tbs.subject_der.to_vec(),
            serial_number_der: tbs.serial_number_der.to_vec(),
            der: der.to_vec(),
            path,
        })
    }

    /// Is the signature on this certificate one of this key? Whether the key may sign certificates is another question;
    /// [`TrustStore::check`](crate::chain::TrustStore::check) asks all of them.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<(), VerifyError> {
        self.path.seal.verify(&self.der, key)
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
