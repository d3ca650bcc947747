//! Object identifiers of messages.

use der::asn1::ObjectIdentifier;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

// RFC 5652, 4 and 5.1.
pub(super) const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
pub(super) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
// GM/T 0010, 6 and 8.
pub(super) const GMT_DATA: ObjectIdentifier = oid("1.2.156.10197.6.1.4.2.1");
pub(super) const GMT_SIGNED_DATA: ObjectIdentifier = oid("1.2.156.10197.6.1.4.2.2");

// Attributes: RFC 5652, 11; RFC 5035, 3 and 5; RFC 6211.
pub(super) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub(super) const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub(super) const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub(super) const ALGORITHM_PROTECTION: ObjectIdentifier = oid("1.2.840.113549.1.9.52");

// Signature algorithms: RFC 8017, A; RFC 5758, 3.2; RFC 5480, 2.1.1.
pub(super) const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(super) const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
pub(super) const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
pub(super) const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub(super) const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub(super) const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub(super) const EC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
pub(super) const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub(super) const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
pub(super) const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
// GM/T 0006: SM2 with SM3; the SM2 signature algorithm; the curve, which some write in its place.
pub(super) const SM2_SM3: ObjectIdentifier = oid("1.2.156.10197.1.501");
pub(super) const SM2_SIGNATURE: ObjectIdentifier = oid("1.2.156.10197.1.301.1");
pub(super) const SM2: ObjectIdentifier = oid("1.2.156.10197.1.301");

/// subjectKeyIdentifier (RFC 5280, 4.2.1.2).
pub(super) const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
/// SM3 with a member of its arc that some write instead (GM/T 0006).
pub(super) const SM3_WITHOUT_KEY: ObjectIdentifier = oid("1.2.156.10197.1.401.1");
