//! The issuer of a certificate: its distinguished name as ukeyd shows it, and patterns for it.

use serde::Deserialize;
use wildmatch::WildMatch;

/// Attributes that hold what a CA calls itself.
const NAMES: &[&str] = &["CN", "O"];

/// One pattern or several, of which one has to fit; `*` and `?`, upper and lower case alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Several(Vec<String>),
}

impl Patterns {
    fn fit(&self, text: &str) -> bool {
        let fits = |pattern: &String| WildMatch::new_case_insensitive(pattern).matches(text);
        match self {
            Self::One(pattern) => fits(pattern),
            Self::Several(patterns) => patterns.iter().any(fits),
        }
    }
}

/// `[match]`: each key that is there has to fit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// A CN or O of the issuer.
    name: Option<Patterns>,
    /// The whole distinguished name.
    issuer: Option<Patterns>,
}

impl Match {
    /// Keys of the table that are there: the more, the more specific.
    pub(crate) fn specificity(&self) -> usize {
        usize::from(self.name.is_some()) + usize::from(self.issuer.is_some())
    }

    /// Does it fit this issuer, `CN=…, O=…, C=CN`?
    pub(crate) fn fits(&self, issuer: &str) -> bool {
        let name = self.name.as_ref().is_none_or(|name| names(issuer).iter().any(|found| name.fit(found)));
        name && self.issuer.as_ref().is_none_or(|whole| whole.fit(issuer))
    }
}

/// The values of [`NAMES`], without their escapes (RFC 4514).
fn names(issuer: &str) -> Vec<String> {
    let named = attributes(issuer).into_iter().filter_map(|attribute| {
        let (kind, value) = attribute.split_once('=')?;
        NAMES.iter().any(|name| kind.trim().eq_ignore_ascii_case(name)).then(|| value.trim().to_owned())
    });
    named.collect()
}

fn attributes(issuer: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut characters = issuer.chars();
    while let Some(character) = characters.next() {
        let last = found.len() - 1;
        match character {
            '\\' => found[last].extend(characters.next()),
            ',' | '+' => found.push(String::new()),
            plain => found[last].push(plain),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(table: &str, issuer: &str) -> bool {
        toml::from_str::<Match>(table).unwrap().fits(issuer)
    }

    #[test]
    fn a_name_is_a_cn_or_an_o_and_nothing_else() {
        let table = "name = ['县CA*', 'Test CA']";
        assert!(fits(table, "CN=县CA 2, C=CN"));
        assert!(fits(table, "CN=Root, O=test ca, C=CN"));
        assert!(fits(table, "OU=x+O=Test CA, C=CN"));
        assert!(!fits(table, "OU=Test CA, C=CN"));
        assert!(!fits(table, "CN=My Test CA, C=CN"));
        assert!(!fits(table, r"CN=a\, O=Test CA, C=CN"), "an escaped comma begins no attribute");
        assert!(fits("name = 'A, Inc.'", r"O=A\, Inc., C=CN"));
        assert!(!fits(table, ""));
    }

    #[test]
    fn every_key_has_to_fit() {
        let table = "name = 'Test CA'\nissuer = '*ST=云南*'";
        assert!(fits(table, "CN=Test CA, ST=云南省, C=CN"));
        assert!(!fits(table, "CN=Test CA, ST=四川省, C=CN"));
    }
}
