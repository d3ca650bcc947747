//! Calls with a PIN: counted by the lab, which decides what the caller is told.

use crate::control::{Answer, Ask, Call, Fault, Outcome, Who};
use crate::gate::{Gate, attempt_in};
use crate::real::forward;
use cryptoki_sys::{
    CK_RV, CK_SESSION_HANDLE, CK_SESSION_INFO, CK_ULONG, CK_USER_TYPE, CK_UTF8CHAR_PTR, CKR_DEVICE_ERROR, CKR_OK,
    CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LOCKED, CKR_USER_TYPE_INVALID, CKS_RW_SO_FUNCTIONS,
    CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER,
};

/// `C_Login`.
pub(crate) unsafe extern "C" fn login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: CK_UTF8CHAR_PTR,
    length: CK_ULONG,
) -> CK_RV {
    let who = match user {
        CKU_USER => Who::User,
        CKU_SO => Who::So,
        CKU_CONTEXT_SPECIFIC => Who::Context,
        _ => return CKR_USER_TYPE_INVALID,
    };
    attempt_in(session, Call::Login(who), |gate| {
        if gate.has(&Fault::AlwaysRight) {
            forward!(C_Login(session, user, pin, length));
            return Ok(CKR_OK);
        }
        let mut typed = typed_on_key(gate, who, [pin])?;
        let (pin, length) = match &mut typed {
            Some([typed]) => (typed.as_mut_ptr(), typed.len() as CK_ULONG),
            None => (pin, length),
        };
        tried(gate, who, || forward!(C_Login(session, user, pin, length)))
    })
}

/// `C_Logout`.
pub(crate) unsafe extern "C" fn logout(session: CK_SESSION_HANDLE) -> CK_RV {
    attempt_in(session, Call::Logout, |_| Ok(forward!(C_Logout(session))))
}

/// `C_SetPIN`: whose PIN depends on who is logged in.
pub(crate) unsafe extern "C" fn set_pin(
    session: CK_SESSION_HANDLE,
    old: CK_UTF8CHAR_PTR,
    old_length: CK_ULONG,
    new: CK_UTF8CHAR_PTR,
    new_length: CK_ULONG,
) -> CK_RV {
    let who = whose(session);
    attempt_in(session, Call::SetPin(who), |gate| {
        let mut typed = typed_on_key(gate, who, [old, new])?;
        let (old, old_length, new, new_length) = match &mut typed {
            Some([old, new]) => (old.as_mut_ptr(), old.len() as CK_ULONG, new.as_mut_ptr(), new.len() as CK_ULONG),
            None => (old, old_length, new, new_length),
        };
        tried(gate, who, || forward!(C_SetPIN(session, old, old_length, new, new_length)))
    })
}

/// `C_InitPIN`: no try of any PIN, and the user's counter is full again.
pub(crate) unsafe extern "C" fn init_pin(session: CK_SESSION_HANDLE, pin: CK_UTF8CHAR_PTR, length: CK_ULONG) -> CK_RV {
    attempt_in(session, Call::InitPin, |gate| {
        let mut typed = typed_on_key(gate, Who::So, [pin])?;
        let (pin, length) = match &mut typed {
            Some([typed]) => (typed.as_mut_ptr(), typed.len() as CK_ULONG),
            None => (pin, length),
        };
        let result = forward!(C_InitPIN(session, pin, length));
        if result == CKR_OK {
            gate.ask(Ask::PinSet { serial: gate.key()?.serial.clone() })?;
        }
        Ok(result)
    })
}

fn whose(session: CK_SESSION_HANDLE) -> Who {
    let mut info = CK_SESSION_INFO::default();
    let result = forward!(C_GetSessionInfo(session, &raw mut info));
    if result == CKR_OK && info.state == CKS_RW_SO_FUNCTIONS { Who::So } else { Who::User }
}

/// Makes the one real try, between two words with the lab.
fn tried(gate: &Gate, who: Who, real: impl FnOnce() -> CK_RV) -> Result<CK_RV, CK_RV> {
    gate.ask(Ask::Try { serial: gate.key()?.serial.clone(), who })?;
    let result = real();
    let outcome = match result {
        CKR_OK => Outcome::Right,
        CKR_PIN_INCORRECT | CKR_PIN_INVALID | CKR_PIN_LOCKED => Outcome::Wrong,
        _ => Outcome::NotTried,
    };
    gate.ask(Ask::Tried { outcome }).map(|_| result)
}

/// What is typed on a Key with a keypad, which takes no PIN from the caller; `None` for other Keys.
fn typed_on_key<const N: usize>(
    gate: &Gate,
    who: Who,
    from_caller: [CK_UTF8CHAR_PTR; N],
) -> Result<Option<[Vec<u8>; N]>, CK_RV> {
    let Ok(key) = gate.key() else { return Ok(None) };
    if !key.keypad {
        return Ok(None);
    }
    if from_caller.iter().any(|pin| !pin.is_null()) {
        return Err(cryptoki_sys::CKR_ARGUMENTS_BAD);
    }
    let Answer::Typed(pins) = gate.ask(Ask::Type { serial: key.serial.clone(), who, entries: N })? else {
        return Err(CKR_DEVICE_ERROR);
    };
    let pins: Vec<Vec<u8>> = pins.into_iter().map(String::into_bytes).collect();
    pins.try_into().map(Some).map_err(|_| CKR_DEVICE_ERROR)
}
