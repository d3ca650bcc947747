//! The catalogue of this crate.

use ukey_texts::{Catalogue, Language};

const CHINESE: &str = include_str!("../locales/zh-CN/guidance.ftl");
const ENGLISH: &str = include_str!("../locales/en/guidance.ftl");

/// The texts in this language.
pub(crate) fn catalogue(language: Language) -> Catalogue {
    Catalogue::new(language, CHINESE, ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use ukey_texts::keys;

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys(CHINESE).unwrap(), keys(ENGLISH).unwrap());
    }

    #[test]
    fn every_service_has_every_part() {
        let known = keys(CHINESE).unwrap();
        for service in Service::ALL {
            for part in ["summary", "when", "where", "bring", "steps", "consequences"] {
                assert!(known.contains(&format!("{service}-{part}")), "{service}-{part}");
            }
            assert!(known.contains(&format!("service-{service}")));
        }
    }

    #[test]
    fn every_text_that_the_code_names_is_there() {
        let known = keys(ENGLISH).unwrap();
        let sources = [include_str!("advice.rs"), include_str!("renewal.rs"), include_str!("directory.rs")];
        let mut named = 0;
        for source in sources {
            for (call, prefix) in [("text(\"", ""), ("text_with(\"", ""), ("(&texts, \"", "title-")] {
                for found in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                    named += 1;
                    assert!(known.contains(&format!("{prefix}{found}")), "{prefix}{found}");
                }
            }
        }
        assert!(named > 10, "the test finds only {named} texts");
    }
}
