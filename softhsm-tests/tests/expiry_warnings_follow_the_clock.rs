//! The daemon tells of a certificate's end when the computer's clock gets there: each threshold once, the day after,
//! after a suspend the present one only, nothing twice when the clock is set back, and once more for a Key that is
//! plugged in. `Validity` changes at the same moments. Its clock is the lab's.

use futures_util::StreamExt;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use ukey_dbus::KeyKind;
use ukey_dbus::names::{CERTIFICATE, ROOT_PATH};
use ukey_softhsm_tests::{CertificateProfile, Fixture, KeyBuilder, LabClock, eventually, staged};
use zbus::message::Type;
use zbus::{MatchRule, MessageStream};

const DAY: u64 = 86_400;

struct Scene {
    clock: LabClock,
    fixture: Fixture,
    warnings: Arc<Mutex<Vec<(i32, i32)>>>,
    /// The first second at which the certificate is not valid any more.
    end: u64,
}

impl Scene {
    /// A certificate that lasts 100 days from now on.
    async fn start(config: &str, others: impl Fn(KeyBuilder, u64) -> KeyBuilder) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let end = now + 100 * DAY;
        let clock = LabClock::start(now);
        let profile = CertificateProfile::default().from_to(now - DAY, end - 1);
        let key = others(KeyBuilder::default().certificate(KeyKind::EcP256, profile), end);
        let fixture = Fixture::builder().key(key).config(config).lab(|_, _| ()).without_agent().start().await;
        let warnings = Arc::default();
        listen(&fixture, Arc::clone(&warnings)).await;
        eventually("the daemon's alarm", async || (clock.programs() == 1).then_some(())).await;
        Self { clock, fixture, warnings, end }
    }

    /// Goes there; the seconds before that moment change nothing.
    async fn reach(&mut self, moment: u64) {
        self.clock.pass(moment - 1 - self.clock.now()).await;
        self.clock.pass(1).await;
    }

    /// Everything that was told so far. What the daemon says later than it answers a call, it says for a later moment.
    async fn told(&self) -> Vec<(i32, i32)> {
        self.fixture.objects().await;
        self.warnings.lock().unwrap().clone()
    }

    async fn has_told(&self, expected: &[(i32, i32)]) {
        eventually(&format!("the warnings {expected:?}, not {:?}", self.told().await), async || {
            (self.told().await == expected).then_some(())
        })
        .await;
    }

    async fn validity(&self) -> String {
        let objects = self.fixture.objects().await;
        let mut certificates = objects.values().filter_map(|interfaces| interfaces.get(CERTIFICATE));
        certificates.next().map(|properties| properties["Validity"].downcast_ref::<&str>().unwrap().to_owned()).unwrap()
    }
}

async fn listen(fixture: &Fixture, warnings: Arc<Mutex<Vec<(i32, i32)>>>) {
    let rule = MatchRule::builder().msg_type(Type::Signal).interface(CERTIFICATE);
    let rule = rule.member("ExpiryWarning").path_namespace(ROOT_PATH).build().unwrap();
    let mut signals = MessageStream::for_match_rule(rule, &fixture.clerk, None).await.unwrap();
    tokio::spawn(async move {
        while let Some(Ok(signal)) = signals.next().await {
            warnings.lock().unwrap().push(signal.body().deserialize().unwrap());
        }
    });
}

#[test]
fn at_each_threshold_and_then_daily() {
    staged(async || {
        let mut scene = Scene::start("", |key, _| key).await;
        let mut expected = Vec::new();
        assert_eq!(scene.validity().await, "valid");
        for days in [30, 15, 7, 3, 1, 0, -1, -2] {
            scene.reach(scene.end.saturating_add_signed(-i64::from(days) * 86_400) - 1).await;
            assert_eq!(scene.told().await, expected, "a second early");
            scene.clock.pass(1).await;
            expected.push((days, days.max(0)));
            scene.has_told(&expected).await;
            assert_eq!(scene.validity().await, if days > 0 { "expiring" } else { "expired" });
        }
    });
}

#[test]
fn after_a_suspend_once_and_never_twice_when_the_clock_is_set() {
    staged(async || {
        let mut scene = Scene::start("", |key, _| key).await;
        let end = scene.end;
        scene.clock.pass(95 * DAY + 100).await;
        scene.has_told(&[(5, 7)]).await;
        // Back to where it was valid, and on again.
        scene.clock.set(end - 60 * DAY).await;
        assert_eq!(scene.validity().await, "valid");
        scene.clock.set(end - 5 * DAY).await;
        scene.clock.set(end - 20 * DAY).await;
        scene.has_told(&[(5, 7), (20, 30)]).await;
        scene.clock.set(end - 2 * DAY).await;
        scene.has_told(&[(5, 7), (20, 30), (2, 3)]).await;
        scene.clock.set(end + 4000 * DAY).await;
        assert_eq!(scene.validity().await, "expired");
        scene.clock.set(end - 2 * DAY).await;
        assert_eq!(scene.validity().await, "expiring");
        scene.reach(end - DAY).await;
        scene.has_told(&[(5, 7), (20, 30), (2, 3), (-4000, 0), (1, 1)]).await;
    });
}

#[test]
fn a_key_that_is_plugged_in_gets_its_warning() {
    staged(async || {
        let mut scene = Scene::start("", |key, _| key).await;
        scene.clock.pass(88 * DAY).await;
        scene.has_told(&[(12, 15)]).await;
        let key = scene.fixture.key().clone();
        scene.fixture.lab().remove(&key);
        scene.fixture.wait_until_gone(&key).await;
        scene.clock.pass(DAY).await;
        scene.fixture.lab().insert(&key);
        scene.has_told(&[(12, 15), (11, 15)]).await;
    });
}

#[test]
fn a_renewed_certificate_is_silent_once_the_new_one_is_valid() {
    staged(async || {
        let mut scene = Scene::start("", |key, end| {
            let renewed = CertificateProfile::default().from_to(end - 10 * DAY, end + 355 * DAY);
            key.certificate(KeyKind::EcP256, renewed)
        })
        .await;
        let end = scene.end;
        scene.reach(end - 30 * DAY).await;
        scene.reach(end - 15 * DAY).await;
        scene.has_told(&[(30, 30), (15, 15)]).await;
        for days in [7, 3, 1, 0] {
            scene.reach(end - days * DAY).await;
        }
        scene.clock.pass(300 * DAY).await;
        scene.reach(end + 356 * DAY - 30 * DAY - 86_399).await;
        scene.has_told(&[(30, 30), (15, 15), (30, 30)]).await;
    });
}

#[test]
fn the_administrator_chooses_the_thresholds() {
    staged(async || {
        let config = "[expiry]\nthresholds = [2, 20]\ndaily-after-expiry = false\n";
        let mut scene = Scene::start(config, |key, _| key).await;
        let manager = ukey_dbus::ManagerProxy::new(&scene.fixture.clerk).await.unwrap();
        assert_eq!(manager.expiry_thresholds().await.unwrap(), [20, 2]);
        assert!(!manager.daily_after_expiry().await.unwrap());
        for days in [30, 20, 15, 2, 1, 0] {
            scene.reach(scene.end - days * DAY).await;
        }
        scene.clock.pass(50 * DAY).await;
        scene.has_told(&[(20, 20), (2, 2)]).await;
    });
}
