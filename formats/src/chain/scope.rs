//! For which certificates a revocation list speaks (issuing distribution point: RFC 5280, 5.2.5).

use crate::certificate::extension::{self, full_names};
use crate::certificate::{Authority, PathFacts};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode, Sequence};
use x509_cert::ext::Extension;

const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");

/// The certificates of one issuer for which a list speaks: all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// Only those that name one of these distribution points, GeneralNames in DER.
    points: Option<Vec<Vec<u8>>>,
    kind: Kind,
}

/// The kind of certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Any,
    User,
    Ca,
    /// Attribute certificates, which are no certificates here.
    Attribute,
}

/// `IssuingDistributionPoint`.
#[derive(Sequence)]
struct IssuingDistributionPoint<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    name: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", default = "Default::default")]
    user: bool,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", default = "Default::default")]
    ca: bool,
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", optional = "true")]
    reasons: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "4", tag_mode = "IMPLICIT", default = "Default::default")]
    indirect: bool,
    #[asn1(context_specific = "5", tag_mode = "IMPLICIT", default = "Default::default")]
    attribute: bool,
}

impl Scope {
    /// Is this the extension that tells the scope?
    pub(super) fn is_named(oid: &ObjectIdentifier) -> bool {
        *oid == ISSUING_DISTRIBUTION_POINT
    }

    /// Reads the scope; `None` for one that isn't supported or can't be read.
    pub(super) fn from_extensions(extensions: &[Extension]) -> Option<Self> {
        let Some(value) = extension::value(extensions, ISSUING_DISTRIBUTION_POINT) else {
            return Some(Self::default());
        };
        let point = IssuingDistributionPoint::from_der(value).ok()?;
        if point.indirect || point.reasons.is_some() {
            return None;
        }
        let kind = match (point.user, point.ca, point.attribute) {
            (false, false, false) => Kind::Any,
            (true, false, false) => Kind::User,
            (false, true, false) => Kind::Ca,
            (false, false, true) => Kind::Attribute,
            _ => return None,
        };
        let points = match point.name {
            Some(name) => Some(full_names(&name.to_der().ok()?)),
            None => None,
        };
        Some(Self { points, kind })
    }

    /// Does the list speak for this certificate of its issuer? A list of a distribution point only does for certificates
    /// that name it: a CA splits its list into several, and the others would call everything good.
    pub(super) fn covers(&self, certificate: &PathFacts) -> bool {
        let ca = matches!(certificate.authority, Authority::Ca(_));
        let kind = match self.kind {
            Kind::Any => true,
            Kind::User => !ca,
            Kind::Ca => ca,
            Kind::Attribute => false,
        };
        let named = |points: &Vec<Vec<u8>>| points.iter().any(|point| certificate.distribution_points.contains(point));
        kind && self.points.as_ref().is_none_or(named)
    }
}
