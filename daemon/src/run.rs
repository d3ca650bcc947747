//! The daemon's life: configuration, bus, state, modules; then calls until a signal; then an orderly end.

use crate::arguments::Arguments;
use crate::audit::{AuditError, Journal, Retention};
use crate::bus::{self, Service, StartError};
use crate::config::{ConfigError, ModuleConfig, Settings, read_modules};
use crate::fleet::Launched;
use crate::modules::{Host, Presence, TrustedOwners};
use crate::state_dir::{StateDir, StateDirError};
use crate::token::Keyring;
use sd_notify::NotifyState;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use ukey_dbus::Bus;

const SHIM: &str = "/usr/libexec/ukeyd/ukey-pkcs11-shim";

/// Why the daemon ends with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    State(#[from] StateDirError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("the bus connection was lost")]
    BusLost,
}

/// Everything that is read before anything is done.
pub(crate) struct Plan {
    arguments: Arguments,
    settings: Settings,
    modules: Vec<ModuleConfig>,
}

impl Plan {
    /// Reads the configuration.
    pub(crate) fn read(arguments: Arguments) -> Result<Self, RunError> {
        let settings = Settings::read(arguments.config.as_deref(), &Arguments::default_config())?;
        let modules = read_modules(&arguments.module_folders())?;
        Ok(Self { arguments, settings, modules })
    }

    /// Log filter of the configuration.
    pub(crate) fn log(&self) -> Option<&str> {
        self.settings.log.as_deref()
    }

    /// Serves until SIGTERM or SIGINT. SIGHUP: the module files are read again.
    pub(crate) async fn run(self) -> Result<(), RunError> {
        let Self { arguments, settings, modules } = self;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let connection = bus::connect(&arguments.bus, arguments.authorizer).await?;
        if modules.is_empty() {
            tracing::warn!("no module is configured; no Key will be found");
        }
        let state = StateDir::open(&arguments.state_dir)?;
        let (present, presence) = watch::channel(Presence::Nobody);
        let host = Host {
            shim: shim_path(settings.shim.as_deref()),
            vendor_output: settings.vendor_output,
            state: state.path().to_owned(),
            owners: trusted_owners(&arguments.bus),
            presence,
            hears_usb: AtomicBool::new(false),
            probes: TaskTracker::new(),
        };
        // A library takes longer to load than everything that follows until it is needed.
        let launched = Launched::start(host, modules).await;
        let retention = Retention { keep: settings.audit.keep(), rows: settings.audit.max_records };
        let (journal, writer) = Journal::open(state.path(), retention)?;
        let keyring = Keyring::new(journal.clone(), settings.login.clone());
        let service =
            Service::start(connection, arguments.authorizer, settings, journal, Arc::clone(&keyring), present).await?;
        let mut fleet = launched.show(keyring, Arc::clone(&service)).await?;
        service.open(&fleet.handles()).await?;
        notify(NotifyState::Ready);
        tracing::info!(version = env!("CARGO_PKG_VERSION"), modules = fleet.handles().len(), "ready");

        let lost = loop {
            tokio::select! {
                _ = terminate.recv() => break false,
                _ = interrupt.recv() => break false,
                () = service.disconnected() => break true,
                () = fleet.usb_event() => {}
                () = service.awoken() => fleet.read_again(),
                _ = hangup.recv() => match read_modules(&arguments.module_folders()) {
                    Ok(modules) => {
                        service.reload();
                        fleet.reload(modules).await?;
                    }
                    Err(error) => tracing::error!(%error, "the modules stay as they are"),
                },
            }
        };
        tracing::info!("stopping");
        notify(NotifyState::Stopping);
        service.stop().await;
        fleet.stop().await;
        drop(service);
        writer.finish();
        if lost { Err(RunError::BusLost) } else { Ok(()) }
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not notified");
    }
}

/// On the system bus only root may own a library; on a private bus the user who runs the daemon too.
fn trusted_owners(bus: &Bus) -> TrustedOwners {
    if *bus == Bus::System {
        TrustedOwners::root_only()
    } else {
        TrustedOwners::root_and(rustix::process::getuid().as_raw())
    }
}

/// The configured shim, else the one beside our own program, else the installed one.
fn shim_path(configured: Option<&Path>) -> PathBuf {
    if let Some(path) = configured {
        return path.to_owned();
    }
    let beside = std::env::current_exe().ok().and_then(|program| {
        let path = program.parent()?.join("ukey-pkcs11-shim");
        path.is_file().then_some(path)
    });
    beside.unwrap_or_else(|| PathBuf::from(SHIM))
}
