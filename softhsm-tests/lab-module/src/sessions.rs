//! Sessions.

use crate::control::{Call, Place};
use crate::gate::{attempt, attempt_in};
use crate::local::{OpenSession, local};
use crate::real::forward;
use cryptoki_sys::{
    CK_FLAGS, CK_NOTIFY, CK_RV, CK_SESSION_HANDLE, CK_SESSION_HANDLE_PTR, CK_SESSION_INFO_PTR, CK_SLOT_ID, CK_VOID_PTR,
    CKR_OK,
};

/// `C_OpenSession`.
pub(crate) unsafe extern "C" fn open_session(
    slot: CK_SLOT_ID,
    flags: CK_FLAGS,
    application: CK_VOID_PTR,
    notify: CK_NOTIFY,
    session: CK_SESSION_HANDLE_PTR,
) -> CK_RV {
    attempt(Call::OpenSession, Place::Slot(slot), |gate| {
        let (key, real_slot) = gate.present()?;
        let result = forward!(C_OpenSession(real_slot, flags, application, notify, session));
        if result == CKR_OK {
            // SAFETY: the real module has just written the handle there.
            let handle = unsafe { *session };
            let opened = OpenSession { serial: key.serial.clone(), generation: key.generation };
            local().sessions.insert(handle, opened);
        }
        Ok(result)
    })
}

/// `C_CloseSession`.
pub(crate) unsafe extern "C" fn close_session(session: CK_SESSION_HANDLE) -> CK_RV {
    attempt_in(session, Call::CloseSession, |_| {
        let result = forward!(C_CloseSession(session));
        if result == CKR_OK {
            local().sessions.remove(&session);
        }
        Ok(result)
    })
}

/// `C_CloseAllSessions`.
pub(crate) unsafe extern "C" fn close_all_sessions(slot: CK_SLOT_ID) -> CK_RV {
    attempt(Call::CloseAllSessions, Place::Slot(slot), |gate| {
        let (key, real_slot) = gate.present()?;
        let result = forward!(C_CloseAllSessions(real_slot));
        if result == CKR_OK {
            local().sessions.retain(|_, session| session.serial != key.serial);
        }
        Ok(result)
    })
}

/// `C_GetSessionInfo`. The slot in it is the real module's: a caller knows which slot it opened.
pub(crate) unsafe extern "C" fn get_session_info(session: CK_SESSION_HANDLE, info: CK_SESSION_INFO_PTR) -> CK_RV {
    attempt_in(session, Call::GetSessionInfo, |_| Ok(forward!(C_GetSessionInfo(session, info))))
}
