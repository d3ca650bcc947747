//! The catalogue of `ukeyctl`.

use ukey_agent::texts::{Catalogue, Language};

const CHINESE: &str = include_str!("../locales/zh-CN/ukeyctl.ftl");
const ENGLISH: &str = include_str!("../locales/en/ukeyctl.ftl");

/// The texts in this language.
pub(crate) fn catalogue(language: Language) -> Catalogue {
    Catalogue::new(language, CHINESE, ENGLISH)
}

/// A word of the contract in the user's language, e.g. `pin-state` `locked`. A word that is not in the catalogue (a
/// newer service's) is shown as it is, an empty one as a dash.
pub(crate) fn word(texts: &Catalogue, family: &str, word: &str) -> String {
    if word.is_empty() {
        return "-".to_owned();
    }
    let key = format!("{family}-{word}");
    let text = texts.text(&key);
    if text == key { word.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use ukey_agent::texts::keys;
    use ukey_dbus::{ErrorKind, KeyUse, ModuleState, PinState, TokenState, Validity};

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys(CHINESE).unwrap(), keys(ENGLISH).unwrap());
    }

    #[test]
    fn every_error_says_what_it_means_and_what_to_do() {
        let known = keys(CHINESE).unwrap();
        let names = ErrorKind::ALL.iter().map(|kind| kind.short_name()).chain(Error::OWN_NAMES.iter().copied());
        for name in names {
            for key in [format!("error-{name}"), format!("error-{name}-do")] {
                assert!(known.contains(&key), "{key}");
            }
        }
    }

    #[test]
    fn every_word_of_the_contract_has_a_text() {
        let known = keys(ENGLISH).unwrap();
        let words = (TokenState::ALL.iter().map(|word| format!("token-state-{word}")))
            .chain(PinState::ALL.iter().map(|word| format!("pin-state-{word}")))
            .chain(ModuleState::ALL.iter().map(|word| format!("module-state-{word}")))
            .chain(Validity::ALL.iter().map(|word| format!("validity-{word}")))
            .chain(KeyUse::ALL.iter().map(|word| format!("key-use-{word}")));
        for key in words {
            assert!(known.contains(&key), "{key}");
        }
    }

    #[test]
    fn every_text_that_the_code_names_is_there() {
        let sources = [
            include_str!("advice.rs"),
            include_str!("check.rs"),
            include_str!("describe.rs"),
            include_str!("report.rs"),
            include_str!("doctor/findings.rs"),
            include_str!("error.rs"),
            include_str!("guidance.rs"),
            include_str!("verb/audit/export.rs"),
            include_str!("verb/audit/list.rs"),
            include_str!("verb/audit/record.rs"),
            include_str!("verb/audit/recover.rs"),
            include_str!("verb/audit/show.rs"),
            include_str!("verb/audit/verify.rs"),
            include_str!("verb/batch/list.rs"),
            include_str!("verb/batch/mod.rs"),
            include_str!("verb/batch/output.rs"),
            include_str!("verb/bind_info.rs"),
            include_str!("verb/change_pin.rs"),
            include_str!("verb/doctor.rs"),
            include_str!("verb/export.rs"),
            include_str!("verb/form.rs"),
            include_str!("verb/list.rs"),
            include_str!("verb/login.rs"),
            include_str!("verb/logout.rs"),
            include_str!("verb/random.rs"),
            include_str!("verb/release.rs"),
            include_str!("verb/show.rs"),
            include_str!("verb/sign/job.rs"),
            include_str!("verb/sign/mod.rs"),
            include_str!("verb/status.rs"),
            include_str!("verb/unblock.rs"),
            include_str!("verb/verify/message.rs"),
            include_str!("verb/verify/mod.rs"),
            include_str!("verb/verify/signature.rs"),
            include_str!("verb/watch/check.rs"),
            include_str!("verb/watch/mod.rs"),
            include_str!("verb/what_to_do.rs"),
        ];
        let known = keys(ENGLISH).unwrap();
        let mut named = 0;
        for source in sources {
            for (call, prefix) in
                [("text(\"", ""), ("text_with(\"", ""), ("title(\"", "title-"), ("Usage(\"", "usage-")]
            {
                for found in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                    named += 1;
                    assert!(known.contains(&format!("{prefix}{found}")), "{prefix}{found}");
                }
            }
        }
        for code in include_str!("advice.rs").split("(\"").skip(1).filter_map(|rest| rest.split_once("\", Style::")) {
            named += 1;
            assert!(known.contains(&format!("advice-{}", code.0)), "advice-{}", code.0);
        }
        for code in include_str!("doctor/findings.rs").split("add(\"").skip(1).filter_map(|rest| rest.split('"').next())
        {
            named += 1;
            for key in [format!("doctor-{code}"), format!("doctor-{code}-do")] {
                assert!(known.contains(&key), "{key}");
            }
        }
        assert!(named > 40, "the test finds only {named} texts");
    }

    #[test]
    fn a_word_of_a_newer_service_is_shown_as_it_is() {
        let texts = catalogue(Language::English);
        assert_eq!(word(&texts, "pin-state", "brand-new"), "brand-new");
        assert_eq!(word(&texts, "pin-state", ""), "-");
    }
}
