//! The end of a certificate as it is counted down: whole days, the days that are worth a warning, and which certificate
//! has taken another's place. Times are Unix seconds.

use std::collections::BTreeSet;

/// Seconds of a day. A day of the clock that is longer or shorter, as in summer time, doesn't count here.
pub const DAY: u64 = 86_400;

/// A certificate counts as expiring for this many days before its end; a warning never comes earlier.
pub const WINDOW_DAYS: i32 = 30;

/// Days until a certificate ends that is valid up to and including `not_after`; a day that has begun counts. 1 in the
/// last 24 hours, 0 in the first 24 hours after the end, then -1: so many whole days have passed.
///
/// ```
/// # use ukey_formats::expiry::{DAY, days_left};
/// let not_after = 1_827_072_000;
/// assert_eq!(days_left(not_after, not_after - 30 * DAY), 31); // one second too early for 30
/// assert_eq!(days_left(not_after, not_after + 1 - 30 * DAY), 30);
/// assert_eq!(days_left(not_after, not_after), 1);
/// assert_eq!(days_left(not_after, not_after + 1), 0);
/// assert_eq!(days_left(not_after, not_after + 1 + DAY), -1);
/// ```
pub fn days_left(not_after: u64, now: u64) -> i32 {
    let end = not_after.saturating_add(1);
    let days = if end >= now {
        i64::try_from((end - now).div_ceil(DAY))
    } else {
        i64::try_from((now - end) / DAY).map(|days| -days)
    };
    days.ok().and_then(|days| i32::try_from(days).ok()).unwrap_or(i32::MAX)
}

/// The first second at which [`days_left`] is `days` or less.
pub fn moment(not_after: u64, days: i32) -> u64 {
    let end = not_after.saturating_add(1);
    let span = u64::from(days.unsigned_abs()) * DAY;
    if days < 0 { end.saturating_add(span) } else { end.saturating_sub(span) }
}

/// What happens once a certificate has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterEnd {
    /// A warning on each day.
    #[default]
    Daily,
    /// No more warnings than before.
    Silent,
}

/// On which days there is a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    days: BTreeSet<i32>,
    after: AfterEnd,
}

impl Default for Thresholds {
    /// 30, 15, 7, 3, 1 and 0 days before the end, and each day after.
    fn default() -> Self {
        Self { days: [30, 15, 7, 3, 1, 0].into(), after: AfterEnd::Daily }
    }
}

impl Thresholds {
    /// These numbers of days, in any order; those outside 0 to [`WINDOW_DAYS`] are left out.
    pub fn new(days: impl IntoIterator<Item = i32>, after: AfterEnd) -> Self {
        let days = days.into_iter().filter(|days| (0..=WINDOW_DAYS).contains(days)).collect();
        Self { days, after }
    }

    /// The days, the largest first.
    pub fn days(&self) -> impl Iterator<Item = i32> + '_ {
        self.days.iter().rev().copied()
    }

    /// What happens after the end.
    pub fn after(&self) -> AfterEnd {
        self.after
    }

    /// The warning that belongs to this many days left: a threshold, or after the end the day itself. `None`: too early
    /// for any.
    pub fn step(&self, days_left: i32) -> Option<i32> {
        if days_left < 0 && self.after == AfterEnd::Daily {
            return Some(days_left);
        }
        self.days.range(days_left..).next().copied()
    }

    /// The largest number of days below `days_left` at which another step begins.
    pub fn next(&self, days_left: i32) -> Option<i32> {
        let daily = (self.after == AfterEnd::Daily).then_some(days_left.saturating_sub(1).min(-1));
        self.days.range(..days_left).next_back().copied().into_iter().chain(daily).max()
    }
}

/// What tells whether a certificate has taken another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The unit's name.
    pub holder_name: &'a str,
    /// Its USCC.
    pub holder_id: &'a str,
    /// Distinguished name of the issuer.
    pub issuer: &'a str,
    /// What its key may be used for, in any words.
    pub key_use: &'a str,
    /// Kind of its key: family and size, as `rsa-2048`.
    pub key_type: &'a str,
    /// First second of its validity.
    pub not_before: u64,
    /// Last second of its validity.
    pub not_after: u64,
}

impl Term<'_> {
    /// Is this certificate, on the same Key, the renewal of `older`? The same holder, issuer, use and kind of key
    /// (its size may have grown), valid for longer, and from now or earlier on.
    pub fn renews(&self, older: &Self, now: u64) -> bool {
        self.not_after > older.not_after
            && self.not_before <= now
            && (self.holder_name, self.holder_id, self.issuer, self.key_use)
                == (older.holder_name, older.holder_id, older.issuer, older.key_use)
            && family(self.key_type) == family(older.key_type)
    }
}

fn family(key_type: &str) -> &str {
    key_type.split_once('-').map_or(key_type, |(family, _)| family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const END: u64 = 1_827_072_000;

    #[test]
    fn a_step_is_the_smallest_threshold_that_was_reached() {
        let thresholds = Thresholds::default();
        for (days, step) in [
            (31, None),
            (30, Some(30)),
            (16, Some(30)),
            (15, Some(15)),
            (7, Some(7)),
            (2, Some(3)),
            (1, Some(1)),
            (0, Some(0)),
            (-1, Some(-1)),
            (-400, Some(-400)),
        ] {
            assert_eq!(thresholds.step(days), step, "{days}");
        }
        let silent = Thresholds::new([7, 40, -3], AfterEnd::Silent);
        assert_eq!(silent.days().collect::<Vec<_>>(), [7]);
        assert_eq!((silent.step(8), silent.step(7), silent.step(-9)), (None, Some(7), Some(7)));
        assert_eq!((silent.next(9), silent.next(7)), (Some(7), None));
    }

    #[test]
    fn steps_follow_each_other_and_then_come_daily() {
        let thresholds = Thresholds::default();
        let mut days = 365;
        let steps: Vec<i32> = std::iter::from_fn(|| {
            days = thresholds.next(days)?;
            Some(days)
        })
        .take(9)
        .collect();
        assert_eq!(steps, [30, 15, 7, 3, 1, 0, -1, -2, -3]);
        let after = Thresholds::new([], AfterEnd::Daily);
        assert_eq!((after.step(0), after.next(20), after.next(0)), (None, Some(-1), Some(-1)));
    }

    #[test]
    fn a_renewal_is_for_the_same_holder_use_and_kind_and_already_valid() {
        let old = Term {
            holder_name: "县人民医院",
            holder_id: "91350100M000100Y43",
            issuer: "CN=CA",
            key_use: "signature",
            key_type: "rsa-2048",
            not_before: END - 365 * DAY,
            not_after: END,
        };
        let new = Term { not_before: END - 20 * DAY, not_after: END + 345 * DAY, key_type: "rsa-3072", ..old };
        assert!(new.renews(&old, END - 20 * DAY));
        assert!(!new.renews(&old, END - 21 * DAY), "not valid yet");
        assert!(!old.renews(&new, END) && !old.renews(&old, END));
        for other in [
            Term { holder_name: "市中医院", ..new },
            Term { holder_id: "", ..new },
            Term { issuer: "CN=Other", ..new },
            Term { key_use: "encryption", ..new },
            Term { key_type: "sm2", ..new },
        ] {
            assert!(!other.renews(&old, END), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_the_first_second_of_its_day(days in -4000..4000_i32, not_after in 1_000_000_000..4_000_000_000_u64) {
            let first = moment(not_after, days);
            prop_assert!(days_left(not_after, first) <= days);
            prop_assert!(days_left(not_after, first - 1) > days || days_left(not_after, first - 1) >= 0 && days == 0);
        }

        #[test]
        fn absurd_times_do_not_panic(not_after: u64, now: u64, days: i32) {
            days_left(not_after, now);
            moment(not_after, days);
        }
    }
}
