//! Names of issuers and subjects as one line.

use super::value;
use crate::resident;
use crate::text::one_line;
use der::asn1::ObjectIdentifier;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Longest displayed name, in characters.
const MAX_CHARS: usize = 256;

/// The attributes of X.520 that are named, with the names of RFC 4514 and RFC 4519.
const ATTRIBUTES: &[(ObjectIdentifier, &str)] = &[
    (COMMON_NAME, "CN"),
    (SERIAL_NUMBER, "serialNumber"),
    (COUNTRY, "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "street"),
    (ORGANIZATION, "O"),
    (ORGANIZATIONAL_UNIT, "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.12"), "title"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"), "emailAddress"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
];
pub(super) const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
pub(super) const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
pub(super) const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
pub(super) const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
pub(super) const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
/// Identity of a person (GM/T 0015): personal data, left out of every text.
pub(super) const PERSON_IDENTITY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10260.4.1.1");

/// The name as `CN=…, O=…, C=CN`: RFC 4514 with a space after each comma, so the last attribute comes first, unless
/// the name already ends in its country. Attributes without a short name have their object identifier; values are
/// decoded, cleaned and escaped, so that none can pass for another attribute.
pub(crate) fn display(name: &Name) -> String {
    let mut parts: Vec<(bool, String)> =
        name.iter_rdn().map(|rdn| (has_country(rdn), part(rdn))).filter(|(_, text)| !text.is_empty()).collect();
    let most_specific_first = parts.len() > 1 && parts.last().is_some_and(|(country, _)| *country);
    if !most_specific_first {
        parts.reverse();
    }
    let parts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    one_line(&parts.join(", "), MAX_CHARS)
}

/// The name in a form to compare: equal for names that RFC 5280, 7.1 calls equal, and for few others. Case, the number
/// of spaces, the type of a string and the order within a set don't count, since CAs write their own name in one way
/// and as an issuer in another.
pub(crate) fn comparable(name: &Name) -> String {
    let mut text = String::new();
    for rdn in name.iter_rdn() {
        let mut attributes: Vec<String> = rdn.iter().map(comparable_attribute).collect();
        attributes.sort_unstable();
        text.extend(attributes.iter().flat_map(|attribute| ["+", attribute.as_str()]));
        text.push('/');
    }
    text
}

fn comparable_attribute(attribute: &AttributeTypeAndValue) -> String {
    let value = value::text(attribute.value.to_ref());
    let words: Vec<&str> = value.split_whitespace().collect();
    format!("{}={}", attribute.oid, words.join(" ").to_lowercase())
}

/// The value of an attribute as a clean line of any length, without identity numbers.
pub(super) fn clean_value(attribute: &AttributeTypeAndValue) -> String {
    // Cleaned first: an invisible character must not split a number. Not yet cut: half a number must not be left.
    resident::mask(&one_line(&value::text(attribute.value.to_ref()), usize::MAX)).into_owned()
}

fn has_country(rdn: &RelativeDistinguishedName) -> bool {
    rdn.iter().any(|attribute| attribute.oid == COUNTRY)
}

fn part(rdn: &RelativeDistinguishedName) -> String {
    let attributes: Vec<String> =
        rdn.iter().filter(|attribute| attribute.oid != PERSON_IDENTITY).map(attribute).collect();
    attributes.join("+")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let value = escaped(&clean_value(attribute));
    match ATTRIBUTES.iter().find(|(oid, _)| *oid == attribute.oid) {
        Some((_, name)) => format!("{name}={value}"),
        None => format!("{}={value}", attribute.oid),
    }
}

/// Escapes of RFC 4514, 2.4. Cleaned values have no space at either end.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (place, character) in value.chars().enumerate() {
        if matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\') || (place == 0 && character == '#') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn shown(rfc4514: &str) -> String {
        display(&Name::from_str(rfc4514).unwrap())
    }

    #[test]
    fn the_most_specific_attribute_comes_first() {
        // `from_str` takes RFC 4514, whose first attribute is the last in DER.
        assert_eq!(shown("CN=Test CA,OU=Key,O=CA,C=CN"), "CN=Test CA, OU=Key, O=CA, C=CN");
        assert_eq!(shown("C=CN,O=CA,CN=Test CA"), "CN=Test CA, O=CA, C=CN");
        assert_eq!(shown("C=CN"), "C=CN");
        assert_eq!(display(&Name::default()), "");
    }

    #[test]
    fn a_value_cannot_pass_for_another_attribute() {
        assert_eq!(shown(r"CN=A\, O=Bank\+x,C=CN"), r"CN=A\, O=Bank\+x, C=CN");
        assert_eq!(shown(r"CN=\#a#\\,C=CN"), r"CN=\#a#\\, C=CN");
    }

    #[test]
    fn identity_numbers_are_not_shown() {
        assert_eq!(shown("CN=11010519491231002X,C=CN"), "CN=******************, C=CN");
        assert_eq!(shown("1.2.156.10260.4.1.1=#0C0131,CN=A,C=CN"), "CN=A, C=CN");
        assert_eq!(shown("1.2.156.10260.4.1.2=#0C0131,C=CN"), "1.2.156.10260.4.1.2=1, C=CN");
    }

    #[test]
    fn names_compare_without_case_spaces_and_string_types() {
        let of = |rfc4514: &str| comparable(&Name::from_str(rfc4514).unwrap());
        assert_eq!(of("CN=Test  CA,O=测试,C=CN"), of("CN=test ca,O=测试,C=cn"));
        // BMPString and UTF8String.
        assert_eq!(of("O=#1e046d4b8bd5,C=CN"), of("O=#0c06e6b58be8af95,C=CN"));
        for other in ["CN=Test CA 2,O=测试,C=CN", "O=测试,C=CN", "CN=Test CA,OU=测试,C=CN", "O=测试,CN=Test CA,C=CN"]
        {
            assert_ne!(of(other), of("CN=Test CA,O=测试,C=CN"));
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let long = shown(&format!("CN={}", "a".repeat(1000)));
        assert_eq!(long.chars().count(), MAX_CHARS);
        assert!(long.ends_with('…'));
    }
}
