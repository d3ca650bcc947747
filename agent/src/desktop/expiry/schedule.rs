//! Which notices are due, and when the next one is. Pure: time, calendar, certificates and memory are arguments.

use super::calendar::{Calendar, Day};
use super::memory::{Memory, Told};
use std::collections::BTreeSet;
use ukey_formats::expiry::{Term, Thresholds, WINDOW_DAYS, moment};

/// A certificate, as far as its end matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) fingerprint: &'a str,
    pub(super) key: &'a str,
    pub(super) term: Term<'a>,
    /// Fingerprint of the other certificate of its pair; empty when there is none.
    pub(super) partner: &'a str,
    pub(super) is_for_encryption: bool,
}

/// A notice to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) fingerprint: String,
    /// Days of the calendar until the last day; negative once that has passed.
    pub(super) days_left: i64,
}

/// What to do now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// These notices, of which [`Memory`] knows already.
    pub(super) due: Vec<Due>,
    /// Certificates of which a renewed one is there: nothing is to be said of them any more.
    pub(super) renewed: BTreeSet<String>,
    /// Nothing else is due before this moment, Unix seconds.
    pub(super) next: Option<u64>,
}

/// Makes the plan for `now`, and notes in the memory what it has shown.
pub(super) fn plan(
    now: u64,
    calendar: &Calendar,
    subjects: &[Subject<'_>],
    thresholds: &Thresholds,
    memory: &mut Memory,
) -> Plan {
    let mut plan = Plan::default();
    for subject in subjects {
        let term = &subject.term;
        let siblings = || subjects.iter().filter(|other| other.key == subject.key);
        if siblings().any(|other| other.term.renews(term, now)) {
            plan.renewed.insert(subject.fingerprint.to_owned());
            continue;
        }
        // The pair is renewed in one go: that for signatures speaks for both.
        let last_day = calendar.last_day(term.not_after);
        let speaks_for_it = |other: &Subject<'_>| {
            other.fingerprint == subject.partner && calendar.last_day(other.term.not_after) == last_day
        };
        if subject.is_for_encryption && siblings().any(speaks_for_it) {
            continue;
        }
        let course = Course { now, calendar, today: calendar.day(now), last_day, term, thresholds };
        if let Some(step) = course.due(memory.of(subject.fingerprint)) {
            let told = memory.of_mut(subject.fingerprint, term.not_after);
            told.steps.extend(step);
            told.last = Some(course.today);
            told.remind = None;
            plan.due.push(Due { fingerprint: subject.fingerprint.to_owned(), days_left: course.days_left() });
        }
        let next = course.next(memory.of(subject.fingerprint));
        plan.next = plan.next.into_iter().chain(next).min();
    }
    memory.bound();
    plan
}

/// One certificate at one moment.
struct Course<'a> {
    now: u64,
    calendar: &'a Calendar,
    today: Day,
    last_day: Day,
    term: &'a Term<'a>,
    thresholds: &'a Thresholds,
}

impl Course<'_> {
    fn days_left(&self) -> i64 {
        self.last_day - self.today
    }

    /// The first moment at which it is old enough to be spoken of: valid, and in its last 30 days.
    fn opens(&self) -> u64 {
        self.term.not_before.max(moment(self.term.not_after, WINDOW_DAYS))
    }

    /// A notice is due, with the step that it is for, if it is for one.
    fn due(&self, told: Option<&Told>) -> Option<Option<i32>> {
        if self.now < self.opens() || told.is_some_and(|told| told.last == Some(self.today)) {
            return None;
        }
        let step = self.thresholds.step(clamp(self.days_left()));
        let is_new = step.is_some_and(|step| told.is_none_or(|told| !told.steps.contains(&step)));
        let is_wanted = told.and_then(|told| told.remind).is_some_and(|day| day <= self.today);
        (is_new || is_wanted).then_some(step)
    }

    /// The next moment after now at which a notice can become due, when nothing but time passes.
    fn next(&self, told: Option<&Told>) -> Option<u64> {
        let opens = self.opens();
        if self.now < opens {
            let days = clamp(self.last_day - self.calendar.day(opens));
            return match self.thresholds.step(days) {
                Some(_) => Some(opens),
                None => self.thresholds.next(days).map(|days| self.calendar.start(self.last_day - i64::from(days))),
            };
        }
        let step = self.thresholds.next(clamp(self.days_left())).map(|days| self.last_day - i64::from(days));
        let reminder = told.and_then(|told| told.remind).filter(|day| *day > self.today);
        // One that today's other notice holds back.
        let held_back = self.held_back(told).then_some(self.today + 1);
        let days = step.into_iter().chain(reminder).chain(held_back);
        days.map(|day| self.calendar.start(day)).filter(|moment| *moment > self.now).min()
    }

    fn held_back(&self, told: Option<&Told>) -> bool {
        let Some(told) = told.filter(|told| told.last == Some(self.today)) else { return false };
        let step = self.thresholds.step(clamp(self.days_left()));
        step.is_some_and(|step| !told.steps.contains(&step)) || told.remind.is_some_and(|day| day <= self.today)
    }
}

fn clamp(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests;
