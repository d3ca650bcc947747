//! What a person expects of the notices, counted by the words of the manual: one a day at most for each certificate, at
//! 30, 15, 7, 3, 1 and 0 days of the calendar and each day after; the present one for all that were missed; none before
//! the last 30 days, none twice, none of a certificate that was renewed.

use std::collections::{BTreeMap, BTreeSet};

pub(super) const DAY: u64 = 86_400;

/// A certificate of the year.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) unit: &'static str,
    pub(super) key: usize,
    pub(super) not_before: u64,
    pub(super) not_after: u64,
    /// From then on a renewed one is valid.
    pub(super) renewed: Option<u64>,
}

#[derive(Default)]
struct Told {
    steps: BTreeSet<i64>,
    last: Option<i64>,
    remind: Option<i64>,
}

/// The notices that are due, for a person who looks at each moment.
pub(super) struct Expected {
    subjects: Vec<Subject>,
    told: BTreeMap<usize, Told>,
    /// Titles, by unit.
    titles: BTreeMap<String, Vec<String>>,
    latest: Option<usize>,
    /// East of Greenwich, in seconds.
    pub(super) offset: i64,
}

impl Expected {
    pub(super) fn new(subjects: Vec<Subject>, offset: i64) -> Self {
        Self { subjects, told: BTreeMap::new(), titles: BTreeMap::new(), latest: None, offset }
    }

    fn day(&self, moment: u64) -> i64 {
        (i64::try_from(moment).unwrap() + self.offset).div_euclid(86_400)
    }

    /// Is nothing due for some days, of any certificate?
    pub(super) fn is_quiet(&self, now: u64) -> bool {
        let is_quiet = |subject: &Subject| {
            now + 35 * DAY < subject.not_after || subject.renewed.is_some_and(|from| now > from + DAY)
        };
        self.subjects.iter().all(is_quiet)
    }

    /// Looks at the Keys that are plugged in.
    pub(super) fn look(&mut self, now: u64, plugged: [bool; 2]) {
        let today = self.day(now);
        for number in 0..self.subjects.len() {
            let subject = self.subjects[number].clone();
            let left = self.day(subject.not_after - 1) - today;
            let reached = [0, 1, 3, 7, 15, 30].into_iter().find(|step| left >= 0 && left <= *step);
            let Some(step) = reached.or((left < 0).then_some(left)) else { continue };
            let told = self.told.entry(number).or_default();
            let is_open = now + 30 * DAY > subject.not_after && now >= subject.not_before;
            let is_renewed = subject.renewed.is_some_and(|from| now >= from);
            let is_wanted = !told.steps.contains(&step) || told.remind.is_some_and(|day| day <= today);
            if is_renewed || !is_open || !plugged[subject.key] || told.last == Some(today) || !is_wanted {
                continue;
            }
            told.steps.insert(step);
            (told.last, told.remind) = (Some(today), None);
            self.latest = Some(number);
            let when = match (left, now > subject.not_after) {
                (..0, _) => format!("证书已过期 {} 天", -left),
                (0, true) => "证书今天已到期".to_owned(),
                (0, false) => "证书今天到期".to_owned(),
                (1, _) => "证书明天到期".to_owned(),
                _ => format!("证书还有 {left} 天到期"),
            };
            let title = format!("{}：{when}", subject.unit);
            self.titles.entry(subject.unit.to_owned()).or_default().push(title);
        }
    }

    /// The person wants to be reminded of the latest notice, with its button; gives its unit.
    pub(super) fn remind(&mut self, now: u64) -> Option<&'static str> {
        let (number, tomorrow) = (self.latest.take()?, self.day(now) + 1);
        let told = self.told.get_mut(&number)?;
        if told.remind.is_some() {
            return None;
        }
        told.remind = Some(tomorrow);
        Some(self.subjects[number].unit)
    }

    /// The agent has ended, and what is on the screen has no buttons any more that do something.
    pub(super) fn agent_ended(&mut self) {
        self.latest = None;
    }

    pub(super) fn count(&self) -> usize {
        self.titles.values().map(Vec::len).sum()
    }

    pub(super) fn titles(&self) -> &BTreeMap<String, Vec<String>> {
        &self.titles
    }
}
