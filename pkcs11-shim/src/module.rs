//! The loaded module.

use std::path::Path;
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};
use ukey_shim_protocol::{Failure, FailureKind, Library};

use crate::failure;
use crate::raw::RawFunctions;
use crate::tokens::padding_removed;

/// Stack of a thread that calls the module, in bytes: what a main thread has, which is what vendors test with.
pub(crate) const STACK_SIZE: usize = 8 << 20;

/// An initialized module. Dropping it finalizes the module, which has to happen before the process exits: some crash
/// in their exit handlers otherwise. Every session must be gone by then.
pub(crate) struct Module {
    context: Pkcs11,
    raw: Arc<RawFunctions>,
}

impl Module {
    /// Loads and initializes a library, which may use its own locks and threads.
    pub(crate) fn load(library: &Path) -> Result<Self, Failure> {
        let context = Pkcs11::new(library).map_err(|error| failure::of_load(&error))?;
        let raw = RawFunctions::load(library).ok_or_else(|| failure::without_module(FailureKind::LoadFailed))?;
        context
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(|error| failure::of_load(&error))?;
        Ok(Self { context, raw: Arc::new(raw) })
    }

    /// What the library says of itself; nothing where it breaks the standard even there.
    pub(crate) fn library(&self) -> Library {
        match self.context.get_library_info() {
            Ok(info) => Library {
                manufacturer: padding_removed(info.manufacturer_id()),
                description: padding_removed(info.library_description()),
                version: (info.library_version().major(), info.library_version().minor()),
            },
            Err(_) => Library { manufacturer: String::new(), description: String::new(), version: (0, 0) },
        }
    }

    /// The slots with a token in them.
    pub(crate) fn slots(&self) -> Result<Vec<Slot>, Failure> {
        self.context.get_slots_with_token().map_err(|error| failure::of_call(&error))
    }

    /// `C_GetTokenInfo`, now.
    pub(crate) fn token_info(&self, slot: Slot) -> Result<TokenInfo, Failure> {
        self.context.get_token_info(slot).map_err(|error| failure::of_call(&error))
    }

    /// A read-only session; closed when dropped.
    pub(crate) fn open_session(&self, slot: Slot) -> Result<Session, Failure> {
        self.context.open_ro_session(slot).map_err(|error| failure::of_call(&error))
    }

    /// A read/write session; closed when dropped.
    pub(crate) fn open_rw_session(&self, slot: Slot) -> Result<Session, Failure> {
        self.context.open_rw_session(slot).map_err(|error| failure::of_call(&error))
    }

    /// The calls that take a PIN, and others that `cryptoki` lacks.
    pub(crate) fn raw(&self) -> &Arc<RawFunctions> {
        &self.raw
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // A module that can't finalize has nobody left to tell.
        let _ = self.context.clone().finalize();
    }
}
