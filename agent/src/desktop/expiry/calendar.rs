//! Days as people count them: from midnight to midnight where the user is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A day of the calendar, as a number: days since 1970-01-01.
pub(crate) type Day = i64;

/// The day that number 0 stands for.
const FIRST: Date = jiff::civil::date(1970, 1, 1);
/// Seconds of a day.
const DAY: i64 = 86_400;

/// The calendar of a time zone.
#[derive(Clone, Debug)]
pub(crate) struct Calendar(TimeZone);

impl Calendar {
    /// That of this zone.
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// The day of a moment (Unix seconds).
    pub(crate) fn day(&self, moment: u64) -> Day {
        let timestamp = timestamp(moment);
        (timestamp.as_second() + i64::from(self.0.to_offset(timestamp).seconds())).div_euclid(DAY)
    }

    /// The last day on which a certificate is valid whose last second is `not_after`. One that ends at midnight, as many
    /// do, is not valid on the day that then begins.
    pub(crate) fn last_day(&self, not_after: u64) -> Day {
        self.day(not_after.saturating_sub(1))
    }

    /// Days until the last one: 0 on that day, negative once it has passed.
    pub(crate) fn days_left(&self, not_after: u64, now: u64) -> i64 {
        self.last_day(not_after) - self.day(now)
    }

    /// The first second of a day, Unix seconds; 0 for days that can't be.
    pub(crate) fn start(&self, day: Day) -> u64 {
        let zoned = date(day).and_then(|date| date.to_zoned(self.0.clone()).ok());
        zoned.and_then(|zoned| u64::try_from(zoned.timestamp().as_second()).ok()).unwrap_or(0)
    }

    /// Date and time of a moment, for people: `2027-11-24`, `23:59`.
    pub(crate) fn date_and_time(&self, moment: u64) -> (String, String) {
        let zoned = timestamp(moment).to_zoned(self.0.clone());
        (zoned.strftime("%Y-%m-%d").to_string(), zoned.strftime("%H:%M").to_string())
    }
}

/// As it is written down: `2027-11-24`.
pub(super) fn written(day: Day) -> Option<String> {
    date(day).map(|date| date.to_string())
}

/// As it was written down.
pub(super) fn read(text: &str) -> Option<Day> {
    let date: Date = text.parse().ok()?;
    Some(i64::from(FIRST.until(date).ok()?.get_days()))
}

fn date(day: Day) -> Option<Date> {
    FIRST.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

/// What lies beyond the year 9999 becomes its end, less what a zone may add.
fn timestamp(moment: u64) -> Timestamp {
    let last = Timestamp::MAX.as_second() - 2 * DAY;
    let seconds = i64::try_from(moment).map_or(last, |seconds| seconds.min(last));
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(text: &str) -> Calendar {
        Calendar::new(TimeZone::posix(text).unwrap())
    }

    #[test]
    fn a_day_is_that_of_the_place() {
        // 2027-11-24 15:59:59 UTC is 23:59:59 in Kunming.
        let end = 1_827_071_999;
        let (kunming, utc) = (zone("CST-8"), zone("UTC0"));
        assert_eq!(written(kunming.day(end)).unwrap(), "2027-11-24");
        assert_eq!(written(kunming.day(end + 1)).unwrap(), "2027-11-25");
        assert_eq!(written(utc.day(end + 1)).unwrap(), "2027-11-24");
        assert_eq!(kunming.date_and_time(end), ("2027-11-24".to_owned(), "23:59".to_owned()));
        // One that ends at midnight is over on the day that begins.
        assert_eq!(written(kunming.last_day(end + 1)).unwrap(), "2027-11-24");
        assert_eq!(written(kunming.last_day(end + 2)).unwrap(), "2027-11-25");
    }

    #[test]
    fn days_are_read_back_and_nonsense_is_not() {
        for day in [0, 21_000, -5] {
            assert_eq!(read(&written(day).unwrap()), Some(day));
        }
        assert_eq!(["", "tomorrow", "2027-13-01", "9999999-01-01"].map(read), [None; 4]);
        assert_eq!([i64::MAX, i64::MIN].map(written), [None, None]);
    }

    #[test]
    fn absurd_times_do_not_panic() {
        let calendar = zone("LINT-14");
        assert!(calendar.date_and_time(u64::MAX).0.starts_with("9999"));
        assert_eq!(calendar.start(i64::MAX), 0);
        calendar.day(u64::MAX);
    }

    proptest! {
        #[test]
        fn a_day_begins_with_its_first_second(
            moment in 1_000_000_000..4_000_000_000_u64,
            // The fourth turns its clocks at midnight.
            zone_text in prop::sample::select(vec!["CST-8", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-5:30", "CST5CDT,M3.2.0/0,M11.1.0/1"]),
        ) {
            let calendar = zone(zone_text);
            let day = calendar.day(moment);
            let start = calendar.start(day);
            prop_assert!(start <= moment);
            prop_assert_eq!(calendar.day(start), day);
            prop_assert_eq!(calendar.day(start - 1), day - 1);
        }
    }
}
