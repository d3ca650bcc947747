//! `[expiry]`: when certificates warn of their end.

use serde::Deserialize;
use ukey_formats::expiry::{AfterEnd, Thresholds, WINDOW_DAYS};

/// Most thresholds: one for each day of the window.
const THRESHOLDS_MAX: usize = 31;

/// `[expiry]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpirySettings {
    thresholds: Vec<i64>,
    daily_after_expiry: bool,
}

impl Default for ExpirySettings {
    fn default() -> Self {
        let thresholds = Thresholds::default();
        Self {
            thresholds: thresholds.days().map(i64::from).collect(),
            daily_after_expiry: thresholds.after() == AfterEnd::Daily,
        }
    }
}

impl ExpirySettings {
    /// The thresholds, checked.
    pub(crate) fn thresholds(&self) -> Thresholds {
        let after = if self.daily_after_expiry { AfterEnd::Daily } else { AfterEnd::Silent };
        Thresholds::new(self.thresholds.iter().filter_map(|days| i32::try_from(*days).ok()), after)
    }

    /// What is wrong with it.
    pub(super) fn mistake(&self) -> Option<String> {
        let outside = self.thresholds.iter().find(|days| !(0..=i64::from(WINDOW_DAYS)).contains(*days));
        if let Some(days) = outside {
            let days_max = WINDOW_DAYS;
            return Some(format!(
                "expiry.thresholds: {days} is not a number of days from 0 to {days_max}; a renewal before that would be too early"
            ));
        }
        (self.thresholds.len() > THRESHOLDS_MAX)
            .then(|| format!("expiry.thresholds: more than {THRESHOLDS_MAX} of them"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ExpirySettings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn without_a_word_there_are_the_defaults() {
        assert_eq!(read("").thresholds(), Thresholds::default());
        assert_eq!(read("").mistake(), None);
    }

    #[test]
    fn any_order_will_do_and_none_too() {
        let settings = read("thresholds = [5, 20, 5]\ndaily-after-expiry = false");
        assert_eq!(settings.mistake(), None);
        assert_eq!(settings.thresholds(), Thresholds::new([20, 5], AfterEnd::Silent));
        assert_eq!(read("thresholds = []").thresholds().days().count(), 0);
    }

    #[test]
    fn days_outside_the_window_are_named() {
        for (text, number) in
            [("thresholds = [30, 31]", "31"), ("thresholds = [-1]", "-1"), ("thresholds = [4294967296]", "4294967296")]
        {
            assert!(read(text).mistake().unwrap().contains(number), "{text}");
        }
        assert!(toml::from_str::<ExpirySettings>("thresholds = [1.5]").is_err());
    }
}
