//! The extensions that path validation and certificate facts read (RFC 5280, 4.2.1).

use super::value::children;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Encode, Sequence, Tag, TagNumber};
use std::collections::HashSet;
use x509_cert::ext::Extension;

pub(crate) const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
pub(crate) const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ISSUER_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.18");
pub(crate) const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
pub(crate) const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
pub(crate) const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
pub(crate) const AUTHORITY_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");

/// Extensions that may be critical: they are looked at, or only name something that is not asked for here (other
/// names, purposes, policies where any policy will do).
const UNDERSTOOD: &[ObjectIdentifier] = &[
    SUBJECT_KEY_ID,
    KEY_USAGE,
    SUBJECT_ALT_NAME,
    ISSUER_ALT_NAME,
    BASIC_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    CERTIFICATE_POLICIES,
    AUTHORITY_KEY_ID,
    EXTENDED_KEY_USAGE,
];

/// Tag number of a URI in a GeneralName.
const URI: TagNumber = TagNumber(6);
/// Most distribution points that are read.
const MAX_POINTS: usize = 8;

/// Does an extension stand twice? Which one counts would be a guess (RFC 5280, 4.2).
pub(crate) fn any_twice(extensions: &[Extension]) -> bool {
    let mut seen = HashSet::new();
    !extensions.iter().all(|extension| seen.insert(extension.extn_id))
}

/// Is there a critical extension that isn't understood, and not among `more`?
pub(crate) fn unknown_critical(extensions: &[Extension], more: impl Fn(&ObjectIdentifier) -> bool) -> bool {
    let understood = |oid: &ObjectIdentifier| UNDERSTOOD.contains(oid) || more(oid);
    extensions.iter().any(|extension| extension.critical && !understood(&extension.extn_id))
}

/// The value of an extension.
pub(crate) fn value(extensions: &[Extension], oid: ObjectIdentifier) -> Option<&[u8]> {
    extensions.iter().find(|extension| extension.extn_id == oid).map(|extension| extension.extn_value.as_bytes())
}

/// `BasicConstraints` (4.2.1.9). A path length above 255 stands for no limit that matters.
#[derive(Sequence)]
struct BasicConstraints<'a> {
    #[asn1(default = "Default::default")]
    ca: bool,
    path_length: Option<UintRef<'a>>,
}

/// What a certificate says of its subject being a CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// Nothing, as version 1 certificates do.
    Unsaid,
    /// That it is none.
    No,
    /// That it is one, with at most this many other CAs below it, `None` for any number.
    Ca(Option<u8>),
}

impl Authority {
    /// Reads the basic constraints.
    pub(crate) fn from_extensions(extensions: &[Extension]) -> der::Result<Self> {
        let Some(value) = value(extensions, BASIC_CONSTRAINTS) else { return Ok(Self::Unsaid) };
        let constraints = BasicConstraints::from_der(value)?;
        let limit = |length: UintRef<'_>| match length.as_bytes() {
            [limit] => Some(*limit),
            _ => None,
        };
        Ok(if constraints.ca { Self::Ca(constraints.path_length.and_then(limit)) } else { Self::No })
    }
}

/// Does the key usage allow what this bit stands for? Without a key usage everything is.
pub(crate) fn key_usage_allows(extensions: &[Extension], bit: usize) -> bool {
    value(extensions, KEY_USAGE)
        .is_none_or(|value| BitStringRef::from_der(value).is_ok_and(|bits| bits.get(bit) == Some(true)))
}

/// The subject key identifier (4.2.1.2), if it can be read.
pub(crate) fn subject_key_id(extensions: &[Extension]) -> Option<Vec<u8>> {
    let id: &OctetStringRef = <&OctetStringRef>::from_der(value(extensions, SUBJECT_KEY_ID)?).ok()?;
    Some(id.as_bytes().to_vec())
}

/// The key identifier of the authority key identifier (4.2.1.1), if it can be read.
pub(crate) fn authority_key_id(extensions: &[Extension]) -> Option<Vec<u8>> {
    let sequence = AnyRef::from_der(value(extensions, AUTHORITY_KEY_ID)?).ok()?;
    let fields = (sequence.header().tag() == Tag::Sequence).then(|| children(sequence.value()))??;
    let id = fields.iter().find(|field| context_specific(field) == Some(TagNumber(0)))?;
    Some(id.value().to_vec())
}

/// The full names of the CRL distribution points (4.2.1.13), each the DER of a GeneralName; none if they can't be read.
pub(crate) fn distribution_points(extensions: &[Extension]) -> Vec<Vec<u8>> {
    let points = value(extensions, CRL_DISTRIBUTION_POINTS).and_then(|value| AnyRef::from_der(value).ok());
    let points = points.and_then(|points| children(points.value())).unwrap_or_default();
    points
        .iter()
        .take(MAX_POINTS)
        .filter_map(|point| {
            children(point.value())?.into_iter().find(|field| context_specific(field) == Some(TagNumber(0)))
        })
        .flat_map(|name| full_names(name.value()))
        .collect()
}

/// The GeneralNames of a DistributionPointName, each in DER; none for a name relative to the issuer's.
pub(crate) fn full_names(point_name: &[u8]) -> Vec<Vec<u8>> {
    let names = AnyRef::from_der(point_name).ok().filter(|name| context_specific(name) == Some(TagNumber(0)));
    let names = names.and_then(|names| children(names.value())).unwrap_or_default();
    names.iter().take(MAX_POINTS).filter_map(|name| name.to_der().ok()).collect()
}

/// The URI that a GeneralName in DER is.
pub(crate) fn uri(general_name: &[u8]) -> Option<String> {
    let name = AnyRef::from_der(general_name).ok().filter(|name| context_specific(name) == Some(URI))?;
    Some(String::from_utf8_lossy(name.value()).into_owned())
}

fn context_specific(value: &AnyRef<'_>) -> Option<TagNumber> {
    match value.header().tag() {
        Tag::ContextSpecific { number, .. } => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::OctetString;

    fn extension(oid: ObjectIdentifier, value: &[u8]) -> Extension {
        Extension { extn_id: oid, critical: true, extn_value: OctetString::new(value).unwrap() }
    }

    #[test]
    fn basic_constraints_of_every_form() {
        let read = |value: &[u8]| Authority::from_extensions(&[extension(BASIC_CONSTRAINTS, value)]);
        assert_eq!(Authority::from_extensions(&[]), Ok(Authority::Unsaid));
        assert_eq!(read(&[0x30, 0]), Ok(Authority::No));
        assert_eq!(read(&[0x30, 3, 1, 1, 0]), Ok(Authority::No));
        assert_eq!(read(&[0x30, 3, 1, 1, 0xff]), Ok(Authority::Ca(None)));
        assert_eq!(read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]), Ok(Authority::Ca(Some(0))));
        assert_eq!(read(&[0x30, 7, 1, 1, 0xff, 2, 2, 0, 200]), Ok(Authority::Ca(Some(200))));
        assert_eq!(read(&[0x30, 7, 1, 1, 0xff, 2, 2, 1, 0]), Ok(Authority::Ca(None)));
        for broken in
            [&[][..], &[0x30, 3, 1, 1, 1], &[0x30, 6, 1, 1, 0xff, 2, 1, 0xff], &[0x30, 2, 5, 0], &[0x30, 0, 0]]
        {
            assert!(read(broken).is_err(), "{broken:x?}");
        }
    }

    #[test]
    fn key_identifiers_are_read_where_they_are_whole() {
        let authority = |value: &[u8]| authority_key_id(&[extension(AUTHORITY_KEY_ID, value)]);
        assert_eq!(authority(&[0x30, 4, 0x80, 2, 7, 8]), Some(vec![7, 8]));
        // With the issuer's name and serial number around it.
        assert_eq!(authority(&[0x30, 9, 0x80, 2, 7, 8, 0xa1, 0, 0x82, 1, 5]), Some(vec![7, 8]));
        assert_eq!(authority(&[0x30, 3, 0x82, 1, 5]), None);
        assert_eq!(authority(&[0x30, 4, 0x80, 3, 7, 8]), None);
        assert_eq!(subject_key_id(&[extension(SUBJECT_KEY_ID, &[4, 2, 7, 8])]), Some(vec![7, 8]));
        assert_eq!(subject_key_id(&[extension(SUBJECT_KEY_ID, &[7, 8])]), None);
    }

    #[test]
    fn distribution_points_give_their_full_names() {
        let uri_name = [0x86, 3, b'a', b':', b'b'];
        let point = [&[0x30, 9, 0xa0, 7, 0xa0, 5][..], &uri_name].concat();
        // A second point that is relative to the issuer's name has none.
        let value = [&[0x30, 17][..], &point, &[0x30, 4, 0xa0, 2, 0xa1, 0]].concat();
        let names = distribution_points(&[extension(CRL_DISTRIBUTION_POINTS, &value)]);
        assert_eq!(names, [uri_name]);
        assert_eq!(uri(&names[0]).as_deref(), Some("a:b"));
        assert_eq!(uri(&[0x82, 1, b'a']), None);
        assert!(distribution_points(&[extension(CRL_DISTRIBUTION_POINTS, &[0x30, 9, 1])]).is_empty());
    }

    #[test]
    fn a_critical_extension_has_to_be_understood() {
        let strange = ObjectIdentifier::new_unwrap("1.2.3.4");
        let extensions = [extension(KEY_USAGE, &[]), extension(strange, &[])];
        assert!(!any_twice(&extensions));
        assert!(unknown_critical(&extensions, |_| false));
        assert!(!unknown_critical(&extensions, |oid| *oid == strange));
        let plain = Extension { critical: false, ..extension(strange, &[]) };
        assert!(!unknown_critical(std::slice::from_ref(&plain), |_| false));
        assert!(any_twice(&[plain.clone(), plain]));
    }
}
