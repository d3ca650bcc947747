//! The daemon's life: configuration, bus, state, modules; then calls until a signal; then an orderly end.

use crate::arguments::Arguments;
use crate::audit::{AuditError, Journal};
use crate::bus::{self, AuthorizerKind, Bus, Service, StartError};
use crate::config::{ConfigError, ModuleConfig, Settings, read_modules};
use crate::modules::{self, Host, TrustedOwners};
use crate::state_dir::{StateDir, StateDirError};
use crate::token::Keyring;
use sd_notify::NotifyState;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

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

    /// Serves until SIGTERM or SIGINT.
    pub(crate) async fn run(self) -> Result<(), RunError> {
        let Self { arguments, settings, modules } = self;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let connection = bus::connect(&arguments.bus, arguments.authorizer).await?;
        if modules.is_empty() {
            tracing::warn!("no module is configured; no Key will be found");
        }
        let state = StateDir::open(&arguments.state_dir)?;
        let (journal, writer) = Journal::open(state.path())?;
        let keyring = Keyring::new(journal.clone(), settings.login.clone());
        let host = Arc::new(Host {
            shim: shim_path(settings.shim.as_deref()),
            vendor_output: settings.vendor_output,
            owners: trusted_owners(&arguments),
        });
        let (handles, supervisors): (Vec<_>, Vec<_>) =
            modules.into_iter().map(|module| modules::start(module, Arc::clone(&host))).unzip();
        for handle in &handles {
            tokio::spawn(Arc::clone(&keyring).follow(handle.clone()));
        }
        let service = Service::start(connection, arguments.authorizer, settings, journal, keyring, &handles).await?;
        notify(NotifyState::Ready);
        tracing::info!(version = env!("CARGO_PKG_VERSION"), modules = handles.len(), "ready");

        let lost = tokio::select! {
            _ = terminate.recv() => false,
            _ = interrupt.recv() => false,
            () = service.disconnected() => true,
        };
        tracing::info!("stopping");
        notify(NotifyState::Stopping);
        service.stop().await;
        for handle in &handles {
            handle.stop();
        }
        for supervisor in supervisors {
            // One that panicked has nothing left to stop.
            let _ = supervisor.await;
        }
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
fn trusted_owners(arguments: &Arguments) -> TrustedOwners {
    if arguments.bus == Bus::System && arguments.authorizer == AuthorizerKind::Polkit {
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
