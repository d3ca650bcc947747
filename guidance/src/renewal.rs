//! When a certificate may be renewed.

use crate::texts::catalogue;
use ukey_texts::{FluentValue, Language};

const DAY: u64 = 24 * 3600;

/// Where a moment lies in the life of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalTime {
    /// Before the window: renewing now would hurt.
    Early {
        /// Whole days until the certificate expires.
        days_left: u64,
        /// Days until the window opens, at least one.
        opens_in: u64,
    },
    /// The CA renews it now.
    Open {
        /// Whole days until it expires.
        days_left: u64,
    },
    /// It has expired.
    Expired {
        /// Whole days since.
        days_ago: u64,
    },
}

/// The days before the end of a certificate in which a CA renews it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub days: u16,
}

impl Window {
    /// What time it is for a certificate that ends at `not_after`; both in Unix seconds. The last second counts as valid.
    pub fn time(self, not_after: u64, now: u64) -> RenewalTime {
        let Some(left) = not_after.checked_sub(now) else {
            return RenewalTime::Expired { days_ago: (now - not_after) / DAY };
        };
        match left.checked_sub(u64::from(self.days) * DAY) {
            None | Some(0) => RenewalTime::Open { days_left: left / DAY },
            Some(before) => RenewalTime::Early { days_left: left / DAY, opens_in: before.div_ceil(DAY) },
        }
    }
}

impl RenewalTime {
    /// What time it is, in a sentence.
    pub fn sentence(self, window: Window, language: Language) -> String {
        let texts = catalogue(language);
        match self {
            Self::Early { days_left, opens_in } => texts.text_with(
                "timing-early",
                &[
                    ("days", FluentValue::from(days_left)),
                    ("opens", opens_in.into()),
                    ("window", u64::from(window.days).into()),
                ],
            ),
            Self::Open { days_left } => texts.text_with("timing-open", &[("days", days_left)]),
            Self::Expired { days_ago } => texts.text_with("timing-expired", &[("days", days_ago)]),
        }
    }

    /// Why not now: before the window, what early renewal would do.
    pub(crate) fn harm(self, language: Language) -> Vec<String> {
        match self {
            Self::Early { .. } => catalogue(language).text("early-harm").lines().map(str::to_owned).collect(),
            Self::Open { .. } | Self::Expired { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u64 = 1_800_000_000;

    #[test]
    fn the_window_opens_and_closes_to_the_second() {
        let window = Window { days: 30 };
        let at = |before: i64| window.time(END, END.checked_add_signed(-before).unwrap());
        let day = DAY.cast_signed();
        assert_eq!(at(100 * day), RenewalTime::Early { days_left: 100, opens_in: 70 });
        assert_eq!(at(30 * day + 1), RenewalTime::Early { days_left: 30, opens_in: 1 });
        assert_eq!(at(30 * day), RenewalTime::Open { days_left: 30 });
        assert_eq!(at(day - 1), RenewalTime::Open { days_left: 0 });
        assert_eq!(at(0), RenewalTime::Open { days_left: 0 });
        assert_eq!(at(-1), RenewalTime::Expired { days_ago: 0 });
        assert_eq!(at(-3 * day), RenewalTime::Expired { days_ago: 3 });
        assert_eq!(window.time(0, u64::MAX), RenewalTime::Expired { days_ago: u64::MAX / DAY });
    }

    #[test]
    fn each_time_has_its_sentence_in_both_languages() {
        let window = Window { days: 30 };
        let early = RenewalTime::Early { days_left: 100, opens_in: 70 };
        assert_eq!(
            early.sentence(window, Language::Chinese),
            "现在还不用更新：证书还有 100 天到期，到期前 30 天内（70 天后）再去办理。"
        );
        let english = early.sentence(window, Language::English);
        assert!(
            english.contains("100 days left") && english.contains("30 days") && english.contains("in 70 days."),
            "{english}"
        );
        assert_eq!(early.harm(Language::Chinese).len(), 2);
        for (time, zh, en) in [
            (RenewalTime::Open { days_left: 0 }, "今天到期", "expires today"),
            (RenewalTime::Open { days_left: 1 }, "还有 1 天", "in one day"),
            (RenewalTime::Expired { days_ago: 0 }, "已经过期", "has expired"),
            (RenewalTime::Expired { days_ago: 2 }, "已过期 2 天", "expired 2 days ago"),
        ] {
            assert!(time.sentence(window, Language::Chinese).contains(zh));
            assert!(time.sentence(window, Language::English).contains(en));
            assert!(time.harm(Language::English).is_empty());
        }
    }
}
