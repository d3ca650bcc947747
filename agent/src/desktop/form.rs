//! The CA's form for a certificate: made, kept in the user's folder, shown; and what to tell of that.

use super::keys::Certificate;
use super::texts::Texts;
use crate::texts::first_set;
use std::path::{Path, PathBuf};
use ukey_formats::text::one_line;
use ukey_guidance::Service;
use ukey_guidance::form::{Delivered, DeliveryError, Filled, FormError};

/// Services that the menu offers for a certificate, the most wanted first.
pub(crate) const SERVICES: [Service; 5] =
    [Service::Renew, Service::Unlock, Service::Reissue, Service::Change, Service::Revoke];
/// Longest text of an error, in characters.
const ERROR_MAX: usize = 120;

/// What the form says of a certificate.
pub(crate) fn filled(certificate: &Certificate) -> Filled {
    Filled {
        unit_name: certificate.unit().to_owned(),
        unit_code: certificate.holder_id.clone(),
        certificate_serial: certificate.serial_number.clone(),
    }
}

/// A file of the user's, as people name it: from their home folder on.
fn in_home(path: &Path) -> String {
    let home = first_set(&["HOME"]).map(PathBuf::from);
    let inside = home.and_then(|home| path.strip_prefix(home).ok()).unwrap_or(path);
    inside.to_string_lossy().into_owned()
}

/// What to tell when it is made, or why it is not.
pub(crate) fn outcome(texts: &Texts, made: &Result<Delivered, DeliveryError>) -> String {
    match made {
        Ok(Delivered { path, shown }) => {
            let text = if *shown { "form-shown" } else { "form-kept" };
            texts.with(text, &[("file", in_home(path))])
        }
        Err(DeliveryError::Form(FormError::NoFont)) => texts.text("form-no-font"),
        Err(DeliveryError::Form(FormError::MissingCharacter { character })) => {
            texts.with("form-no-character", &[("character", character.to_string())])
        }
        Err(DeliveryError::Save { folder, .. }) => texts.with("form-not-saved", &[("folder", in_home(folder))]),
        Err(DeliveryError::NoFolder) => texts.text("form-no-folder"),
        Err(other) => texts.with("form-not-made", &[("error", one_line(&other.to_string(), ERROR_MAX))]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use crate::texts::Language;
    use std::io::ErrorKind;

    #[test]
    fn the_form_says_what_the_certificate_does() {
        let snapshot = fixture::snapshot();
        let filled = filled(&snapshot.keys[0].certificates[0]);
        assert_eq!((filled.unit_name.as_str(), filled.unit_code.as_str()), ("某县人民医院", "91350100M000100Y43"));
        assert!(!filled.certificate_serial.is_empty());
    }

    #[test]
    fn each_outcome_says_where_it_is_or_what_to_do() {
        let made = |shown| Ok(Delivered { path: "/home/li/文档/x.pdf".into(), shown });
        let missing = FormError::MissingCharacter { character: '𠮷' };
        for language in [Language::Chinese, Language::English] {
            let texts = Texts::new(language);
            assert!(outcome(&texts, &made(true)).contains("/home/li/文档/x.pdf"));
            assert_ne!(outcome(&texts, &made(true)), outcome(&texts, &made(false)));
            assert!(outcome(&texts, &Err(FormError::NoFont.into())).contains("fonts-wqy-zenhei"));
            assert!(outcome(&texts, &Err(missing.clone().into())).contains('𠮷'));
            assert!(!outcome(&texts, &Err(DeliveryError::NoFolder)).starts_with("form-"));
            let refused =
                DeliveryError::Save { folder: "/home/li/文档".into(), source: ErrorKind::PermissionDenied.into() };
            let refused = outcome(&texts, &Err(refused));
            assert!(refused.contains("/home/li/文档") && !refused.contains("denied"), "{refused}");
            assert!(outcome(&texts, &Err(FormError::Pdf("why".to_owned()).into())).contains("why"));
        }
    }
}
