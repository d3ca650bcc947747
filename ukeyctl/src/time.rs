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

    /// Whole days from `now` until this time: 0 in the last day, negative once it has passed.
    pub(crate) fn days_from(self, now: Self) -> i64 {
        (self.0.as_second() - now.0.as_second()).div_euclid(DAY)
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
        let end = Time::from_unix(10 * 86_400);
        assert_eq!(end.days_from(Time::from_unix(0)), 10);
        assert_eq!(end.days_from(Time::from_unix(9 * 86_400 + 1)), 0);
        assert_eq!(end.days_from(Time::from_unix(10 * 86_400 + 1)), -1);
    }

    #[test]
    fn absurd_times_do_not_panic() {
        assert!(Time::from_unix(u64::MAX).date().starts_with("9999"));
    }
}
