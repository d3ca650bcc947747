//! Points in time as the contract gives them (Unix seconds) and as people and scripts read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A point in time, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(Timestamp);

impl Time {
    /// Seconds since 1970.
    pub(crate) fn unix(self) -> u64 {
        u64::try_from(self.0.as_second()).unwrap_or_default()
    }

    /// The computer's clock.
    pub(crate) fn now() -> Self {
        let now = Timestamp::now();
        Self(Timestamp::from_second(now.as_second()).unwrap_or(now))
    }

    /// Unix seconds; what lies beyond the year 9999 becomes its end.
    pub(crate) fn from_unix(seconds: u64) -> Self {
        let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        Self(timestamp.unwrap_or(Timestamp::MAX))
    }

    /// Days of the local calendar from `now` to the last day that a certificate is valid which ends at this time: 0 on
    /// that day, negative after it. One that ends at midnight ends with the day before.
    pub(crate) fn days_from(self, now: Self) -> i64 {
        let zone = TimeZone::system();
        let last = Timestamp::from_second(self.0.as_second() - 1).unwrap_or(self.0);
        day(last, &zone) - day(now.0, &zone)
    }

    /// In UTC, for programs: `2027-11-24T16:00:00Z`.
    pub(crate) fn rfc3339(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The local date: `2027-11-22`.
    pub(crate) fn date(self) -> String {
        self.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
    }

    /// The local date and time: `2027-11-22 18:43:02`.
    pub(crate) fn date_and_time(self) -> String {
        self.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// A day of the calendar, as a number.
fn day(timestamp: Timestamp, zone: &TimeZone) -> i64 {
    (timestamp.as_second() + i64::from(zone.to_offset(timestamp).seconds())).div_euclid(DAY)
}

impl Serialize for Time {
    /// `{"unix": 1827081600, "rfc3339": "2027-11-24T16:00:00Z"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut time = serializer.serialize_struct("Time", 2)?;
        time.serialize_field("unix", &self.0.as_second())?;
        time.serialize_field("rfc3339", &self.rfc3339())?;
        time.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_get_both_forms() {
        let json = serde_json::to_string(&Time::from_unix(1_700_000_000)).unwrap();
        assert_eq!(json, r#"{"unix":1700000000,"rfc3339":"2023-11-14T22:13:20Z"}"#);
    }

    #[test]
    fn days_count_down_to_zero_and_below() {
        // Noon and midnight where the test runs.
        let noon =
            TimeZone::system().to_timestamp(jiff::civil::date(2027, 11, 24).at(12, 0, 0, 0)).unwrap().as_second();
        let at = |days: i64, hours: i64| Time::from_unix((noon + days * DAY + hours * 3600).unsigned_abs());
        for hours in [-11, 0, 11] {
            assert_eq!([-7, -1, 0, 1].map(|days| at(0, 0).days_from(at(days, hours))), [7, 1, 0, -1]);
        }
        assert_eq!(at(0, 12).days_from(at(0, 11)), 0);
        assert_eq!(at(0, 12).days_from(at(0, 13)), -1);
    }

    #[test]
    fn absurd_times_do_not_panic() {
        assert!(Time::from_unix(u64::MAX).date().starts_with("9999"));
    }
}
