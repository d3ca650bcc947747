//! What a certificate's key may be used for.

use super::extension::KEY_USAGE;
use crate::ParseError;
use der::Decode;
use der::asn1::BitStringRef;
use x509_cert::ext::Extension;

/// digitalSignature and nonRepudiation.
const SIGNATURE_BITS: [usize; 2] = [0, 1];
/// keyEncipherment, dataEncipherment and keyAgreement.
const ENCRYPTION_BITS: [usize; 3] = [2, 3, 4];

/// What the issuer lets the key be used for, by the key usage extension (RFC 5280, 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Signatures: digitalSignature or nonRepudiation.
    Signature,
    /// Encryption: keyEncipherment, dataEncipherment or keyAgreement.
    Encryption,
    /// Both, or no key usage extension: then nothing is excluded.
    Both,
    /// Neither: a certificate of a CA, which signs certificates and revocation lists only.
    Neither,
}

impl KeyUse {
    /// May the key sign documents?
    pub fn allows_signatures(self) -> bool {
        matches!(self, Self::Signature | Self::Both)
    }

    /// Reads the key usage extension; a malformed one is an error, since ignoring it would allow everything.
    pub(super) fn from_extensions(extensions: &[Extension]) -> Result<Self, ParseError> {
        let mut usages = extensions.iter().filter(|extension| extension.extn_id == KEY_USAGE);
        let Some(usage) = usages.next() else {
            return Ok(Self::Both);
        };
        if usages.next().is_some() {
            return Err(ParseError::DuplicateKeyUsage);
        }
        let bits = BitStringRef::from_der(usage.extn_value.as_bytes())?;
        let any = |positions: &[usize]| positions.iter().any(|position| bits.get(*position) == Some(true));
        Ok(match (any(&SIGNATURE_BITS), any(&ENCRYPTION_BITS)) {
            (true, true) => Self::Both,
            (true, false) => Self::Signature,
            (false, true) => Self::Encryption,
            (false, false) => Self::Neither,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::OctetString;

    fn usage(value: &[u8]) -> Extension {
        Extension { extn_id: KEY_USAGE, critical: true, extn_value: OctetString::new(value).unwrap() }
    }

    #[test]
    fn bits_decide() {
        for (value, expected) in [
            (&[3, 2, 6, 0xc0][..], KeyUse::Signature),
            (&[3, 2, 7, 0x80], KeyUse::Signature),
            (&[3, 2, 0, 0x40], KeyUse::Signature),
            (&[3, 2, 3, 0x38], KeyUse::Encryption),
            (&[3, 2, 4, 0xf0], KeyUse::Both),
            (&[3, 2, 1, 0x06], KeyUse::Neither),
            (&[3, 1, 0], KeyUse::Neither),
        ] {
            assert_eq!(KeyUse::from_extensions(&[usage(value)]), Ok(expected), "{value:x?}");
        }
        assert_eq!(KeyUse::from_extensions(&[]), Ok(KeyUse::Both));
    }

    #[test]
    fn an_unclear_usage_is_refused() {
        let signature = usage(&[3, 2, 6, 0xc0]);
        assert_eq!(KeyUse::from_extensions(&[signature.clone(), signature]), Err(ParseError::DuplicateKeyUsage));
        for value in [&[][..], &[4, 1, 0xc0], &[3, 2, 6, 0xc0, 0], &[3, 2, 9, 0xc0]] {
            assert!(matches!(KeyUse::from_extensions(&[usage(value)]), Err(ParseError::Der(_))), "{value:x?}");
        }
    }
}
