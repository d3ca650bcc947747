//! What a user was told already, by certificate.

use super::calendar::{self, Day};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most certificates that are remembered; those that end first are forgotten first.
const CERTIFICATES_MAX: usize = 256;
/// Most notices of one certificate that are remembered: more than a year of daily ones. The oldest are forgotten first.
const STEPS_MAX: usize = 500;
/// Longest fingerprint that is believed.
const FINGERPRINT_MAX: usize = 128;

/// Everything that a user was told, by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory(BTreeMap<String, Told>);

/// What was told of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Its end, Unix seconds.
    pub(super) not_after: u64,
    /// The steps that there was a notice for: thresholds, and negative numbers for days after the end.
    pub(super) steps: BTreeSet<i32>,
    /// The day of the last notice.
    pub(super) last: Option<Day>,
    /// The user wants to be reminded on this day.
    pub(super) remind: Option<Day>,
}

/// The file's form.
#[derive(Default, Deserialize, Serialize)]
struct File {
    #[serde(default, rename = "certificate", skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    fingerprint: String,
    not_after: u64,
    #[serde(default)]
    told: Vec<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_notice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remind: Option<String>,
}

impl Memory {
    /// Reads the text of the file. Keys that it doesn't know are a later version's; dates that are none are left out.
    ///
    /// # Errors
    /// What is wrong with it, in the parser's words.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let day = |text: Option<String>| text.as_deref().and_then(calendar::read);
        let entries = file.certificates.into_iter().filter(|entry| entry.fingerprint.len() <= FINGERPRINT_MAX);
        let told = entries.map(|entry| {
            let told = Told {
                not_after: entry.not_after,
                steps: entry.told.into_iter().collect(),
                last: day(entry.last_notice),
                remind: day(entry.remind),
            };
            (entry.fingerprint, told)
        });
        let mut memory = Self(told.collect());
        memory.bound();
        Ok(memory)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// What can't be written, in the writer's words.
    pub(super) fn text(&self) -> Result<String, String> {
        let day = |day: Option<Day>| day.and_then(calendar::written);
        let certificates = self.0.iter().map(|(fingerprint, told)| Entry {
            fingerprint: fingerprint.clone(),
            not_after: told.not_after.min(i64::MAX.unsigned_abs()),
            told: told.steps.iter().rev().copied().collect(),
            last_notice: day(told.last),
            remind: day(told.remind),
        });
        toml::to_string(&File { certificates: certificates.collect() }).map_err(|error| error.to_string())
    }

    /// What was told of this certificate.
    pub(super) fn of(&self, fingerprint: &str) -> Option<&Told> {
        self.0.get(fingerprint)
    }

    /// The same, to change.
    pub(super) fn of_mut(&mut self, fingerprint: &str, not_after: u64) -> &mut Told {
        let told = self.0.entry(fingerprint.to_owned()).or_default();
        told.not_after = not_after;
        told
    }

    /// The user wants to be reminded of this certificate on this day.
    pub(super) fn remind(&mut self, fingerprint: &str, day: Day) {
        if let Some(told) = self.0.get_mut(fingerprint) {
            told.remind = Some(day);
        }
    }

    /// Forgets what is too much.
    pub(super) fn bound(&mut self) {
        while self.0.len() > CERTIFICATES_MAX {
            let first =
                self.0.iter().min_by_key(|(_, told)| told.not_after).map(|(fingerprint, _)| fingerprint.clone());
            first.and_then(|fingerprint| self.0.remove(&fingerprint));
        }
        for told in self.0.values_mut() {
            while told.steps.len() > STEPS_MAX {
                told.steps.pop_last();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn memory() -> impl Strategy<Value = Memory> {
        let day = || prop::option::of(-100_000..100_000_i64);
        let told = (0..u64::MAX / 2, prop::collection::btree_set(-900..31_i32, 0..20), day(), day())
            .prop_map(|(not_after, steps, last, remind)| Told { not_after, steps, last, remind });
        prop::collection::btree_map("[0-9a-f]{64}", told, 0..5).prop_map(Memory)
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_damage_is_said() {
        let text = "later = 1\n[[certificate]]\nfingerprint = \"aa\"\nnot-after = 5\ntold = [30, 15]\nlast-notice = \"soon\"\nmore = true\n";
        let memory = Memory::read(text).unwrap();
        let told = memory.of("aa").unwrap();
        assert_eq!((told.steps.len(), told.last, told.remind), (2, None, None));
        for damaged in
            ["[[certificate]]\n", "\u{0}", "certificate = 3", "[[certificate]]\nfingerprint = 1\nnot-after = 2"]
        {
            assert!(Memory::read(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn it_stays_bounded() {
        let mut memory = Memory::default();
        for number in 0..400_u64 {
            let told = memory.of_mut(&format!("{number:03}"), number);
            told.steps = (-600..=0).collect();
        }
        memory.bound();
        assert_eq!(memory.0.len(), CERTIFICATES_MAX);
        assert!(memory.of("000").is_none() && memory.of("399").is_some());
        let steps = &memory.of("399").unwrap().steps;
        assert_eq!((steps.len(), steps.first()), (STEPS_MAX, Some(&-600)));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(memory in memory()) {
            prop_assert_eq!(Memory::read(&memory.text().unwrap()), Ok(memory));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            drop(Memory::read(&text));
        }
    }
}
