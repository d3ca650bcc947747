//! The frame that certificates and revocation lists share: what is signed, the algorithm, the signature.

use crate::signature_algorithm::scheme;
use crate::{PublicKey, SignatureScheme, VerifyError, verify};
use der::asn1::BitStringRef;
use der::{Decode, Reader, SliceReader};
use std::ops::Range;
use x509_cert::spki::AlgorithmIdentifierRef;

/// `SIGNED` of X.509: read, with the place of what is signed in the whole.
pub(crate) struct Signed<'a> {
    /// The DER of what is signed, as a range of the whole.
    pub(crate) tbs: Range<usize>,
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) signature: BitStringRef<'a>,
}

impl<'a> Signed<'a> {
    /// Reads the frame; nothing may follow it. What is signed is not read.
    pub(crate) fn from_der(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let signed = reader.sequence(|frame| {
            let start = usize::try_from(frame.position())?;
            frame.tlv_bytes()?;
            let tbs = start..usize::try_from(frame.position())?;
            let algorithm = AlgorithmIdentifierRef::decode(frame)?;
            Ok::<_, der::Error>(Self { tbs, algorithm, signature: BitStringRef::decode(frame)? })
        })?;
        reader.finish()?;
        Ok(signed)
    }

    /// The signature apart from what it signs. `inner` is the algorithm that is named a second time, inside.
    pub(crate) fn seal(&self, inner: &AlgorithmIdentifierRef<'_>) -> Seal {
        let known = scheme(&self.algorithm).filter(|known| scheme(inner).as_ref() == Some(known));
        Seal {
            tbs: self.tbs.clone(),
            scheme: known,
            // A signature of no whole bytes fits nothing, nor does an empty one.
            signature: self.signature.as_bytes().unwrap_or_default().to_vec(),
        }
    }
}

/// A signature with the place of what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    tbs: Range<usize>,
    /// `None` when the algorithm isn't known, or the one named inside is another (RFC 5280, 4.1.1.2).
    scheme: Option<SignatureScheme>,
    signature: Vec<u8>,
}

impl Seal {
    /// Did this key sign the bytes of `der` that the seal was read from?
    pub(crate) fn verify(&self, der: &[u8], key: &PublicKey) -> Result<(), VerifyError> {
        let scheme = self.scheme.ok_or(VerifyError::Unsupported)?;
        let message = der.get(self.tbs.clone()).ok_or(VerifyError::Invalid)?;
        verify::verify_message(key, scheme, message, &self.signature)
    }
}
