//! Binding information: what procurement platforms bind an account to, ready to be copied.

use crate::texts::{Catalogue, Language};

const ZH: &str = include_str!("../locales/zh-CN/binding.ftl");
const EN: &str = include_str!("../locales/en/binding.ftl");

/// What platforms ask for. Texts are one line each; an empty one is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Serial number of the signature certificate, hexadecimal.
    pub serial_number: String,
    /// The unit's code (USCC).
    pub holder_id: String,
    /// The unit's name.
    pub unit_name: String,
}

impl Binding {
    /// Each part with what it is called in the language of these texts, in the order in which platforms ask. The
    /// texts are those of [`catalogue`](Self::catalogue).
    pub fn rows<'a>(&'a self, texts: &Catalogue) -> [(String, &'a str); 3] {
        [
            (texts.text("binding-serial"), &*self.serial_number),
            (texts.text("binding-holder-id"), &*self.holder_id),
            (texts.text("binding-unit"), &*self.unit_name),
        ]
    }

    /// The lines to copy; without the parts that are not known.
    pub fn lines(&self, texts: &Catalogue) -> String {
        let known = self.rows(texts).into_iter().filter(|(_, value)| !value.is_empty());
        let lines: Vec<String> = known
            .map(|(name, value)| texts.text_with("binding-line", &[("name", name.as_str()), ("value", value)]))
            .collect();
        lines.join("\n")
    }

    /// The catalogue with the words.
    pub fn catalogue(language: Language) -> Catalogue {
        Catalogue::new(language, ZH, EN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::keys;

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_eq!(keys(ZH).unwrap(), keys(EN).unwrap());
        assert_eq!(keys(ZH).unwrap().len(), 4);
    }

    #[test]
    fn each_part_is_named_and_what_is_not_known_left_out() {
        let mut binding = Binding {
            serial_number: "0A1B".to_owned(),
            holder_id: "91350100M000100Y43".to_owned(),
            unit_name: "某县人民医院".to_owned(),
        };
        let texts = Binding::catalogue(Language::Chinese);
        assert_eq!(
            binding.lines(&texts),
            "证书序列号：0A1B\n统一社会信用代码：91350100M000100Y43\n单位名称：某县人民医院"
        );
        binding.holder_id.clear();
        let english = binding.lines(&Binding::catalogue(Language::English));
        assert_eq!(english, "Certificate serial number: 0A1B\nUnit: 某县人民医院");
    }
}
