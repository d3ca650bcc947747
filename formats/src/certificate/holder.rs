//! Who a certificate was issued to: the unit's name and its code.

use super::{name, value};
use crate::Uscc;
use crate::text::one_line;
use der::asn1::ObjectIdentifier;
use x509_cert::ext::Extension;
use x509_cert::name::Name;

/// Longest holder name, in characters.
const MAX_CHARS: usize = 128;

/// Where CAs put a unit's code, as an attribute of the subject or as an extension, the standard's place first.
const UNIT_CODES: &[ObjectIdentifier] = &[
    // GM/T 0015-2012 and GM/T 0015-2023.
    ObjectIdentifier::new_unwrap("1.2.156.10260.4.1.4"),
    ObjectIdentifier::new_unwrap("1.2.156.10260.4.4"),
    // Identifiers of single CAs.
    ObjectIdentifier::new_unwrap("1.2.156.1.8888.148"),
    ObjectIdentifier::new_unwrap("1.2.86.21.1.1"),
    ObjectIdentifier::new_unwrap("1.2.86.21.1.3"),
    ObjectIdentifier::new_unwrap("1.2.156.112586.1.4"),
    ObjectIdentifier::new_unwrap("1.2.156.112586.1.6"),
    ObjectIdentifier::new_unwrap("2.16.840.1.113732.2"),
];
/// An arc of which CAs use several members (`.1`, `.7` …).
const UNIT_CODE_ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.86.11.7");
/// Attributes that hold the code when no identifier of its own does.
const FALLBACKS: &[ObjectIdentifier] = &[name::SERIAL_NUMBER, name::ORGANIZATIONAL_UNIT, name::ORGANIZATION];

/// The subject's CN, else its O: the first that isn't empty, as one line without identity numbers.
pub(super) fn name(subject: &Name) -> String {
    first_text(subject, &[name::COMMON_NAME, name::ORGANIZATION])
}

/// The subject's O, likewise.
pub(super) fn unit_name(subject: &Name) -> String {
    first_text(subject, &[name::ORGANIZATION])
}

/// Does this extension say who the holder is? Such an extension may be critical: it limits nothing.
pub(super) fn is_holder_fact(oid: &ObjectIdentifier) -> bool {
    UNIT_CODES.contains(oid) || oid.starts_with(UNIT_CODE_ARC) || *oid == name::PERSON_IDENTITY
}

fn first_text(subject: &Name, attributes: &[ObjectIdentifier]) -> String {
    attributes
        .iter()
        .flat_map(|oid| subject.iter().filter(move |attribute| attribute.oid == *oid))
        .map(|attribute| one_line(&name::clean_value(attribute), MAX_CHARS))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The first valid code, searched in the places of [`UNIT_CODES`], in [`UNIT_CODE_ARC`], in [`FALLBACKS`].
///
/// Within a place the subject comes before the extensions. The value may be any string or plain bytes, wrapped or
/// not, with other characters around the code; see [`Uscc::find`] for what is never taken.
pub(super) fn unit_code(subject: &Name, extensions: &[Extension]) -> Option<Uscc> {
    let in_subject = |wanted: &dyn Fn(&ObjectIdentifier) -> bool| {
        let mut attributes = subject.iter().filter(|attribute| wanted(&attribute.oid));
        attributes.find_map(|attribute| first_code(&value::texts_of(attribute.value.to_ref())))
    };
    let in_extensions = |wanted: &dyn Fn(&ObjectIdentifier) -> bool| {
        let mut extensions = extensions.iter().filter(|extension| wanted(&extension.extn_id));
        extensions.find_map(|extension| first_code(&value::texts(extension.extn_value.as_bytes())))
    };
    let in_arc = |oid: &ObjectIdentifier| oid.starts_with(UNIT_CODE_ARC);
    UNIT_CODES
        .iter()
        .find_map(|code| in_subject(&|oid| oid == code).or_else(|| in_extensions(&|oid| oid == code)))
        .or_else(|| in_subject(&in_arc))
        .or_else(|| in_extensions(&in_arc))
        .or_else(|| FALLBACKS.iter().find_map(|fallback| in_subject(&|oid| oid == fallback)))
}

fn first_code(texts: &[String]) -> Option<Uscc> {
    texts.iter().find_map(|text| Uscc::find(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::OctetString;
    use std::str::FromStr;

    const CODE: &str = "91350100M000100Y43";
    const OTHER: &str = "12530000431200001Q";

    fn subject(rfc4514: &str) -> Name {
        Name::from_str(rfc4514).unwrap()
    }

    fn extension(oid: &str, value: &[u8]) -> Extension {
        Extension {
            extn_id: ObjectIdentifier::new_unwrap(oid),
            critical: false,
            extn_value: OctetString::new(value).unwrap(),
        }
    }

    fn der(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(value.len()).unwrap()], value].concat()
    }

    fn found(subject: &Name, extensions: &[Extension]) -> Option<String> {
        unit_code(subject, extensions).map(|code| code.as_str().to_owned())
    }

    /// The ways in which CAs write a code, each with this text.
    fn encodings(text: &str) -> Vec<Vec<u8>> {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let printable = der(0x13, text.as_bytes());
        vec![
            text.as_bytes().to_vec(),
            [&[0xff, 0x00], text.as_bytes()].concat(),
            der(0x0c, text.as_bytes()),
            printable.clone(),
            der(0x14, text.as_bytes()),
            der(0x16, text.as_bytes()),
            der(0x1e, &utf16),
            der(0x03, &[&[0], text.as_bytes()].concat()),
            der(0x04, text.as_bytes()),
            der(0x04, &printable),
            der(0x04, &der(0x04, &printable)),
            der(0x30, &printable),
            der(0x31, &printable),
            der(0x30, &der(0xa0, &printable)),
            der(0x81, text.as_bytes()),
        ]
    }

    fn texts(code: &str) -> [String; 5] {
        [code.to_owned(), format!("SF{code}"), format!("2@6021{code}"), format!("2@6021SF0{code}"), format!("{code} ")]
    }

    fn places() -> Vec<String> {
        let places = UNIT_CODES.iter().map(ToString::to_string);
        places
            .chain(["1.2.86.11.7.1", "1.2.86.11.7.3", "1.2.86.11.7.18", "1.2.86.11.7.1.5"].map(String::from))
            .collect()
    }

    /// The subject `C=CN` with this attribute, its value in DER.
    fn subject_with(attribute: &str, value: &[u8]) -> Name {
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        subject(&format!("{attribute}=#{hex},C=CN"))
    }

    #[test]
    fn every_encoding_in_every_place_is_read_and_wrong_check_characters_never_are() {
        for place in places() {
            for (text, wrong) in texts(CODE).into_iter().zip(texts("91350100M000100Y44")) {
                for (value, wrong) in encodings(&text).into_iter().zip(encodings(&wrong)) {
                    let none = subject("C=CN");
                    assert_eq!(found(&none, &[extension(&place, &value)]).as_deref(), Some(CODE), "{place} {value:x?}");
                    assert_eq!(found(&none, &[extension(&place, &wrong)]), None, "{place} {wrong:x?}");
                }
                for (value, wrong) in encodings(&text).iter().zip(encodings(&wrong)).skip(2) {
                    assert_eq!(found(&subject_with(&place, value), &[]).as_deref(), Some(CODE), "{place} {value:x?}");
                    assert_eq!(found(&subject_with(&place, &wrong), &[]), None, "{place} {wrong:x?}");
                }
            }
        }
    }

    #[test]
    fn the_fallbacks_of_the_subject_are_read() {
        for place in ["serialNumber", "OU", "O"] {
            for text in texts(CODE) {
                for value in [der(0x0c, text.as_bytes()), der(0x13, text.as_bytes())] {
                    assert_eq!(found(&subject_with(place, &value), &[]).as_deref(), Some(CODE), "{place} {text}");
                }
            }
        }
        assert_eq!(found(&subject(&format!("L={CODE},C=CN")), &[extension("1.2.3", CODE.as_bytes())]), None);
    }

    #[test]
    fn any_wrong_check_character_is_noticed() {
        for check in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars() {
            let code = format!("{}{check}", &CODE[..17]);
            let right = found(&subject("C=CN"), &[extension("1.2.156.10260.4.1.4", code.as_bytes())]);
            assert_eq!(right.is_some(), check == '3', "{code}");
        }
    }

    #[test]
    fn the_place_of_the_standard_wins_and_a_wrong_code_is_passed_over() {
        let subject = subject(&format!("O={OTHER},C=CN"));
        assert_eq!(found(&subject, &[extension("1.2.156.10260.4.1.4", CODE.as_bytes())]).as_deref(), Some(CODE));
        let wrong = [extension("1.2.156.10260.4.1.4", b"91350100M000100Y44")];
        assert_eq!(found(&subject, &wrong).as_deref(), Some(OTHER));
    }

    #[test]
    fn a_persons_identity_extension_is_never_read() {
        assert_eq!(found(&subject("C=CN"), &[extension("1.2.156.10260.4.1.1", CODE.as_bytes())]), None);
    }

    #[test]
    fn the_name_is_the_first_cn_that_says_something_else_the_organisation() {
        assert_eq!(name(&subject("CN=云南省测试医院,O=测试,C=CN")), "云南省测试医院");
        assert_eq!(name(&subject("CN=\u{200b} ,O=测试,C=CN")), "测试");
        assert_eq!(name(&subject("C=CN")), "");
        assert_eq!(unit_name(&subject("CN=张三,O=云南省测试医院,C=CN")), "云南省测试医院");
        assert_eq!(unit_name(&subject("CN=云南省测试医院,C=CN")), "");
    }

    #[test]
    fn identity_numbers_in_a_name_are_masked_before_it_is_cut() {
        assert_eq!(name(&subject("CN=张三110105\u{200b}19491231002X")), format!("张三{}", "*".repeat(18)));
        let long = name(&subject(&format!("CN={}11010519491231002X", "医".repeat(120))));
        assert_eq!(long, format!("{}*******…", "医".repeat(120)));
    }
}
