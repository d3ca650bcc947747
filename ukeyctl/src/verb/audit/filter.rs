//! Which records are meant.

use crate::call::Options;
use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ukey_dbus::options::{AUDIT_CERTIFICATE, AUDIT_FROM, AUDIT_KIND, AUDIT_RESULT, AUDIT_TO, AUDIT_TOKEN, AUDIT_UID};

/// The kinds of the contract.
pub(super) const KINDS: [&str; 9] = [
    "login",
    "logout",
    "sign",
    "sign-with-pin",
    "change-pin",
    "change-so-pin",
    "unblock-pin",
    "checkpoint",
    "recovered",
];

/// What the user says about it.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct FilterArgs {
    /// Only your own records; needs no right
    #[arg(long, conflicts_with = "uid")]
    pub(super) mine: bool,
    /// Not earlier than this: 2026-11-22, 2026-11-22T18:00 (local), or with an offset 2026-11-22T18:00:00+08:00
    #[arg(long, value_name = "DATE", value_parser = since)]
    since: Option<u64>,
    /// Not later than this day, or earlier than this time
    #[arg(long, value_name = "DATE", value_parser = until)]
    until: Option<u64>,
    /// Only this kind
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(KINDS))]
    kind: Option<String>,
    /// Only this Key: its id, as `ukeyctl list keys` shows it
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Only this certificate: its fingerprint or the start of it
    #[arg(long, value_name = "FINGERPRINT")]
    certificate: Option<String>,
    /// Only with this result: ok, outcome-unknown or the name of an error
    #[arg(long, value_name = "RESULT")]
    result: Option<String>,
    /// Only of the user with this number
    #[arg(long, value_name = "UID")]
    uid: Option<u32>,
}

impl FilterArgs {
    /// The filter as it goes over the bus.
    pub(super) fn options(&self) -> Options<'static> {
        let mut options = Options::new();
        let texts = [
            (AUDIT_KIND, self.kind.clone()),
            (AUDIT_TOKEN, self.key.clone()),
            // Fingerprints are recorded in lower case.
            (AUDIT_CERTIFICATE, self.certificate.as_deref().map(str::to_lowercase)),
            (AUDIT_RESULT, self.result.clone()),
        ];
        options.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text?.into()))));
        let times = [(AUDIT_FROM, self.since), (AUDIT_TO, self.until)];
        options.extend(times.into_iter().filter_map(|(name, time)| Some((name, time?.into()))));
        options.extend(self.uid.map(|uid| (AUDIT_UID, uid.into())));
        options
    }
}

fn since(text: &str) -> Result<u64, String> {
    unix(text, Ok)
}

fn until(text: &str) -> Result<u64, String> {
    // A day is meant whole.
    unix(text, |day| day.checked_add(1.day()))
}

/// Unix seconds of a day (by the beginning of the day that `of_day` gives), a local time, or a time with an offset.
fn unix(text: &str, of_day: impl FnOnce(Date) -> Result<Date, jiff::Error>) -> Result<u64, String> {
    let zone = TimeZone::system;
    // jiff reads a date out of a longer text too; a bare one has no time in it.
    let time = match (text.parse::<Timestamp>(), text.contains(['T', 't', ' '])) {
        (Ok(time), _) => Ok(time),
        (Err(_), true) => {
            text.parse::<DateTime>().and_then(|time| time.to_zoned(zone())).map(|zoned| zoned.timestamp())
        }
        (Err(_), false) => {
            let day = text.parse::<Date>().and_then(of_day);
            day.and_then(|day| day.to_zoned(zone())).map(|zoned| zoned.timestamp())
        }
    };
    let time = time.map_err(|error| format!("no date: {error}"))?;
    u64::try_from(time.as_second()).map_err(|_| "is before 1970".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;

    #[test]
    fn a_day_is_meant_whole_and_a_time_to_the_second() {
        let day = |text| since(text).unwrap();
        assert_eq!(until("2026-11-22").unwrap(), day("2026-11-23"));
        assert_eq!(day("2026-11-22T18:00"), day("2026-11-22") + 18 * 3600);
        assert_eq!(day("2026-11-22 18:00:07"), day("2026-11-22") + 18 * 3600 + 7);
        assert_eq!(until("2026-11-22T18:00").unwrap(), day("2026-11-22T18:00"));
        assert_eq!(day("2023-11-14T22:13:20Z"), 1_700_000_000);
        assert_eq!(day("2023-11-15T06:13:20+08:00"), 1_700_000_000);
        for text in ["", "22.11.2026", "2026-13-01", "1900-01-01", "2026-11-22Tx"] {
            assert!(since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_filter_has_the_types_of_the_contract() {
        let args = FilterArgs {
            since: Some(7),
            certificate: Some("3F2A".to_owned()),
            uid: Some(1000),
            ..FilterArgs::default()
        };
        let options = args.options();
        assert_eq!(options.len(), 3);
        assert_eq!(options["from"], Variant::from(7_u64));
        assert_eq!(options["certificate"], Variant::from("3f2a"));
        assert_eq!(options["uid"], Variant::from(1000_u32));
    }
}
