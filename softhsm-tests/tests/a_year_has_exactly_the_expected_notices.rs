//! A year in fast motion, on the desktop of one clerk: daemon and agent as they are shipped, real buses, a notification
//! server that keeps what it is told; and a clock that passes, sleeps, is set back and forth, restarts of daemon and agent,
//! days without computer or Key, journeys through time zones, reminders. The clock is the lab's, preloaded into both.

#[path = "a_year_has_exactly_the_expected_notices/expected.rs"]
mod expected;

use expected::{DAY, Expected, Subject};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use ukey_dbus::{KeyKind, TokenState};
use ukey_softhsm_tests::{
    Agent, CertificateProfile, Desktop, Dialogs, Fixture, KeyBuilder, LabClock, Locale, NoticeServer, Person,
    SlotEvents, Zone, eventually, staged,
};

const HOUR: u64 = 3600;
/// Zones without summer time, and their offsets.
const ZONES: [(&str, i64); 4] = [
    ("Asia/Shanghai", 28_800),
    ("Asia/Kolkata", 19_800),
    ("Pacific/Honolulu", -36_000),
    ("Pacific/Kiritimati", 50_400),
];

struct Year {
    clock: LabClock,
    zone: Zone,
    fixture: Fixture,
    server: NoticeServer,
    expected: Expected,
    plugged: [bool; 2],
    start: u64,
    random: u64,
}

impl Year {
    async fn begin(seed: u64) -> Self {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let zone = Zone::start(ZONES[0].0);
        let clock = LabClock::start(start);
        let desktop = Desktop::headless(Person::Clerk, Locale::Chinese);
        let server = NoticeServer::start(desktop.bus()).await;
        // The third ends with its last day in China; the second and the fifth are renewals.
        let midnight = (start + 8 * HOUR) / DAY * DAY - 8 * HOUR;
        let subjects = vec![
            subject("县人民医院", 0, (start - 250 * DAY, start + 115 * DAY + 5000), Some(start + 125 * DAY)),
            subject("县人民医院", 0, (start + 125 * DAY, start + 490 * DAY), None),
            subject("药品集采中心", 0, (start - 165 * DAY, midnight + 352 * DAY - 1), None),
            subject("市中医院", 1, (start - 300 * DAY, start + 65 * DAY), Some(start + 52 * DAY)),
            subject("市中医院", 1, (start + 52 * DAY, start + 340 * DAY), None),
        ];
        let mut keys = [KeyBuilder::default().label("药品UKey"), KeyBuilder::default().label("耗材UKey")];
        for Subject { unit, key, not_before, not_after, .. } in &subjects {
            let profile = CertificateProfile::default().held_by(unit).from_to(*not_before, *not_after);
            keys[*key] = keys[*key].clone().certificate(KeyKind::EcP256, profile);
        }
        let fixture =
            Fixture::builder().desktop(desktop, Dialogs::Scripted).lab(|lab, _| lab.slot_events(SlotEvents::Working));
        let fixture = keys.into_iter().fold(fixture, ukey_softhsm_tests::FixtureBuilder::key).start().await;
        let expected = Expected::new(subjects, ZONES[0].1);
        let mut year = Self { clock, zone, fixture, server, expected, plugged: [true; 2], start, random: seed };
        year.look().await;
        year
    }

    fn random(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    /// What is due now has to be there.
    async fn look(&mut self) {
        self.expected.look(self.clock.now(), self.plugged);
        let count = self.expected.count();
        eventually(&format!("{count} notices: {:?}", self.expected.titles()), async || {
            (self.server.notices().len() >= count).then_some(())
        })
        .await;
        assert_eq!(self.titles(), *self.expected.titles(), "day {}", (self.clock.now() - self.start) / DAY);
    }

    fn titles(&self) -> BTreeMap<String, Vec<String>> {
        let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for notice in self.server.notices() {
            let unit = notice.title.split('：').next().unwrap().to_owned();
            titles.entry(unit).or_default().push(notice.title);
        }
        titles
    }

    async fn pass(&mut self, mut seconds: u64) {
        while seconds > 0 {
            let step = seconds.min(if self.expected.is_quiet(self.clock.now()) { 60 * HOUR } else { 7 * HOUR });
            seconds -= step;
            self.clock.pass(step).await;
            self.look().await;
        }
    }

    async fn sleep(&mut self, seconds: u64) {
        self.clock.pass(seconds).await;
        self.look().await;
    }

    async fn set(&mut self, now: u64) {
        self.clock.set(now.max(self.start)).await;
        self.look().await;
    }

    async fn stop_agent(&mut self) {
        self.expected.agent_ended();
        let mut agent = self.fixture.agents.remove(&Person::Clerk).unwrap();
        agent.program().signal(rustix::process::Signal::TERM);
        assert!(agent.program_mut().ended().await.success(), "{}", agent.program().log());
    }

    async fn start_agent(&mut self) {
        let environment = self.fixture.desktop().environment();
        let agent = Agent::start_with(&self.fixture.bus, Person::Clerk, Dialogs::Scripted, &environment).await;
        self.fixture.agents.insert(Person::Clerk, agent);
    }

    async fn restart_daemon(&mut self) {
        self.fixture.kill_daemon().await;
        self.fixture.start_daemon().await;
    }

    /// The Key is pulled out while nobody is at the screen, and comes back later, on the clerk's screen.
    async fn without_key(&mut self, seconds: u64) {
        self.stop_agent().await;
        let key = self.fixture.keys[0].clone();
        self.fixture.lab().remove(&key);
        self.fixture.wait_until_gone(&key).await;
        self.plugged[0] = false;
        self.start_agent().await;
        self.sleep(seconds).await;
        self.fixture.lab().insert(&key);
        self.fixture.wait_for_state(&key, TokenState::Ready).await;
        self.plugged[0] = true;
        self.look().await;
    }

    async fn happen(&mut self) {
        match self.random(20) {
            0..=6 => {
                let days = if self.expected.is_quiet(self.clock.now()) { 25 } else { 3 };
                let seconds = HOUR + self.random(days * DAY);
                self.pass(seconds).await;
            }
            7..=9 => {
                let seconds = self.random(5 * DAY);
                self.sleep(seconds).await;
            }
            10..=11 => {
                let back = self.random(3 * DAY);
                self.set(self.clock.now() - back).await;
            }
            12 => {
                let forth = self.random(4 * DAY);
                self.set(self.clock.now() + forth).await;
            }
            13 => {
                let zone = self.random(4);
                let (name, offset) = ZONES[usize::try_from(zone).unwrap()];
                self.expected.offset = offset;
                self.zone.change(name);
                self.look().await;
            }
            14..=15 => {
                self.stop_agent().await;
                let seconds = self.random(2 * DAY);
                self.clock.pass(seconds).await;
                self.start_agent().await;
                self.look().await;
            }
            16 => {
                self.restart_daemon().await;
                self.look().await;
            }
            17 => {
                let seconds = self.random(6 * DAY);
                self.without_key(seconds).await;
            }
            _ => self.remind().await,
        }
    }

    async fn remind(&mut self) {
        let Some(unit) = self.expected.remind(self.clock.now()) else { return };
        let notice = self.server.notices().into_iter().rfind(|notice| notice.title.starts_with(unit)).unwrap();
        let file = format!("{}/.local/state/ukeyd/expiry.toml", Person::Clerk.home());
        // A person presses it before anything else happens.
        let count = || std::fs::read_to_string(&file).unwrap().matches("remind").count();
        let before = count();
        self.server.press(&notice, "明天再提醒").await;
        eventually("a reminder that is written down", async || (count() > before).then_some(())).await;
    }
}

fn subject(unit: &'static str, key: usize, (not_before, not_after): (u64, u64), renewed: Option<u64>) -> Subject {
    Subject { unit, key, not_before, not_after, renewed }
}

#[test]
fn whatever_happens() {
    staged(async || {
        let mut year = Year::begin(117).await;
        // By a wrong clock far into the future, and back.
        let now = year.clock.now();
        year.set(now + 3650 * DAY).await;
        year.set(now).await;
        while year.clock.now() < year.start + 366 * DAY {
            year.happen().await;
        }
        // Nothing is on the way any more when the agent has taken leave.
        year.stop_agent().await;
        assert_eq!(year.titles(), *year.expected.titles());
        assert!(year.expected.count() > 40, "a year without events: {:?}", year.expected.titles());
    });
}
