//! Double certificates: CAs in China issue one for signatures and one for encryption, for two keys of one holder.

use crate::{Certificate, KeyUse, PublicKey};
use std::mem::discriminant;

/// A certificate with the identifier of its key on the Key (`CKA_ID` of PKCS#11).
#[derive(Clone, Copy, Debug)]
pub struct KeyCertificate<'a> {
    /// `CKA_ID`; may be empty.
    pub key_id: &'a [u8],
    /// The certificate.
    pub certificate: &'a Certificate,
}

/// Finds the certificate that makes a pair with `of`: for a signature certificate the encryption certificate, and the
/// other way round. Gives its place in `among`.
///
/// Both have the same kind of key. The same `CKA_ID` counts first; else the same subject and issuer, and of several such
/// the one whose validity begins nearest, since a renewed Key holds an older pair as well. A certificate for both uses
/// has no partner.
pub fn partner(of: &KeyCertificate<'_>, among: &[KeyCertificate<'_>]) -> Option<usize> {
    let wanted = match of.certificate.key_use {
        KeyUse::Signature => KeyUse::Encryption,
        KeyUse::Encryption => KeyUse::Signature,
        KeyUse::Both | KeyUse::Neither => return None,
    };
    let fits = |other: &KeyCertificate<'_>| {
        other.certificate.key_use == wanted
            && same_kind(&of.certificate.public_key, &other.certificate.public_key)
            && (same_key_id(of, other) || same_names(of.certificate, other.certificate))
    };
    let distance = |other: &KeyCertificate<'_>| {
        let between = other.certificate.not_before.abs_diff(of.certificate.not_before);
        (!same_key_id(of, other), between)
    };
    let candidates = among.iter().enumerate().filter(|(_, other)| fits(other));
    candidates.min_by_key(|(_, other)| distance(other)).map(|(place, _)| place)
}

fn same_key_id(one: &KeyCertificate<'_>, other: &KeyCertificate<'_>) -> bool {
    !one.key_id.is_empty() && one.key_id == other.key_id
}

fn same_names(one: &Certificate, other: &Certificate) -> bool {
    one.subject_der == other.subject_der && one.issuer_der == other.issuer_der
}

/// RSA with RSA, a curve with the same curve.
fn same_kind(one: &PublicKey, other: &PublicKey) -> bool {
    match (one, other) {
        (PublicKey::Ec { curve, .. }, PublicKey::Ec { curve: other, .. }) => curve == other,
        _ => discriminant(one) == discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN: &[u8] = include_bytes!("../../tests/data/rsa-sign.der");
    const ENCRYPT: &[u8] = include_bytes!("../../tests/data/p256-encrypt.der");

    /// A certificate with other uses, key and begin of validity.
    fn certificate(der: &[u8], key_use: KeyUse, key: &PublicKey, not_before: u64) -> Certificate {
        Certificate { key_use, public_key: key.clone(), not_before, ..Certificate::from_der(der).unwrap() }
    }

    fn with<'a>(key_id: &'a [u8], certificate: &'a Certificate) -> KeyCertificate<'a> {
        KeyCertificate { key_id, certificate }
    }

    #[test]
    fn the_key_identifier_counts_first_then_the_names_and_the_nearest_begin() {
        let sm2 = PublicKey::Ec { curve: crate::Curve::Sm2, point: vec![4; 65] };
        let sign = certificate(SIGN, KeyUse::Signature, &sm2, 1000);
        let (old, new) =
            (certificate(SIGN, KeyUse::Encryption, &sm2, 10), certificate(SIGN, KeyUse::Encryption, &sm2, 1001));
        let foreign = certificate(ENCRYPT, KeyUse::Encryption, &sm2, 1000);
        let all = [with(b"1", &sign), with(b"2", &old), with(b"3", &new), with(b"4", &foreign)];
        assert_eq!(partner(&all[0], &all), Some(2));
        // Each of the encryption certificates leads to the signature certificate.
        assert_eq!(partner(&all[2], &all), Some(0));
        assert_eq!(partner(&all[1], &all), Some(0));
        assert_eq!(partner(&all[3], &all), None);
        let same_id = [with(b"1", &sign), with(b"3", &new), with(b"1", &foreign)];
        assert_eq!(partner(&same_id[0], &same_id), Some(2));
        let no_id = [with(b"", &sign), with(b"", &foreign)];
        assert_eq!(partner(&no_id[0], &no_id), None);
    }

    #[test]
    fn kinds_of_keys_are_not_mixed_and_a_certificate_for_both_is_alone() {
        let sm2 = PublicKey::Ec { curve: crate::Curve::Sm2, point: vec![4; 65] };
        let p256 = PublicKey::Ec { curve: crate::Curve::P256, point: vec![4; 65] };
        let rsa = Certificate::from_der(SIGN).unwrap().public_key;
        let sign = certificate(SIGN, KeyUse::Signature, &sm2, 0);
        for other in [&p256, &rsa] {
            let encrypt = certificate(SIGN, KeyUse::Encryption, other, 0);
            assert_eq!(partner(&with(b"1", &sign), &[with(b"1", &encrypt)]), None);
        }
        let both = certificate(SIGN, KeyUse::Both, &sm2, 0);
        let encrypt = certificate(SIGN, KeyUse::Encryption, &sm2, 0);
        assert_eq!(partner(&with(b"1", &both), &[with(b"1", &encrypt)]), None);
        assert_eq!(partner(&with(b"1", &sign), &[with(b"1", &both)]), None);
        assert_eq!(partner(&with(b"1", &sign), &[with(b"1", &encrypt)]), Some(0));
    }
}
