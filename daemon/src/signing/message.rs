//! Signed messages (CMS) around what a Key signs.

use super::{hasher, signature_scheme};
use ukey_dbus::{Algorithm, Error, ErrorKind};
use ukey_formats::cms::{Content, Encoding, Frame, MessageError, SignedAttributes, SignedMessage};
use ukey_formats::{Certificate, Curve, HashAlgorithm, PublicKey};

/// What a message shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageForm {
    pub encoding: Encoding,
    pub content: ContentPlace,
    /// In Unix seconds, where the message shall say when it was signed.
    pub signing_time: Option<u64>,
}

/// Where the signed content goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentPlace {
    Attached,
    Detached,
}

/// A message that waits for its signature.
pub(crate) struct UnsignedMessage {
    attributes: SignedAttributes,
    algorithm: Algorithm,
}

fn error_of(error: MessageError) -> Error {
    let kind = match error {
        MessageError::UnsupportedScheme => ErrorKind::AlgorithmUnsupported,
        _ => ErrorKind::InvalidArgument,
    };
    Error::new(kind, error.to_string())
}

/// The hash of a content that is to be signed with this algorithm.
pub(crate) fn content_hash(algorithm: Algorithm) -> HashAlgorithm {
    signature_scheme(algorithm).hash()
}

impl UnsignedMessage {
    /// For a content with this digest. `InvalidArgument` for an encoding that is not for this key.
    pub(crate) fn new(
        form: &MessageForm,
        algorithm: Algorithm,
        certificate: &Certificate,
        digest: &[u8],
    ) -> Result<Self, Error> {
        let sm2 = matches!(certificate.public_key, PublicKey::Ec { curve: Curve::Sm2, .. });
        if form.encoding == Encoding::Gmt0010 && !sm2 {
            return Err(Error::new(ErrorKind::InvalidArgument, "the encoding gmt0010 is for SM2 keys"));
        }
        let hash = content_hash(algorithm);
        let attributes = SignedAttributes::new(form.encoding, hash, digest, form.signing_time, certificate);
        Ok(Self { attributes: attributes.map_err(error_of)?, algorithm })
    }

    /// The digest that the Key signs.
    pub(crate) fn digest(&self, key: &PublicKey) -> Result<Vec<u8>, Error> {
        Ok(super::digest_bytes(hasher(self.algorithm, key)?, self.attributes.as_der()))
    }

    /// What comes before and after the content.
    pub(crate) fn frame(&self, content: Content, signature: &[u8], chain: &[Certificate]) -> Result<Frame, Error> {
        SignedMessage {
            content,
            signed_attributes: &self.attributes,
            scheme: signature_scheme(self.algorithm),
            signature,
            chain,
            unsigned_attributes: &[],
        }
        .frame()
        .map_err(error_of)
    }
}
