//! A configured module as the rest of the daemon sees it: how it is, what it shows, and what can be asked of it.

use super::link::{Link, LinkError};
use super::requests::{probe, slots};
use super::supervisor::Supervisor;
use super::trust::TrustedOwners;
use crate::config::{FlagSource, ModuleConfig, ModuleProfile, Sm2Profile};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use ukey_dbus::ModuleState;
use ukey_shim_protocol::{CertificateObject, TokenInfo};

/// What every shim needs.
pub(crate) struct Host {
    /// Path of the shim program.
    pub shim: PathBuf,
    /// Let modules write to our stdout and stderr.
    pub vendor_output: bool,
    /// The service's own folder, which no library is given by a guess.
    pub state: PathBuf,
    /// Who may own a library.
    pub owners: TrustedOwners,
    /// Is anyone there to see a Key come or go?
    pub presence: watch::Receiver<Presence>,
    /// Does the kernel tell of USB devices that come and go?
    pub hears_usb: AtomicBool,
    /// Probes on their way out.
    pub probes: TaskTracker,
}

/// Programs on the bus that have called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Nobody,
    Somebody,
}

/// How a module is at this moment.
#[derive(Clone)]
pub(crate) struct ModuleSnapshot {
    pub state: ModuleState,
    /// Why it failed, or what is wrong though it works; else empty.
    pub reason: String,
    /// Version that the library gives itself, empty until it was loaded.
    pub version: String,
    /// How often its process was started again.
    pub restarts: u32,
    /// Its tokens and the way to them, while it answers.
    pub running: Option<Running>,
}

/// A module that answers.
#[derive(Clone)]
pub(crate) struct Running {
    pub link: Link,
    pub tokens: Vec<Arc<SeenToken>>,
}

/// The token refused to show its certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unread;

/// A token as the running module shows it.
#[derive(Debug)]
pub(crate) struct SeenToken {
    pub info: TokenInfo,
    /// An error: they could not be read, and are asked for again.
    pub certificates: Result<Vec<CertificateObject>, Unread>,
}

/// Somebody is logged in through this module.
pub(crate) struct InUse(Arc<Use>);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.holders.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What goes on in a module's process.
#[derive(Default)]
pub(super) struct Use {
    /// Logins and tries.
    pub(super) holders: AtomicUsize,
    /// Held by whoever has a PIN tried or a login ended: these take long, and one waits for the other in the shim.
    pub(super) control: Arc<Mutex<()>>,
}

pub(super) enum Command {
    Reinitialize,
    LookAfresh,
    Look,
    Stop,
}

/// A configured module.
#[derive(Clone)]
pub(crate) struct ModuleHandle {
    config: Arc<ModuleConfig>,
    host: Arc<Host>,
    snapshot: watch::Receiver<Arc<ModuleSnapshot>>,
    commands: mpsc::UnboundedSender<Command>,
    probes: Arc<Semaphore>,
    used: Arc<Use>,
}

/// Starts supervising a module. The task ends after [`ModuleHandle::stop`].
pub(crate) fn start(config: ModuleConfig, host: Arc<Host>) -> (ModuleHandle, JoinHandle<()>) {
    let first = ModuleSnapshot {
        state: ModuleState::Starting,
        reason: String::new(),
        version: String::new(),
        restarts: 0,
        running: None,
    };
    let (publish, snapshot) = watch::channel(Arc::new(first));
    let (commands, inbox) = mpsc::unbounded_channel();
    let config = Arc::new(config);
    let used = Arc::new(Use::default());
    let supervisor = Supervisor::new(Arc::clone(&config), Arc::clone(&host), Arc::clone(&used), publish, inbox);
    let task = tokio::spawn(supervisor.run());
    (ModuleHandle { config, host, snapshot, commands, probes: Arc::new(Semaphore::new(1)), used }, task)
}

impl ModuleHandle {
    /// The module's name, from its file.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// Was it left alone after too many crashes?
    pub(crate) fn is_quarantined(&self) -> bool {
        self.snapshot.borrow().state == ModuleState::Quarantined
    }

    /// Was it configured like this?
    pub(crate) fn is_configured_as(&self, config: &ModuleConfig) -> bool {
        *self.config == *config
    }

    /// The module's file.
    pub(crate) fn profile(&self) -> &ModuleProfile {
        &self.config.profile
    }

    /// How this token of the module signs with SM2, if a profile fits it.
    pub(crate) fn sm2_profile(&self, token: &TokenInfo) -> Option<Sm2Profile> {
        let rule = self.config.sm2_rule(token)?;
        if !rule.verified {
            tracing::info!(module = self.name(), profile = rule.name, "SM2 by a profile that nobody ran on hardware");
        }
        Some(rule.profile)
    }

    /// How the module is, and a way to wait for a change.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<ModuleSnapshot>> {
        self.snapshot.clone()
    }

    /// The tokens with flags that can be relied on before a PIN try.
    pub(crate) async fn current_tokens(&self) -> Result<Vec<TokenInfo>, LinkError> {
        // A module that does not work is not started once more for this: it may be in quarantine.
        let running = self.snapshot.borrow().running.clone();
        let running = running.ok_or_else(|| LinkError::Broken("the module does not work at the moment".to_owned()))?;
        match self.config.profile.flags {
            FlagSource::Live => slots(&running.link, self.config.profile.timeouts.read()).await,
            FlagSource::Fresh => self.fresh_tokens().await,
        }
    }

    async fn fresh_tokens(&self) -> Result<Vec<TokenInfo>, LinkError> {
        let _one_at_a_time = self.probes.acquire().await.map_err(|error| LinkError::Broken(error.to_string()))?;
        probe(&self.host, &self.config.profile).await
    }

    /// Ends the module's process and starts it anew: it may hold sessions that nobody knows of.
    pub(crate) fn reinitialize(&self) {
        let _ = self.commands.send(Command::Reinitialize);
    }

    /// Something was plugged in or pulled out: look at the slots now.
    pub(crate) fn look(&self) {
        let _ = self.commands.send(Command::Look);
    }

    /// A fresh process does not see a token that the running one shows: its list of slots is frozen.
    pub(crate) fn lists_a_lost_token(&self) {
        let _ = self.commands.send(Command::LookAfresh);
    }

    /// As long as it is held, the module's process is not started anew only to see new tokens.
    pub(crate) fn hold(&self) -> InUse {
        self.used.holders.fetch_add(1, Ordering::Relaxed);
        InUse(Arc::clone(&self.used))
    }

    /// Waits for the turn to have a PIN tried or a login ended in this module; its time starts only then.
    pub(crate) async fn control_turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.used.control).lock_owned().await
    }

    /// Ends supervision and the module's process.
    pub(crate) fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}
