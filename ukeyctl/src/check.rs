//! The checks of a message and of a certificate in the user's words, each with the reason that the service gives.

use crate::style::Style;
use crate::table::Cell;
use crate::texts::word;
use ukey_agent::texts::Catalogue;

/// The reason of a check that found everything right.
const OK: &str = "ok";

/// A check; its name is `title-<name>` in the catalogue and before the reason in `<name>-<reason>`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    name: &'static str,
    /// Reasons that are as good as `ok`.
    good: &'static [&'static str],
}

impl Check {
    /// What was signed.
    pub(crate) const DIGEST: Self = Self::new("message-digest", &["in-signature"]);
    /// The signature itself.
    pub(crate) const SIGNATURE: Self = Self::new("message-signature", &[]);
    /// What the signer says the content is.
    pub(crate) const CONTENT_TYPE: Self = Self::new("message-content-type", &["not-needed"]);
    /// Which certificate the signer says it was.
    pub(crate) const REFERENCE: Self = Self::new("message-certificate-reference", &["absent"]);
    /// The algorithms as the signer protected them.
    pub(crate) const ALGORITHMS: Self = Self::new("message-algorithms", &["absent"]);
    /// Whether the certificate is for signatures.
    pub(crate) const KEY_USE: Self = Self::new("message-key-use", &[]);
    /// Dates of a certificate and its issuers.
    pub(crate) const DATES: Self = Self::new("certificate-dates", &[]);
    /// Its way to a trusted CA.
    pub(crate) const CHAIN: Self = Self::new("certificate-chain", &[]);
    /// Its revocation.
    pub(crate) const REVOCATION: Self = Self::new("certificate-revocation", &[]);

    const fn new(name: &'static str, good: &'static [&'static str]) -> Self {
        Self { name, good }
    }

    /// Whether this reason leaves nothing to say.
    pub(crate) fn is_good(self, reason: &str) -> bool {
        reason == OK || self.good.contains(&reason)
    }

    /// The title of its line.
    pub(crate) fn title(self, texts: &Catalogue) -> String {
        texts.text(&format!("title-{}", self.name))
    }

    /// The reason in words; what is not right in this style.
    pub(crate) fn says(self, texts: &Catalogue, reason: &str, otherwise: Style) -> Cell {
        let style = if self.is_good(reason) { Style::Good } else { otherwise };
        Cell::styled(word(texts, self.name, reason), style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::catalogue;
    use ukey_agent::texts::Language;

    const CONTRACT: &str = include_str!("../../dbus-interfaces/xml/org.ukeyd.UKey1.Manager.xml");

    /// The reasons of a check as the contract lists them: `name s (ok, …`.
    fn reasons(name: &str) -> Vec<String> {
        let text = CONTRACT.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, list) = text.split_once(&format!(" {name} s (")).unwrap();
        let list = list.split([')', ';']).next().unwrap();
        list.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn every_reason_of_the_contract_has_words_in_both_languages() {
        for (check, name) in [
            (Check::DIGEST, "digest"),
            (Check::SIGNATURE, "signature"),
            (Check::CONTENT_TYPE, "content-type"),
            (Check::REFERENCE, "certificate-reference"),
            (Check::ALGORITHMS, "algorithms"),
            (Check::KEY_USE, "key-use"),
            (Check::DATES, "dates"),
            (Check::CHAIN, "chain"),
            (Check::REVOCATION, "revocation"),
        ] {
            let reasons = reasons(name);
            assert!(reasons.len() >= 3 && reasons[0] == OK, "{name}: {reasons:?}");
            assert!(check.good.iter().all(|good| reasons.iter().any(|reason| reason == good)), "{name}");
            for texts in [catalogue(Language::English), catalogue(Language::Chinese)] {
                assert_ne!(check.title(&texts), format!("title-{}", check.name));
                for reason in &reasons {
                    assert_ne!(&word(&texts, check.name, reason), reason, "{name}: {reason}");
                }
            }
        }
    }
}
