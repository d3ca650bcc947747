//! Shows what the schedule says is due, and sleeps until it says that the next is, or until the day ends, for the tray
//! counts days. Wakes early for a change of what ukeyd shows, of the clock or of the time zone, and for a wish to be
//! reminded; for nothing else, and without a certificate for nothing at all.

use super::schedule::{Plan, Subject, plan};
use super::store::Store;
use super::words::{Scene, Words};
use super::zone::{self, ZoneWatch};
use crate::desktop::actions::{Action, Actions};
use crate::desktop::keys::{Certificate, Key, Snapshot};
use crate::desktop::notifications::{Action as Button, Notice, Notifier, Urgency, Weight};
use crate::desktop::state::State;
use crate::service_owner::TrustedUsers;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use ukey_alarm::{Alarm, unix_now};
use ukey_dbus::{KeyUse, ManagerProxy};
use ukey_formats::expiry::{AfterEnd, Thresholds};
use zbus::Connection;
use zbus::proxy::CacheProperties;

/// Two properties need no person and no Key.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Pause after the kernel refused an alarm.
const REFUSED: Duration = Duration::from_secs(60);

/// Tells until it is dropped.
pub(crate) struct Expiry(JoinHandle<()>);

impl Expiry {
    /// Begins to tell of the certificates that are shown.
    pub(crate) fn start(
        (connection, trusted): (Connection, TrustedUsers),
        shown: watch::Receiver<Arc<Snapshot>>,
        (notifier, actions, words): (Notifier, Actions, Arc<Words>),
        days: watch::Sender<()>,
    ) -> Self {
        let (wish, wishes) = mpsc::unbounded_channel();
        let runner = Runner {
            connection,
            trusted,
            notifier,
            actions,
            words,
            store: Store::of_user(),
            thresholds: Thresholds::default(),
            told: BTreeSet::new(),
            wish,
            days,
        };
        Self(tokio::spawn(runner.run(shown, wishes)))
    }
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Runner {
    connection: Connection,
    trusted: TrustedUsers,
    notifier: Notifier,
    actions: Actions,
    words: Arc<Words>,
    store: Store,
    /// As ukeyd said last.
    thresholds: Thresholds,
    /// Fingerprints of certificates that may have a notice on the screen.
    told: BTreeSet<String>,
    /// Sends the fingerprint of a certificate that the user wants to be reminded of.
    wish: mpsc::UnboundedSender<String>,
    /// Tells that another day has begun, or that days are reckoned anew.
    days: watch::Sender<()>,
}

impl Runner {
    async fn run(mut self, mut shown: watch::Receiver<Arc<Snapshot>>, mut wishes: mpsc::UnboundedReceiver<String>) {
        let zone = ZoneWatch::start();
        let alarm = Alarm::new().inspect_err(|error| tracing::error!(%error, "no alarm")).ok();
        loop {
            let now = unix_now();
            let snapshot = Arc::clone(&shown.borrow_and_update());
            let next = self.tell(now, &snapshot).await;
            tracing::debug!(next, "the next moment to look at the clock");
            let woken = async {
                match &alarm {
                    Some(alarm) => alarm.wait(now, next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                woken = woken => {
                    if let Err(error) = woken {
                        tracing::error!(%error, "no alarm; dates are looked at later");
                        tokio::time::sleep(REFUSED).await;
                    }
                    self.days.send_replace(());
                },
                changed = shown.changed() => if changed.is_err() { return },
                () = zone.changed() => self.days.send_replace(()),
                wish = wishes.recv() => if let Some(fingerprint) = wish {
                    self.remind(&fingerprint).await;
                },
            }
        }
    }

    /// Shows what is due now; gives the next moment to look again.
    async fn tell(&mut self, now: u64, snapshot: &Snapshot) -> Option<u64> {
        snapshot.certificates().next()?;
        self.read_thresholds().await;
        let calendar = zone::calendar();
        let subjects: Vec<Subject<'_>> =
            snapshot.certificates().map(|(key, certificate)| subject(key, certificate)).collect();
        let thresholds = &self.thresholds;
        let Plan { due, renewed, next } =
            self.store.update(|memory| plan(now, &calendar, &subjects, thresholds, memory)).await;
        for fingerprint in renewed {
            if self.told.remove(&fingerprint) {
                self.notifier.close(&tag(&fingerprint));
            }
        }
        for due in due {
            if let Some((key, certificate)) = snapshot.certificate(&due.fingerprint) {
                tracing::info!(key = key.id(), days = due.days_left, "a certificate ends");
                self.notifier.show(self.notice(Scene { key, certificate, calendar: &calendar, now }));
                self.told.insert(due.fingerprint);
            }
        }
        // There is none at the end of the calendar.
        let midnight = Some(calendar.start(calendar.day(now) + 1)).filter(|midnight| *midnight > now);
        next.into_iter().chain(midnight).min()
    }

    fn notice(&self, scene: Scene<'_>) -> Notice {
        let fingerprint = scene.certificate.fingerprint.clone();
        let (wish, of) = (self.wish.clone(), fingerprint.clone());
        // The runner ends with the desktop only.
        let remind = move || drop(wish.send(of.clone()));
        let button = |text: &str, action: Action| {
            let actions = self.actions.clone();
            Button::new(self.words.text(text), move || actions.run(action.clone()))
        };
        let mut buttons = vec![
            button("button-advice", Action::Renewal(fingerprint.clone())),
            Button::new(self.words.text("button-tomorrow"), remind),
        ];
        if scene.certificate.signs() {
            buttons.push(button("button-copy", Action::CopyBinding(fingerprint.clone())));
        }
        Notice {
            tag: tag(&fingerprint),
            title: self.words.title(scene),
            text: self.words.text_of(scene),
            picture: if scene.has_ended() { State::Expired } else { State::Expiring },
            // It may come at midnight: it stays until somebody has seen it.
            urgency: Urgency::Critical,
            weight: Weight::Important,
            actions: buttons,
            without_buttons: self.words.text("without-buttons"),
        }
    }

    async fn remind(&mut self, fingerprint: &str) {
        let tomorrow = zone::calendar().day(unix_now()) + 1;
        self.store.update(|memory| memory.remind(fingerprint, tomorrow)).await;
        // Not every server takes a notice away whose button was pressed.
        self.told.remove(fingerprint);
        self.notifier.close(&tag(fingerprint));
    }

    /// Those of the daemon that is there now; the last ones, where it does not say.
    async fn read_thresholds(&mut self) {
        let asked = async {
            let owner = self.trusted.owner(&self.connection).await.ok().flatten()?;
            let manager = ManagerProxy::builder(&self.connection).destination(owner.name);
            let manager = manager.cache_properties(CacheProperties::No).build().await.ok()?;
            let days = manager.expiry_thresholds().await.ok()?;
            let after = if manager.daily_after_expiry().await.ok()? { AfterEnd::Daily } else { AfterEnd::Silent };
            Some(Thresholds::new(days, after))
        };
        if let Ok(Some(thresholds)) = timeout(ANSWER_TIME, asked).await {
            self.thresholds = thresholds;
        }
    }
}

fn subject<'a>(key: &'a Key, certificate: &'a Certificate) -> Subject<'a> {
    Subject {
        fingerprint: &certificate.fingerprint,
        key: key.path.as_str(),
        term: certificate.term(),
        partner: &certificate.details.partner,
        is_for_encryption: certificate.key_use == Some(KeyUse::Encryption),
    }
}

fn tag(fingerprint: &str) -> String {
    format!("expiry-{fingerprint}")
}
