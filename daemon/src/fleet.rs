//! All configured modules: started together, read again on request, ended together.

use crate::bus::{Service, StartError};
use crate::config::ModuleConfig;
use crate::modules::{self, Host, ModuleHandle, usb_events};
use crate::token::Keyring;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// After a USB event a Key may need a moment before it can be read.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// A module with the tasks that live as long as it.
struct Member {
    handle: ModuleHandle,
    tasks: Vec<JoinHandle<()>>,
}

/// Modules whose processes are on their way, before anyone sees them.
pub(crate) struct Launched {
    host: Arc<Host>,
    usb: Option<mpsc::Receiver<()>>,
    modules: Vec<(ModuleHandle, JoinHandle<()>)>,
}

impl Launched {
    /// Starts a process for every module. They load their libraries while the caller goes on with something else, and
    /// end when this is dropped.
    pub(crate) async fn start(host: Host, configs: Vec<ModuleConfig>) -> Self {
        let usb = usb_events();
        host.hears_usb.store(usb.is_some(), Ordering::Relaxed);
        let host = Arc::new(host);
        let modules = configs.into_iter().map(|config| modules::start(config, Arc::clone(&host))).collect();
        // The supervisors are tasks: they start the processes now.
        tokio::task::yield_now().await;
        Self { host, usb, modules }
    }

    /// Shows the modules on the bus and their Keys in the keyring.
    pub(crate) async fn show(self, keyring: Arc<Keyring>, service: Arc<Service>) -> Result<Fleet, StartError> {
        let Self { host, usb, modules } = self;
        let mut fleet = Fleet { host, keyring, service, members: Vec::new(), usb };
        for (handle, supervisor) in modules {
            fleet.add(handle, supervisor).await?;
        }
        Ok(fleet)
    }
}

/// The modules of this daemon.
pub(crate) struct Fleet {
    host: Arc<Host>,
    keyring: Arc<Keyring>,
    service: Arc<Service>,
    members: Vec<Member>,
    usb: Option<mpsc::Receiver<()>>,
}

impl Fleet {
    /// Handles of all modules.
    pub(crate) fn handles(&self) -> Vec<ModuleHandle> {
        self.members.iter().map(|member| member.handle.clone()).collect()
    }

    /// Makes the modules those of this configuration. One that did not change goes on, with its logins; one that was
    /// quarantined gets another chance.
    pub(crate) async fn reload(&mut self, configs: Vec<ModuleConfig>) -> Result<(), StartError> {
        let keep = |member: &Member| {
            !member.handle.is_quarantined() && configs.iter().any(|config| member.handle.is_configured_as(config))
        };
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.members).into_iter().partition(keep);
        self.members = kept;
        end(gone).await;
        for config in configs {
            if !self.members.iter().any(|member| member.handle.name() == config.name) {
                let (handle, supervisor) = modules::start(config, Arc::clone(&self.host));
                self.add(handle, supervisor).await?;
            }
        }
        tracing::info!(modules = self.members.len(), "modules read again");
        Ok(())
    }

    /// Waits for the kernel to tell of USB, then has every module look at its slots, and once more a moment later.
    pub(crate) async fn usb_event(&mut self) {
        let heard = match &mut self.usb {
            Some(events) => events.recv().await.is_some(),
            None => std::future::pending().await,
        };
        if heard {
            self.look();
        } else {
            self.usb = None;
            self.host.hears_usb.store(false, Ordering::Relaxed);
            // With a look, each module begins to be asked from time to time.
            self.look();
        }
    }

    /// Reads every Key anew: what was plugged in or changed while nobody could see it.
    pub(crate) fn read_again(&self) {
        self.look();
        self.keyring.read_again();
    }

    fn look(&self) {
        let modules = self.handles();
        modules.iter().for_each(ModuleHandle::look);
        tokio::spawn(async move {
            tokio::time::sleep(SECOND_LOOK).await;
            modules.iter().for_each(ModuleHandle::look);
        });
    }

    /// Ends them all.
    pub(crate) async fn stop(self) {
        end(self.members).await;
        self.host.probes.close();
        self.host.probes.wait().await;
    }

    async fn add(&mut self, handle: ModuleHandle, supervisor: JoinHandle<()>) -> Result<(), StartError> {
        let shown = self.service.show_module(&handle).await?;
        let followed = tokio::spawn(Arc::clone(&self.keyring).follow(handle.clone()));
        self.members.push(Member { handle, tasks: vec![supervisor, followed, shown] });
        Ok(())
    }
}

async fn end(members: Vec<Member>) {
    for member in &members {
        member.handle.stop();
    }
    for task in members.into_iter().flat_map(|member| member.tasks) {
        // A panic ends the service, and nothing cancels these.
        let _ = task.await;
    }
}
