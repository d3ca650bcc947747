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
