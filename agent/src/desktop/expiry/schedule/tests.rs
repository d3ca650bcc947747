//! The schedule in a simulated life: thousands of years of random days on and off, restarts, steps of the clock, moves
//! through time zones, Keys that come and go. What is expected is found by looking at the clock all the time.

use super::*;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::BTreeMap;
use ukey_formats::expiry::AfterEnd;

const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;
const START: u64 = 1_800_000_000;
/// Midnight is at a multiple of it in every zone of the tests.
const LOOK: u64 = 1800;
/// Kunming, Berlin with summer time, a zone with half hours, and both ends of the world.
const ZONES: [&str; 5] = ["CST-8", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-5:30", "LINT-14", "SST11"];

fn calendar(zone: usize) -> Calendar {
    Calendar::new(TimeZone::posix(ZONES[zone]).unwrap())
}

fn term(not_before: u64, not_after: u64) -> Term<'static> {
    Term {
        holder_name: "某县人民医院",
        holder_id: "91350100M000100Y43",
        issuer: "CN=CA",
        key_use: "signature",
        key_type: "rsa-2048",
        not_before,
        not_after,
    }
}

fn subject(fingerprint: &'static str, term: Term<'static>) -> Subject<'static> {
    Subject { fingerprint, key: "k1", term, partner: "", is_for_encryption: false }
}

/// Lets the clock run from one moment to another.
fn run(
    (from, to): (u64, u64),
    calendar: &Calendar,
    subjects: &[Subject<'_>],
    thresholds: &Thresholds,
    memory: &mut Memory,
) -> Vec<(u64, Due)> {
    let (mut now, mut shown) = (from, Vec::new());
    for _ in 0..10_000 {
        let plan = plan(now, calendar, subjects, thresholds, memory);
        shown.extend(plan.due.into_iter().map(|due| (now, due)));
        match plan.next {
            Some(next) if next <= to => {
                assert!(next > now, "the next moment is later");
                now = next;
            }
            _ => return shown,
        }
    }
    panic!("it wakes all the time");
}

fn days(shown: &[(u64, Due)]) -> Vec<i64> {
    shown.iter().map(|(_, due)| due.days_left).collect()
}

#[test]
fn a_year_has_a_notice_at_each_threshold_and_then_daily() {
    let calendar = calendar(0);
    // 2027-11-24 10:15 in Kunming.
    let end = 1_827_022_500;
    let one = [subject("a", term(end - YEAR, end))];
    let shown = run((end - YEAR, end + 3 * DAY), &calendar, &one, &Thresholds::default(), &mut Memory::default());
    assert_eq!(days(&shown), [30, 15, 7, 3, 1, 0, -1, -2, -3]);
    assert_eq!(shown[0].0, end + 1 - 30 * DAY, "not before its last 30 days");
    assert!(shown[1..].iter().all(|(moment, _)| calendar.start(calendar.day(*moment)) == *moment), "at midnight");
}

#[test]
fn what_was_missed_is_made_up_for_by_one() {
    let (calendar, thresholds, mut memory) = (calendar(0), Thresholds::default(), Memory::default());
    let one = [subject("a", term(START, START + YEAR))];
    let mut now = START + YEAR - 40 * DAY;
    assert_eq!(plan(now, &calendar, &one, &thresholds, &mut memory).due, []);
    // Switched off for 35 days.
    now += 35 * DAY;
    let plan_then = plan(now, &calendar, &one, &thresholds, &mut memory);
    assert_eq!(plan_then.due.iter().map(|due| due.days_left).collect::<Vec<_>>(), [5]);
    // Another session, a restart, a Key plugged in anew: all the same to it.
    assert_eq!(plan(now + 60, &calendar, &one, &thresholds, &mut memory).due, []);
    assert_eq!(plan(now, &calendar, &[], &thresholds, &mut memory).due, []);
    assert_eq!(plan(now, &calendar, &one, &thresholds, &mut memory).due, []);
}

#[test]
fn a_reminder_comes_on_the_next_day_and_once() {
    let (calendar, thresholds, mut memory) = (calendar(0), Thresholds::default(), Memory::default());
    let one = [subject("a", term(START, START + YEAR))];
    let now = START + YEAR - 20 * DAY;
    assert_eq!(plan(now, &calendar, &one, &thresholds, &mut memory).due.len(), 1);
    memory.remind("a", calendar.day(now) + 1);
    let shown = run((now, now + 4 * DAY), &calendar, &one, &thresholds, &mut memory);
    assert_eq!(days(&shown), [19]);
    assert_eq!(shown[0].0, calendar.start(calendar.day(now) + 1));
}

#[test]
fn a_renewed_certificate_is_silent_and_said_to_be() {
    let (calendar, thresholds, mut memory) = (calendar(0), Thresholds::default(), Memory::default());
    let old = subject("old", term(START, START + YEAR));
    let new = subject("new", term(START + YEAR - 20 * DAY, START + 2 * YEAR));
    let now = START + YEAR - 21 * DAY;
    assert_eq!(plan(now, &calendar, &[old, new], &thresholds, &mut memory).due.len(), 1, "not renewed yet");
    let plan_then = plan(now + 2 * DAY, &calendar, &[old, new], &thresholds, &mut memory);
    assert_eq!((plan_then.due, plan_then.renewed), (vec![], BTreeSet::from(["old".to_owned()])));
    assert_eq!(
        days(&run((now + 2 * DAY, START + YEAR + 60 * DAY), &calendar, &[old, new], &thresholds, &mut memory)),
        []
    );
    let elsewhere = Subject { key: "k2", ..new };
    assert_eq!(
        plan(now + 9 * DAY, &calendar, &[old, elsewhere], &thresholds, &mut memory).due.len(),
        1,
        "on another Key"
    );
}

#[test]
fn a_pair_speaks_with_one_voice() {
    let (calendar, thresholds) = (calendar(0), Thresholds::default());
    let sign = Subject { partner: "enc", ..subject("sig", term(START, START + YEAR)) };
    let encrypt = Subject {
        partner: "sig",
        is_for_encryption: true,
        term: Term { key_use: "encryption", ..sign.term },
        ..subject("enc", sign.term)
    };
    let now = START + YEAR - 5 * DAY;
    let due = plan(now, &calendar, &[encrypt, sign], &thresholds, &mut Memory::default()).due;
    assert_eq!(due.iter().map(|due| due.fingerprint.as_str()).collect::<Vec<_>>(), ["sig"]);
    let later = Subject { term: Term { not_after: START + YEAR + 9 * DAY, ..encrypt.term }, ..encrypt };
    assert_eq!(plan(now, &calendar, &[later, sign], &thresholds, &mut Memory::default()).due.len(), 2);
    assert_eq!(plan(now, &calendar, &[encrypt], &thresholds, &mut Memory::default()).due.len(), 1, "without the other");
}

#[test]
fn only_the_present_is_told_where_thresholds_are_few() {
    let (calendar, mut memory) = (calendar(0), Memory::default());
    let one = [subject("a", term(START, START + YEAR))];
    let seven = Thresholds::new([7], AfterEnd::Silent);
    let shown = run((START, START + 2 * YEAR), &calendar, &one, &seven, &mut memory);
    assert_eq!(days(&shown), [7]);
    // It came with its end passed: told once.
    assert_eq!(
        days(&run((START + 2 * YEAR, START + 3 * YEAR), &calendar, &one, &seven, &mut Memory::default())).len(),
        1
    );
    let none = Thresholds::new([], AfterEnd::Silent);
    assert_eq!(days(&run((START, START + 2 * YEAR), &calendar, &one, &none, &mut Memory::default())), []);
}

#[derive(Clone, Debug)]
enum Event {
    Passes(u64),
    /// Off, asleep, or without the Key.
    Misses(u64),
    Steps(i64),
    Moves(usize),
    /// The agent reads its file anew; or another session looks.
    Restarts,
    Remind,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        5 => (0..20 * DAY).prop_map(Event::Passes),
        2 => (0..30 * DAY).prop_map(Event::Misses),
        2 => (-20 * 86_400..20 * 86_400_i64).prop_map(Event::Steps),
        1 => (-400 * 86_400..400 * 86_400_i64).prop_map(Event::Steps),
        1 => (0..ZONES.len()).prop_map(Event::Moves),
        1 => Just(Event::Restarts),
        1 => Just(Event::Remind),
    ]
}

/// What a person who looks at the clock all the time would expect, from the words of the manual.
#[derive(Default)]
struct Watcher {
    told: BTreeSet<i64>,
    last: Option<Day>,
    remind: Option<Day>,
}

impl Watcher {
    fn look(&mut self, now: u64, calendar: &Calendar, not_after: u64) -> Option<i64> {
        let (today, left) = (calendar.day(now), calendar.last_day(not_after) - calendar.day(now));
        let reached = match left {
            ..0 => left,
            0 => 0,
            1 => 1,
            2..=3 => 3,
            4..=7 => 7,
            8..=15 => 15,
            16..=30 => 30,
            _ => return None,
        };
        let is_open = now + 30 * DAY > not_after;
        let wanted = !self.told.contains(&reached) || self.remind.is_some_and(|day| day <= today);
        if !is_open || self.last == Some(today) || !wanted {
            return None;
        }
        self.told.insert(reached);
        (self.last, self.remind) = (Some(today), None);
        Some(left)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn exactly_the_expected_notices_none_twice_none_missed(
        before in 20 * DAY..60 * DAY,
        end_of_day in 0..DAY,
        zone in 0..ZONES.len(),
        events in prop::collection::vec(event(), 1..25),
    ) {
        let not_after = START + before + end_of_day;
        let one = [subject("a", term(START - YEAR, not_after))];
        let (mut now, mut place) = (START, calendar(zone));
        let (mut memory, mut watcher) = (Memory::default(), Watcher::default());
        let mut per_day: BTreeMap<Day, usize> = BTreeMap::new();
        for event in events {
            let mut from = now;
            match event {
                Event::Passes(seconds) => now += seconds,
                Event::Misses(seconds) => {
                    now += seconds;
                    from = now;
                }
                Event::Steps(seconds) => {
                    now = now.saturating_add_signed(seconds).clamp(START - YEAR / 2, START + YEAR);
                    from = now;
                }
                Event::Moves(zone) => place = calendar(zone),
                Event::Restarts => memory = Memory::read(&memory.text().unwrap()).unwrap(),
                Event::Remind => if memory.of("a").is_some() {
                    memory.remind("a", place.day(now) + 1);
                    watcher.remind = Some(place.day(now) + 1);
                },
            }
            let opens = not_after + 1 - 30 * DAY;
            let mut looks: Vec<u64> = ((from / LOOK + 1) * LOOK..=now).step_by(LOOK as usize).collect();
            looks.extend([from, now]);
            looks.extend((from..=now).contains(&opens).then_some(opens));
            looks.sort_unstable();
            let expected: Vec<i64> = looks.into_iter().filter_map(|at| watcher.look(at, &place, not_after)).collect();
            let shown = run((from, now), &place, &one, &Thresholds::default(), &mut memory);
            prop_assert_eq!(days(&shown), expected);
            for (moment, _) in shown {
                prop_assert!(moment > not_after || not_after - moment < 30 * DAY, "before the window");
                *per_day.entry(place.day(moment)).or_default() += 1;
            }
        }
    }
}
