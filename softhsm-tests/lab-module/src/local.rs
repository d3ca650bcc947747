//! What this process knows: its initialization, the real slots, its sessions.

use crate::control::KeyView;
use crate::real::forward;
use cryptoki_sys::{CK_SESSION_HANDLE, CK_SLOT_ID, CK_TOKEN_INFO, CK_TRUE, CKR_OK};
use std::collections::HashMap;
use std::ptr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// An open session.
#[derive(Clone)]
pub(crate) struct OpenSession {
    /// The Key's serial number.
    pub(crate) serial: String,
    /// The Key's generation when it was opened.
    pub(crate) generation: u64,
}

/// Everything that ends with `C_Finalize`.
#[derive(Default)]
pub(crate) struct Local {
    /// The lab's number of this initialization.
    pub(crate) instance: Option<u64>,
    /// By serial number.
    real_slots: HashMap<String, CK_SLOT_ID>,
    /// The last generation seen of each Key, by serial number.
    generations: HashMap<String, u64>,
    /// Sessions, the dead ones too.
    pub(crate) sessions: HashMap<CK_SESSION_HANDLE, OpenSession>,
    /// Labels of the SM2 keys that `C_SignInit` was called for and `C_Sign` not yet.
    pub(crate) sm2_signatures: HashMap<CK_SESSION_HANDLE, String>,
}

/// The one of this process. Not to be held during a call that may take long.
pub(crate) fn local() -> MutexGuard<'static, Local> {
    static LOCAL: LazyLock<Mutex<Local>> = LazyLock::new(Mutex::default);
    LOCAL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Local {
    /// Begins anew.
    pub(crate) fn initialized(instance: u64) -> Self {
        Self { instance: Some(instance), real_slots: read_real_slots(), ..Self::default() }
    }

    /// The real slot of a Key.
    pub(crate) fn real_slot(&self, serial: &str) -> Option<CK_SLOT_ID> {
        self.real_slots.get(serial).copied()
    }

    /// Notices that a Key was taken out since this process last saw it: its login and sessions are gone.
    pub(crate) fn catch_up(&mut self, key: &KeyView) {
        let seen = self.generations.insert(key.serial.clone(), key.generation);
        if seen.is_some_and(|generation| generation != key.generation)
            && let Some(slot) = self.real_slot(&key.serial)
        {
            forward!(C_CloseAllSessions(slot));
        }
    }
}

fn read_real_slots() -> HashMap<String, CK_SLOT_ID> {
    let mut count = 0;
    if forward!(C_GetSlotList(CK_TRUE, ptr::null_mut(), &raw mut count)) != CKR_OK {
        return HashMap::new();
    }
    let mut slots = vec![0; usize::try_from(count).unwrap_or_default()];
    if forward!(C_GetSlotList(CK_TRUE, slots.as_mut_ptr(), &raw mut count)) != CKR_OK {
        return HashMap::new();
    }
    slots.into_iter().filter_map(|slot| Some((serial_in(slot)?, slot))).collect()
}

fn serial_in(slot: CK_SLOT_ID) -> Option<String> {
    let mut info = CK_TOKEN_INFO::default();
    let result = forward!(C_GetTokenInfo(slot, &raw mut info));
    (result == CKR_OK).then(|| String::from_utf8_lossy(&info.serialNumber).trim_end().to_owned())
}
