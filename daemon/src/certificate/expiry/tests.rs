//! The schedule against random certificates and clocks. What is expected is counted here anew, second by second rules
//! spelt out, without the functions under test.

use super::*;
use proptest::prelude::*;
use ukey_formats::Certificate;
use ukey_formats::expiry::AfterEnd;
use ukey_formats::verify::Verifier;
use ukey_shim_protocol::KeyRef;

const DER: &[u8] = include_bytes!("../../../../formats/tests/data/rsa-sign.der");
const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;
const START: u64 = 1_800_000_000;

fn certificate(name: &str, (not_before, not_after): (u64, u64)) -> Arc<CertificateFacts> {
    let mut content = Certificate::from_der(DER).unwrap();
    (content.not_before, content.not_after) = (not_before, not_after);
    let (fingerprint, verifier) = (name.to_owned(), Verifier::new(content.public_key.clone()));
    Arc::new(CertificateFacts { content, fingerprint, verifier, key: KeyRef(vec![1].into()), sm2: None })
}

fn told(warned: &mut Warned, certificates: &[Arc<CertificateFacts>], now: u64) -> Vec<(i32, i32)> {
    let due = warned.due(certificates, &Thresholds::default(), now);
    due.into_iter().map(|(_, warning)| (warning.days, warning.threshold)).collect()
}

/// A clock that is let run: stops at each moment that the schedule asks for.
fn run(warned: &mut Warned, certificates: &[Arc<CertificateFacts>], from: u64, to: u64) -> Vec<(u64, i32, i32)> {
    let (mut now, mut all) = (from, Vec::new());
    loop {
        all.extend(told(warned, certificates, now).into_iter().map(|(days, threshold)| (now, days, threshold)));
        match next_moment(certificates, &Thresholds::default(), now).filter(|next| *next <= to) {
            Some(next) => now = next,
            None => return all,
        }
    }
}

#[test]
fn a_year_warns_at_each_threshold_and_then_daily() {
    let end = START + YEAR + 1;
    let one = [certificate("a", (START, end - 1))];
    let warnings = run(&mut Warned::default(), &one, START, end + 2 * DAY);
    let expected = [(30, 30), (15, 15), (7, 7), (3, 3), (1, 1), (0, 0), (-1, 0), (-2, 0)]
        .map(|(days, threshold)| (end.checked_add_signed(-i64::from(days) * 86_400).unwrap(), days, threshold));
    assert_eq!(warnings, expected);
}

#[test]
fn a_key_that_comes_within_the_window_warns_once() {
    let one = [certificate("a", (START, START + YEAR))];
    let mut warned = Warned::default();
    let now = START + YEAR - 10 * DAY - 5;
    assert_eq!(told(&mut warned, &one, now), [(11, 15)]);
    assert_eq!(told(&mut warned, &one, now), []);
    // Pulled out and plugged in again: it came again.
    assert_eq!(told(&mut warned, &[], now), []);
    assert_eq!(told(&mut warned, &one, now), [(11, 15)]);
}

#[test]
fn what_is_not_valid_yet_or_renewed_is_silent() {
    let end = START + YEAR;
    let old = certificate("old", (START, end));
    let new = certificate("new", (end - 5 * DAY, end + YEAR));
    let both = [Arc::clone(&old), new];
    let mut warned = Warned::default();
    assert_eq!(told(&mut warned, &both, end - 6 * DAY), [(7, 7)]);
    assert_eq!(run(&mut warned, &both, end - 5 * DAY, end + 20 * DAY), []);
    let short = [certificate("short", (START, START + 10 * DAY))];
    assert_eq!(told(&mut Warned::default(), &short, START - 1), []);
    assert_eq!(told(&mut Warned::default(), &short, START), [(11, 15)]);
}

/// What happens to the clock or the daemon.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes; a suspend looks the same, but that the schedule wakes only at its end.
    Passes(u64),
    Sleeps(u64),
    /// The clock is set.
    Set(i64),
    /// The daemon starts anew, or the Key is plugged in anew.
    Appears,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..40 * DAY).prop_map(Event::Passes),
        2 => (0..60 * DAY).prop_map(Event::Sleeps),
        2 => (-40 * 86_400..40 * 86_400_i64).prop_map(Event::Set),
        1 => Just(Event::Appears),
    ]
}

/// The step of a moment, by the words of the manual.
fn step_by_the_manual(not_after: u64, now: u64) -> Option<i32> {
    if now > not_after {
        return Some(-i32::try_from((now - not_after - 1) / DAY).unwrap());
    }
    [1_u8, 3, 7, 15, 30].into_iter().find(|days| not_after - now < u64::from(*days) * DAY).map(i32::from)
}

proptest! {
    #[test]
    fn each_step_that_the_clock_passes_is_told_once(
        length in 40 * DAY..2 * YEAR,
        events in prop::collection::vec(event(), 1..60),
    ) {
        let one = [certificate("a", (START, START + length))];
        let mut warned = Warned::default();
        let mut expected: BTreeSet<i32> = BTreeSet::new();
        let mut now = START;
        for event in events {
            let from = now;
            match event {
                Event::Passes(seconds) => now += seconds,
                Event::Sleeps(seconds) => now += seconds,
                Event::Set(seconds) => now = now.saturating_add_signed(seconds).clamp(START, START + 4 * YEAR),
                Event::Appears => {
                    warned = Warned::default();
                    expected.clear();
                }
            }
            now = now.min(START + length + 700 * DAY);
            let passed = matches!(event, Event::Passes(_)).then_some(from).unwrap_or(now).min(now);
            let mut due = Vec::new();
            let moments = (passed..=now).step_by(DAY as usize / 4).chain([now]);
            for moment in moments {
                if let Some(step) = step_by_the_manual(START + length, moment)
                    && expected.insert(step)
                {
                    due.push(step);
                }
            }
            let told = run(&mut warned, &one, passed, now);
            let steps: Vec<i32> = told.iter().map(|(_, days, threshold)| if *days < 0 { *days } else { *threshold }).collect();
            prop_assert_eq!(steps, due);
        }
    }

    #[test]
    fn the_next_moment_is_later_and_nothing_changes_before_it(
        length in 1..2 * YEAR,
        at in 0..3 * YEAR,
        days in prop::collection::vec(0..=30, 0..8),
    ) {
        let one = [certificate("a", (START, START + length))];
        let thresholds = Thresholds::new(days, AfterEnd::Daily);
        let now = START + at;
        let next = next_moment(&one, &thresholds, now).unwrap();
        prop_assert!(next > now);
        let mut warned = Warned::default();
        warned.due(&one, &thresholds, now);
        for moment in (now..next).step_by(DAY as usize / 3).chain([next - 1]) {
            prop_assert!(warned.due(&one, &thresholds, moment).is_empty());
            prop_assert_eq!(one[0].validity(moment), one[0].validity(now));
        }
        prop_assert!(!warned.due(&one, &thresholds, next).is_empty() || one[0].validity(next) != one[0].validity(now));
    }
}
