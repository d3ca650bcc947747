//! How many notices a person gets at most. Pure: the time is an argument.

use super::notice::Urgency;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most notices of their own in [`SPAN`].
const ORDINARY_MAX: usize = 5;
/// Most of them where those above it are critical: what a person must do comes through a chatter of others.
const CRITICAL_MAX: usize = 8;
/// The time in which they are counted.
const SPAN: Duration = Duration::from_secs(60);
/// One notice changes at most this often; what was said in between is never seen.
const CHANGE: Duration = Duration::from_secs(1);
/// Most withheld titles that are kept.
const TITLES_MAX: usize = 5;

/// What to do with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Show it.
    Show,
    /// Name it in the one notice that stands for all that are withheld.
    Withhold,
    /// Show what then is the latest, at this moment.
    Later(Instant),
}

/// Counts notices.
#[derive(Debug, Default)]
pub(super) struct Pace {
    shown: VecDeque<Instant>,
    /// Titles of what is withheld, the latest last; and of how many.
    titles: VecDeque<String>,
    withheld: usize,
    last_withheld: Option<Instant>,
}

impl Pace {
    /// A notice that has no predecessor on the screen.
    pub(super) fn begin(&mut self, now: Instant, urgency: Urgency) -> Verdict {
        let most = match urgency {
            Urgency::Normal => ORDINARY_MAX,
            Urgency::Critical => CRITICAL_MAX,
            // There are no more of them than dialogs, and each is taken back.
            Urgency::Standing => return Verdict::Show,
        };
        while self.shown.front().is_some_and(|then| now.duration_since(*then) >= SPAN) {
            self.shown.pop_front();
        }
        if self.shown.len() >= most {
            return Verdict::Withhold;
        }
        self.shown.push_back(now);
        Verdict::Show
    }

    /// A notice that takes the place of one that was shown at `last`.
    pub(super) fn change(now: Instant, last: Instant) -> Verdict {
        match last.checked_add(CHANGE) {
            Some(due) if due > now => Verdict::Later(due),
            _ => Verdict::Show,
        }
    }

    /// Notes a withheld notice: how many there are by now, and the titles of the latest. They are counted anew after a
    /// quiet [`SPAN`].
    pub(super) fn withhold(&mut self, now: Instant, title: &str) -> (usize, Vec<String>) {
        if self.last_withheld.is_some_and(|last| now.duration_since(last) >= SPAN) {
            self.titles.clear();
            self.withheld = 0;
        }
        self.last_withheld = Some(now);
        self.withheld += 1;
        if self.titles.back().is_none_or(|last| last != title) {
            self.titles.push_back(title.to_owned());
        }
        if self.titles.len() > TITLES_MAX {
            self.titles.pop_front();
        }
        (self.withheld, self.titles.iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_a_minute_are_shown_and_the_rest_is_one() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let at = |second: u64| start + Duration::from_secs(second);
        for second in 0..5 {
            assert_eq!(pace.begin(at(second), Urgency::Normal), Verdict::Show);
        }
        for number in 1..=1000 {
            assert_eq!(pace.begin(at(6), Urgency::Normal), Verdict::Withhold);
            assert_eq!(pace.withhold(at(6), &number.to_string()).0, number);
        }
        assert_eq!(pace.withhold(at(7), "x").1, ["997", "998", "999", "1000", "x"]);
        assert_eq!(pace.begin(at(59), Urgency::Normal), Verdict::Withhold);
        assert_eq!(pace.begin(at(60), Urgency::Normal), Verdict::Show);
        assert_eq!(pace.begin(at(60), Urgency::Normal), Verdict::Withhold);
        assert_eq!(pace.withhold(at(67), "y"), (1, vec!["y".to_owned()]));
    }

    #[test]
    fn what_a_person_must_do_comes_through_but_no_flood_of_it() {
        let (now, mut pace) = (Instant::now(), Pace::default());
        for _ in 0..5 {
            assert_eq!(pace.begin(now, Urgency::Normal), Verdict::Show);
        }
        for _ in 0..3 {
            assert_eq!(pace.begin(now, Urgency::Critical), Verdict::Show);
        }
        assert_eq!(pace.begin(now, Urgency::Critical), Verdict::Withhold);
        assert_eq!(pace.begin(now, Urgency::Standing), Verdict::Show);
    }

    #[test]
    fn a_notice_changes_once_a_second() {
        let shown = Instant::now();
        let due = shown + Duration::from_secs(1);
        assert_eq!(Pace::change(shown, shown), Verdict::Later(due));
        assert_eq!(Pace::change(due, shown), Verdict::Show);
    }
}
