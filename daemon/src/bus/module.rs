//! `org.ukeyd.UKey1.Module`.

use crate::modules::{ModuleHandle, ModuleSnapshot};
use std::sync::Arc;
use tokio::sync::watch;
use ukey_formats::text::one_line;

/// A configured module.
pub(super) struct ModuleObject {
    module: ModuleHandle,
    snapshot: watch::Receiver<Arc<ModuleSnapshot>>,
}

impl ModuleObject {
    pub(super) fn new(module: ModuleHandle) -> Self {
        let snapshot = module.watch();
        Self { module, snapshot }
    }
}

#[zbus::interface(name = "org.ukeyd.UKey1.Module")]
impl ModuleObject {
    #[zbus(property)]
    fn name(&self) -> String {
        self.module.name().to_owned()
    }

    #[zbus(property)]
    fn library(&self) -> String {
        self.module.profile().library.display().to_string()
    }

    #[zbus(property)]
    fn version(&self) -> String {
        self.snapshot.borrow().version.clone()
    }

    #[zbus(property)]
    fn state(&self) -> String {
        self.snapshot.borrow().state.to_string()
    }

    #[zbus(property)]
    fn reason(&self) -> String {
        one_line(&self.snapshot.borrow().reason, 400)
    }

    #[zbus(property)]
    fn restarts(&self) -> u32 {
        self.snapshot.borrow().restarts
    }

    #[zbus(property)]
    fn verified(&self) -> bool {
        self.module.profile().verified
    }
}
