//! What has come of the events.

use super::event::Event;
use super::program::Answer;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// Most complaints that are kept.
const COMPLAINTS_MAX: usize = 30;

/// One kind of event.
#[derive(Clone, Debug, Default)]
struct Row {
    count: usize,
    answers: BTreeMap<String, usize>,
    times: Vec<Duration>,
}

/// Results of some events.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    rows: BTreeMap<Event, Row>,
    /// Answers in an undisturbed machine, which were held to what such a machine answers.
    strict: usize,
    complaints: Vec<String>,
    complaints_left_out: usize,
}

impl Tally {
    pub(super) fn count(&mut self, event: Event) {
        self.rows.entry(event).or_default().count += 1;
    }

    pub(super) fn answer(&mut self, event: Event, answer: &Answer, time: Duration) {
        let row = self.rows.entry(event).or_default();
        *row.answers.entry(answer.name().to_owned()).or_default() += 1;
        row.times.push(time);
    }

    pub(super) fn note(&mut self, event: Event, what: &str) {
        *self.rows.entry(event).or_default().answers.entry(what.to_owned()).or_default() += 1;
    }

    pub(super) fn was_strict(&mut self) {
        self.strict += 1;
    }

    pub(super) fn complain(&mut self, complaint: String) {
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(complaint);
        } else {
            self.complaints_left_out += 1;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (event, row) in other.rows {
            let mine = self.rows.entry(event).or_default();
            mine.count += row.count;
            mine.times.extend(row.times);
            for (answer, count) in row.answers {
                *mine.answers.entry(answer).or_default() += count;
            }
        }
        self.strict += other.strict;
        self.complaints_left_out += other.complaints_left_out;
        other.complaints.into_iter().for_each(|complaint| self.complain(complaint));
    }

    pub(super) fn complaints(&self) -> usize {
        self.complaints.len() + self.complaints_left_out
    }

    /// Kinds of events that came.
    pub(super) fn kinds(&self) -> BTreeSet<Event> {
        self.rows.keys().copied().collect()
    }

    /// Answers in an undisturbed machine.
    pub(super) fn strict(&self) -> usize {
        self.strict
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14}{:>7} {:>8} {:>8}  answers", "event", "count", "p50 ms", "max ms")?;
        for (event, row) in &self.rows {
            let mut times = row.times.clone();
            times.sort();
            let ms = |time: Option<&Duration>| {
                time.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1e3))
            };
            let (half, most) = (ms(times.get(times.len() / 2)), ms(times.last()));
            let answers: Vec<_> = row.answers.iter().map(|(answer, count)| format!("{answer} {count}")).collect();
            writeln!(f, "{:<14}{:>7} {half:>8} {most:>8}  {}", format!("{event:?}"), row.count, answers.join(", "))?;
        }
        writeln!(f, "\n{} answers came from an undisturbed machine and were held to that.", self.strict)?;
        for complaint in &self.complaints {
            writeln!(f, "WRONG: {complaint}")?;
        }
        if self.complaints_left_out > 0 {
            writeln!(f, "WRONG: and {} more", self.complaints_left_out)?;
        }
        Ok(())
    }
}
