//! One task per module: starts its shim, reads its tokens, restarts it when it fails, and says how things are.

use super::frozen::{Missing, Shown};
use super::handle::{Command, Host, ModuleSnapshot, Presence, Running, SeenToken, Use};
use super::link::{Link, LinkError, LinkEvent};
use super::requests::{Loaded, hello, launch, load_reason, objects, probe, slots};
use crate::config::{Files, ModuleConfig, SlotList};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use ukey_dbus::ModuleState;
use ukey_shim_protocol::TokenInfo;

/// Time between two looks at the slots of a module that has not told of any event yet, while anyone is on the bus to see it.
const POLL: Duration = Duration::from_secs(2);
/// The same while nobody is, where the kernel does not tell of USB. Where it does, its events and the next caller bring a
/// look at once, and nothing else is needed.
const POLL_UNSEEN: Duration = Duration::from_secs(60);
/// Fresh looks after a hint that the module shows a token that is gone, and the time between them.
const DOUBTS: u8 = 3;
/// Fresh looks after a token went, where the module tells of none: when it comes back, does the module show it? About a
/// minute at [`POLL`].
const DOUBTS_AFTER_REMOVAL: u8 = 30;
const POLL_IN_DOUBT: Duration = Duration::from_millis(500);
/// Time between two fresh looks while it is not known whether the module's list of slots follows the Keys and anyone
/// is there to see. The kernel's USB events bring one at once.
const LOOK_AFRESH_UNTIL_KNOWN: Duration = Duration::from_secs(10);
/// The same after so many that showed nothing.
const LOOK_AFRESH_LATER: Duration = Duration::from_secs(60);
const LOOKS_AFRESH: u32 = 6;
/// A module that crashed so often within [`CRASH_WINDOW`] is left alone.
const CRASHES_MAX: usize = 5;
const CRASH_WINDOW: Duration = Duration::from_secs(120);
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// For what a process said before its end, which may be heard of first. A child of it can hold its socket open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Why a run of a module's process is over.
enum RunEnd {
    Stop,
    Reinitialize,
    Failed(LinkError),
}

pub(super) struct Supervisor {
    config: Arc<ModuleConfig>,
    host: Arc<Host>,
    used: Arc<Use>,
    publish: watch::Sender<Arc<ModuleSnapshot>>,
    inbox: mpsc::UnboundedReceiver<Command>,
    /// The module was caught showing a token that fresh processes did not see: it reads its slots once.
    frozen: bool,
    /// The module has shown a token that came while it ran, or its file says that it does.
    follows: bool,
    /// The module has told of an event: it need not be asked. Some wait for events and never tell of any.
    tells: bool,
    /// When it crashed lately.
    crashes: Vec<Instant>,
}

impl Supervisor {
    pub(super) fn new(
        config: Arc<ModuleConfig>,
        host: Arc<Host>,
        used: Arc<Use>,
        publish: watch::Sender<Arc<ModuleSnapshot>>,
        inbox: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let frozen = config.profile.slots == SlotList::Frozen;
        let follows = config.profile.slots == SlotList::Live;
        Self { config, host, used, publish, inbox, frozen, follows, tells: false, crashes: Vec::new() }
    }

    #[tracing::instrument(name = "module", skip_all, fields(module = self.config.name))]
    pub(super) async fn run(mut self) {
        let mut back_off = BACK_OFF_FIRST;
        loop {
            match self.run_once().await {
                RunEnd::Stop => return,
                RunEnd::Reinitialize => self.update(|snapshot| snapshot.state = ModuleState::Starting),
                RunEnd::Failed(error) => {
                    let was_ready = self.publish.borrow().state == ModuleState::Ready;
                    let reason = load_reason(&error);
                    if self.crashes_too_often(&error) {
                        tracing::error!(reason, "module is left alone until the configuration is read again");
                        self.fail(ModuleState::Quarantined, format!("crashed {CRASHES_MAX} times: {reason}"));
                        return self.wait_for_stop().await;
                    }
                    tracing::warn!(reason, "module failed");
                    self.fail(ModuleState::Failed, reason);
                    back_off = if was_ready { BACK_OFF_FIRST } else { (back_off * 2).min(BACK_OFF_MAX) };
                    tokio::select! {
                        () = sleep(back_off) => {}
                        command = self.inbox.recv() => if matches!(command, Some(Command::Stop) | None) { return },
                    }
                }
            }
            self.update(|snapshot| snapshot.restarts += 1);
        }
    }

    /// Counts the ends of a process that had been started; a library that is not there is no crash.
    fn crashes_too_often(&mut self, error: &LinkError) -> bool {
        if matches!(error, LinkError::Refused(_) | LinkError::NotStarted(_)) {
            return false;
        }
        let now = Instant::now();
        self.crashes.retain(|at| now.duration_since(*at) < CRASH_WINDOW);
        self.crashes.push(now);
        self.crashes.len() >= CRASHES_MAX
    }

    fn fail(&self, state: ModuleState, reason: String) {
        self.update(|snapshot| (snapshot.state, snapshot.reason) = (state, reason));
    }

    async fn wait_for_stop(&mut self) {
        while !matches!(self.inbox.recv().await, Some(Command::Stop) | None) {}
    }

    /// One life of the module's process.
    async fn run_once(&mut self) -> RunEnd {
        let (mut process, link, events) = match launch(&self.host, &self.config.profile) {
            Ok(launched) => launched,
            Err(error) => return RunEnd::Failed(error),
        };
        tracing::debug!(pid = process.id(), "shim started");
        let end = {
            let mut served = pin!(self.serve(&link, events));
            tokio::select! {
                served = &mut served => served.unwrap_or_else(RunEnd::Failed),
                // A child forked by the module may hold the socket open, so its end alone would not show this.
                how = process.ended() => match timeout(LAST_WORDS, served).await {
                    // A command that came meanwhile comes once.
                    Ok(Ok(end)) => end,
                    Ok(Err(refused @ LinkError::Refused(_))) => RunEnd::Failed(refused),
                    Ok(Err(_)) | Err(_) => RunEnd::Failed(LinkError::Broken(format!("the module's process ended ({how})"))),
                },
            }
        };
        // First, so that nobody uses a link that is about to close.
        self.update(|snapshot| snapshot.running = None);
        match end {
            RunEnd::Failed(error) => {
                link.break_off(&error);
                process.kill().await;
                RunEnd::Failed(error)
            }
            end => {
                link.close();
                process.end().await;
                end
            }
        }
    }

    async fn serve(
        &mut self,
        link: &Link,
        mut events: mpsc::UnboundedReceiver<LinkEvent>,
    ) -> Result<RunEnd, LinkError> {
        let Loaded { library, landlock } = hello(link, &self.config.profile).await?;
        let unconfined = match self.config.profile.files() {
            Files::All => "not confined to its files, as its module file says (confine = false)",
            _ if landlock == 0 => "not confined to its files: the kernel has no Landlock",
            _ => "",
        };
        if !unconfined.is_empty() {
            tracing::warn!(unconfined, "the library can reach every file of the service's user");
        }
        let mut tokens = self.scan(link, &[]).await?;
        let version = format!("{}.{}", library.version.0, library.version.1);
        tracing::info!(version, tokens = tokens.len(), landlock, files = ?self.config.profile.files(), "module ready");
        self.update(|snapshot| {
            snapshot.state = ModuleState::Ready;
            snapshot.reason = unconfined.to_owned();
            snapshot.version = version;
            snapshot.running = Some(Running { link: link.clone(), tokens: tokens.clone() });
        });
        let (mut listed, mut missing, mut doubts) = (tokens.clone(), Missing::default(), 0_u8);
        let mut shown = Shown::new(tokens.iter().map(|token| &token.info));
        let mut presence = self.host.presence.clone();
        let mut next_look = self.next_look(&presence);
        let (mut next_fresh, mut in_vain) = (Instant::now(), 0);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(LinkEvent::SlotsChanged) => {
                        (self.follows, self.tells) = (true, true);
                        doubts = doubts.min(DOUBTS);
                    }
                    Some(LinkEvent::Ended(reason)) => return Err(reason),
                    None => return Err(LinkError::Broken("the link was closed".to_owned())),
                },
                command = self.inbox.recv() => match command {
                    Some(Command::Reinitialize) => return Ok(RunEnd::Reinitialize),
                    Some(Command::LookAfresh) => doubts = doubts.max(DOUBTS),
                    Some(Command::Look) => (next_fresh, in_vain) = (Instant::now(), 0),
                    Some(Command::Stop) | None => return Ok(RunEnd::Stop),
                },
                () = sleep_until(next_look.unwrap_or_else(Instant::now)), if next_look.is_some() => {}
                Ok(()) = presence.changed() => {
                    (next_fresh, in_vain) = (next_fresh.min(Instant::now() + LOOK_AFRESH_UNTIL_KNOWN), 0);
                }
            }
            // A look would wait in the shim behind a slow login, and its deadline would end the module under the try.
            let Ok(_turn) = Arc::clone(&self.used.control).try_lock_owned() else {
                next_look = Some(Instant::now() + POLL_IN_DOUBT);
                continue;
            };
            // The fresh look first: what the module shows afterwards is then no older.
            let unknown = !self.follows && *presence.borrow() == Presence::Somebody && Instant::now() >= next_fresh;
            let fresh = if self.frozen || doubts > 0 || unknown { self.look_afresh().await } else { None };
            if fresh.is_some() {
                in_vain += 1;
                let pause = if in_vain < LOOKS_AFRESH { LOOK_AFRESH_UNTIL_KNOWN } else { LOOK_AFRESH_LATER };
                next_fresh = Instant::now() + pause;
            }
            let mut seen = self.scan(link, &listed).await?;
            self.follows |= shown.grows(seen.iter().map(|token| &token.info));
            listed.clone_from(&seen);
            doubts = match seen.len() < tokens.len() {
                true if self.tells => DOUBTS,
                true => DOUBTS_AFTER_REMOVAL,
                false => doubts.saturating_sub(1),
            };
            if let Some(fresh) = fresh {
                if self.compare(&mut seen, &fresh, &mut missing) {
                    return Ok(RunEnd::Reinitialize);
                }
                if missing.unconfirmed() {
                    doubts = doubts.max(DOUBTS);
                }
            }
            if !same(&tokens, &seen) {
                in_vain = 0;
                tokens = seen;
                let running = Running { link: link.clone(), tokens: tokens.clone() };
                self.update(|snapshot| snapshot.running = Some(running));
            }
            next_look = match doubts {
                0 => self.next_look(&presence),
                1..=DOUBTS => Some(Instant::now() + POLL_IN_DOUBT),
                _ => Some(Instant::now() + POLL),
            };
        }
    }

    /// When to look at the slots though nothing was told.
    fn next_look(&self, presence: &watch::Receiver<Presence>) -> Option<Instant> {
        let interval = match *presence.borrow() {
            _ if self.tells => None,
            Presence::Somebody => Some(POLL),
            Presence::Nobody if self.host.hears_usb.load(Ordering::Relaxed) => None,
            Presence::Nobody => Some(POLL_UNSEEN),
        };
        interval.map(|interval| Instant::now() + interval)
    }

    async fn look_afresh(&self) -> Option<Vec<TokenInfo>> {
        match probe(&self.host, &self.config.profile).await {
            Ok(fresh) => Some(fresh),
            Err(error) => {
                tracing::debug!(%error, "a fresh look failed");
                None
            }
        }
    }

    /// Leaves out the tokens that fresh processes do not see. True: a new start is needed to see the others, and
    /// nobody's login or PIN is in its way.
    fn compare(&mut self, seen: &mut Vec<Arc<SeenToken>>, fresh: &[TokenInfo], missing: &mut Missing) -> bool {
        let shown: Vec<_> = seen.iter().map(|token| &token.info).collect();
        let verdict = missing.compare(&shown, fresh);
        let mut there = verdict.there.iter();
        seen.retain(|_| there.next().copied().unwrap_or(true));
        self.frozen |= verdict.there.contains(&false) || verdict.needs_restart;
        verdict.needs_restart && self.used.holders.load(Ordering::Relaxed) == 0
    }

    /// Lists the tokens; reads the certificates of those that were not there before.
    async fn scan(&self, link: &Link, known: &[Arc<SeenToken>]) -> Result<Vec<Arc<SeenToken>>, LinkError> {
        let limit = self.config.profile.timeouts.read();
        let mut seen = Vec::new();
        for info in slots(link, limit).await? {
            if let Some(same) = known.iter().find(|token| token.info == info && token.certificates.is_ok()) {
                seen.push(Arc::clone(same));
                continue;
            }
            let before = known.iter().find(|token| token.info.token == info.token && token.certificates.is_ok());
            let certificates = match before {
                Some(before) => before.certificates.clone(),
                None => objects(link, &info, limit).await?,
            };
            seen.push(Arc::new(SeenToken { info, certificates }));
        }
        Ok(seen)
    }

    fn update(&self, change: impl FnOnce(&mut ModuleSnapshot)) {
        self.publish.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }
}

fn same(before: &[Arc<SeenToken>], after: &[Arc<SeenToken>]) -> bool {
    let same = |(before, after): (&Arc<SeenToken>, &Arc<SeenToken>)| {
        before.info == after.info && before.certificates.is_ok() == after.certificates.is_ok()
    };
    before.len() == after.len() && before.iter().zip(after).all(same)
}
