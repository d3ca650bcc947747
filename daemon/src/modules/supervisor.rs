//! One task per module: starts its shim, reads its tokens, restarts it when it fails, and says how things are.

use super::link::{Link, LinkError, LinkEvent};
use super::process::ShimProcess;
use super::trust::TrustedOwners;
use crate::config::{FlagSource, ModuleConfig, ModuleProfile};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};
use ukey_dbus::ModuleState;
use ukey_shim_protocol::{CertificateObject, FailureKind, Library, Reply, Request, TokenInfo, VERSION};

/// Time between two looks at the slots of a module that sends no events.
const POLL: Duration = Duration::from_secs(2);
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
const BACK_OFF_MAX: Duration = Duration::from_secs(60);

/// What every shim needs.
pub(crate) struct Host {
    /// Path of the shim program.
    pub shim: PathBuf,
    /// Let modules write to our stdout and stderr.
    pub vendor_output: bool,
    /// Who may own a library.
    pub owners: TrustedOwners,
}

/// How a module is at this moment.
#[derive(Clone)]
pub(crate) struct ModuleSnapshot {
    pub state: ModuleState,
    /// Why it failed; empty when it did not.
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

/// A token as the running module shows it.
#[derive(Debug)]
pub(crate) struct SeenToken {
    pub info: TokenInfo,
    pub certificates: Vec<CertificateObject>,
}

enum Command {
    Reinitialize,
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
    let supervisor = Supervisor { config: Arc::clone(&config), host: Arc::clone(&host), publish, inbox };
    let task = tokio::spawn(supervisor.run());
    (ModuleHandle { config, host, snapshot, commands, probes: Arc::new(Semaphore::new(1)) }, task)
}

impl ModuleHandle {
    /// The module's name, from its file.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// The module's file.
    pub(crate) fn profile(&self) -> &ModuleProfile {
        &self.config.profile
    }

    /// How the module is, and a way to wait for a change.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<ModuleSnapshot>> {
        self.snapshot.clone()
    }

    /// The tokens with flags that can be relied on before a PIN try.
    pub(crate) async fn current_tokens(&self) -> Result<Vec<TokenInfo>, LinkError> {
        let running = self.snapshot.borrow().running.clone();
        match running {
            Some(running) if self.config.profile.flags == FlagSource::Live => {
                slots(&running.link, self.config.profile.timeouts.read()).await
            }
            _ => self.fresh_tokens().await,
        }
    }

    /// The tokens as a process sees them that was started just now: modules cache flags and slot lists.
    async fn fresh_tokens(&self) -> Result<Vec<TokenInfo>, LinkError> {
        let _one_at_a_time = self.probes.acquire().await.map_err(|error| LinkError::Broken(error.to_string()))?;
        let (process, link, _events) = launch(&self.host, &self.config.profile)?;
        let timeouts = &self.config.profile.timeouts;
        let tokens = async {
            hello(&link, &self.config.profile).await?;
            slots(&link, timeouts.read()).await
        }
        .await;
        link.close();
        // A probe that hangs has told its answer or its time is up; nobody waits for its end.
        tokio::spawn(process.end());
        tokens
    }

    /// Ends the module's process and starts it anew: it no longer sees what a fresh process sees.
    pub(crate) fn reinitialize(&self) {
        let _ = self.commands.send(Command::Reinitialize);
    }

    /// Ends supervision and the module's process.
    pub(crate) fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}

/// Why a run of a module's process is over.
enum RunEnd {
    Stop,
    Reinitialize,
    Failed(LinkError),
}

struct Supervisor {
    config: Arc<ModuleConfig>,
    host: Arc<Host>,
    publish: watch::Sender<Arc<ModuleSnapshot>>,
    inbox: mpsc::UnboundedReceiver<Command>,
}

impl Supervisor {
    #[tracing::instrument(name = "module", skip_all, fields(module = self.config.name))]
    async fn run(mut self) {
        let mut back_off = BACK_OFF_FIRST;
        loop {
            match self.run_once().await {
                RunEnd::Stop => return,
                RunEnd::Reinitialize => self.update(|snapshot| snapshot.state = ModuleState::Starting),
                RunEnd::Failed(error) => {
                    let was_ready = self.publish.borrow().state == ModuleState::Ready;
                    let reason = load_reason(&error);
                    tracing::warn!(reason, "module failed");
                    self.update(|snapshot| {
                        snapshot.state = ModuleState::Failed;
                        snapshot.reason = reason;
                    });
                    back_off = if was_ready { BACK_OFF_FIRST } else { (back_off * 2).min(BACK_OFF_MAX) };
                    tokio::select! {
                        () = sleep(back_off) => {}
                        command = self.inbox.recv() => if !matches!(command, Some(Command::Reinitialize)) { return },
                    }
                }
            }
            self.update(|snapshot| snapshot.restarts += 1);
        }
    }

    /// One life of the module's process.
    async fn run_once(&mut self) -> RunEnd {
        let (mut process, link, events) = match launch(&self.host, &self.config.profile) {
            Ok(launched) => launched,
            Err(error) => return RunEnd::Failed(error),
        };
        tracing::debug!(pid = process.id(), "shim started");
        let end = tokio::select! {
            served = self.serve(&link, events) => served.unwrap_or_else(RunEnd::Failed),
            // A child forked by the module may hold the socket open, so its end alone would not show this.
            how = process.ended() => RunEnd::Failed(LinkError::Broken(format!("the module's process ended ({how})"))),
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
        let library = hello(link, &self.config.profile).await?;
        let mut tokens = self.scan(link, &[]).await?;
        let version = format!("{}.{}", library.version.0, library.version.1);
        tracing::info!(version, tokens = tokens.len(), "module ready");
        self.update(|snapshot| {
            snapshot.state = ModuleState::Ready;
            snapshot.reason = String::new();
            snapshot.version = version;
            snapshot.running = Some(Running { link: link.clone(), tokens: tokens.clone() });
        });
        let mut next_look = Instant::now() + POLL;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(LinkEvent::SlotsChanged) => {}
                    Some(LinkEvent::Ended(reason)) => return Err(reason),
                    None => return Err(LinkError::Broken("the link was closed".to_owned())),
                },
                command = self.inbox.recv() => match command {
                    Some(Command::Reinitialize) => return Ok(RunEnd::Reinitialize),
                    Some(Command::Stop) | None => return Ok(RunEnd::Stop),
                },
                () = sleep_until(next_look) => {}
            }
            let seen = self.scan(link, &tokens).await?;
            if !same(&tokens, &seen) {
                tokens = seen;
                let running = Running { link: link.clone(), tokens: tokens.clone() };
                self.update(|snapshot| snapshot.running = Some(running));
            }
            next_look = Instant::now() + POLL;
        }
    }

    /// Lists the tokens; reads the certificates of those that were not there before.
    async fn scan(&self, link: &Link, known: &[Arc<SeenToken>]) -> Result<Vec<Arc<SeenToken>>, LinkError> {
        let limit = self.config.profile.timeouts.read();
        let mut seen = Vec::new();
        for info in slots(link, limit).await? {
            if let Some(same) = known.iter().find(|token| token.info == info) {
                seen.push(Arc::clone(same));
                continue;
            }
            let before = known.iter().find(|token| token.info.token == info.token);
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
    before.len() == after.len() && before.iter().zip(after).all(|(before, after)| before.info == after.info)
}

type Launched = (ShimProcess, Link, mpsc::UnboundedReceiver<LinkEvent>);

/// Checks the library's path and starts a shim for it. Nothing is loaded yet.
fn launch(host: &Host, profile: &ModuleProfile) -> Result<Launched, LinkError> {
    let library = host.owners.check(&profile.library).map_err(|error| LinkError::Broken(error.to_string()))?;
    let start = || {
        let (process, socket) = ShimProcess::start(&host.shim, &library, profile, host.vendor_output)?;
        let (sender, events) = mpsc::unbounded_channel();
        Ok((process, Link::start(socket, sender)?, events))
    };
    start().map_err(|error: std::io::Error| {
        LinkError::Broken(format!("{} cannot be started: {error}", host.shim.display()))
    })
}

async fn hello(link: &Link, profile: &ModuleProfile) -> Result<Library, LinkError> {
    let request = Request::Hello { version: VERSION, sessions: profile.sessions };
    match link.submit(request, profile.timeouts.start(), None).await? {
        Reply::Hello { version: VERSION, library } => Ok(library),
        reply => Err(unexpected(&reply)),
    }
}

async fn slots(link: &Link, limit: Duration) -> Result<Vec<TokenInfo>, LinkError> {
    match link.submit(Request::Slots, limit, None).await? {
        Reply::Slots(tokens) => Ok(tokens),
        reply => Err(unexpected(&reply)),
    }
}

/// A token that refuses to show its certificates, or was pulled out meanwhile, has none; the next look tells more.
async fn objects(link: &Link, info: &TokenInfo, limit: Duration) -> Result<Vec<CertificateObject>, LinkError> {
    if !info.flags.initialized {
        return Ok(Vec::new());
    }
    match link.submit(Request::Objects { token: info.token }, limit, None).await {
        Ok(Reply::Objects(objects)) => Ok(objects),
        Ok(reply) => Err(unexpected(&reply)),
        Err(LinkError::Refused(failure)) => {
            tracing::warn!(%failure, "certificates cannot be read");
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

fn unexpected(reply: &Reply) -> LinkError {
    let name = match reply {
        Reply::Hello { .. } => "Hello",
        Reply::Slots(_) => "Slots",
        Reply::Objects(_) => "Objects",
        Reply::Done => "Done",
        Reply::Signatures(_) => "Signatures",
    };
    LinkError::Broken(format!("unexpected reply {name}"))
}

/// Why a module could not be loaded, for a person.
fn load_reason(error: &LinkError) -> String {
    match error {
        LinkError::Refused(failure) if failure.kind == FailureKind::LoadFailed && failure.return_value == 0 => {
            "the library cannot be loaded: it is no PKCS#11 module for this machine, or lacks a library it needs"
                .to_owned()
        }
        LinkError::Refused(failure) if failure.kind == FailureKind::LoadFailed => {
            format!("C_Initialize failed with return value 0x{:x}", failure.return_value)
        }
        error => error.to_string(),
    }
}
