//! The way into a call: the lab is asked, faults happen, the Key is looked at.

use crate::client;
use crate::control::{Answer, Ask, Call, Fault, KeyView, Place};
use crate::fault::obey;
use crate::local::{OpenSession, local};
use cryptoki_sys::{
    CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID, CK_ULONG, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED,
    CKR_SESSION_HANDLE_INVALID, CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_PRESENT,
};

/// A call that was let in.
pub(crate) struct Gate {
    instance: u64,
    key: Option<KeyView>,
    faults: Vec<Fault>,
}

/// Runs a call of an initialized module.
pub(crate) fn attempt(call: Call, place: Place, run: impl FnOnce(&Gate) -> Result<CK_RV, CK_RV>) -> CK_RV {
    let Some(instance) = local().instance else { return CKR_CRYPTOKI_NOT_INITIALIZED };
    attempt_as(instance, call, place, run)
}

/// Runs a call in a session.
pub(crate) fn attempt_in(
    session: CK_SESSION_HANDLE,
    call: Call,
    run: impl FnOnce(&Gate) -> Result<CK_RV, CK_RV>,
) -> CK_RV {
    let known = local().sessions.get(&session).cloned();
    let place = known.as_ref().map_or(Place::Nowhere, |session| Place::Key(session.serial.clone()));
    attempt(call, place, |gate| {
        // One that isn't known is for the real module to refuse.
        if let Some(session) = &known {
            gate.check(session)?;
        }
        run(gate)
    })
}

/// Runs a call for this initialization, 0 for none.
pub(crate) fn attempt_as(
    instance: u64,
    call: Call,
    place: Place,
    run: impl FnOnce(&Gate) -> Result<CK_RV, CK_RV>,
) -> CK_RV {
    let Some(Answer::Orders { before, after, key }) = client::ask(instance, Ask::Begin { call, place }) else {
        return CKR_DEVICE_ERROR;
    };
    if let Err(code) = obey(&before) {
        return code;
    }
    if let Some(key) = &key {
        local().catch_up(key);
    }
    let gate = Gate { instance, key, faults: [before, after.clone()].concat() };
    let result = run(&gate).unwrap_or_else(|code| code);
    obey(&after).map_or_else(|code| code, |()| result)
}

impl Gate {
    /// Asks the lab more about this call.
    pub(crate) fn ask(&self, ask: Ask) -> Result<Answer, CK_RV> {
        match client::ask(self.instance, ask) {
            Some(Answer::Refused(code)) => Err(code.0 as CK_RV),
            Some(answer) => Ok(answer),
            None => Err(CKR_DEVICE_ERROR),
        }
    }

    /// The Key, present or not.
    pub(crate) fn key(&self) -> Result<&KeyView, CK_RV> {
        self.key.as_ref().ok_or(CKR_SLOT_ID_INVALID)
    }

    /// The Key and its slot in the real module, when it is plugged in.
    pub(crate) fn present(&self) -> Result<(&KeyView, CK_SLOT_ID), CK_RV> {
        let key = self.key()?;
        if !key.present {
            return Err(CKR_TOKEN_NOT_PRESENT);
        }
        let slot = local().real_slot(&key.serial).ok_or(CKR_DEVICE_ERROR)?;
        Ok((key, slot))
    }

    /// Is this wrong with the call's answer?
    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    /// The count or length to report instead of the true one.
    pub(crate) fn count(&self) -> Option<CK_ULONG> {
        self.faults.iter().find_map(|fault| if let Fault::Count(count) = fault { Some(*count) } else { None })
    }

    /// The length that values should have.
    pub(crate) fn large_value(&self) -> Option<CK_ULONG> {
        self.faults.iter().find_map(|fault| if let Fault::LargeValue(length) = fault { Some(*length) } else { None })
    }

    fn check(&self, session: &OpenSession) -> Result<(), CK_RV> {
        let key = self.key.as_ref().ok_or(CKR_SESSION_HANDLE_INVALID)?;
        if !key.present {
            Err(CKR_DEVICE_REMOVED)
        } else if key.generation != session.generation {
            Err(CKR_SESSION_HANDLE_INVALID)
        } else {
            Ok(())
        }
    }
}
