//! Initialization, slots, tokens.

use crate::control::{Answer, Ask, Call, Fault, KeyView, PinFlags, Place};
use crate::gate::{attempt, attempt_as};
use crate::local::{Local, local};
use crate::real::forward;
use cryptoki_sys::{
    CK_BBOOL, CK_FALSE, CK_FLAGS, CK_MECHANISM_INFO_PTR, CK_MECHANISM_TYPE, CK_MECHANISM_TYPE_PTR, CK_RV, CK_SLOT_ID,
    CK_SLOT_ID_PTR, CK_SLOT_INFO, CK_SLOT_INFO_PTR, CK_TOKEN_INFO, CK_TOKEN_INFO_PTR, CK_ULONG, CK_ULONG_PTR,
    CK_UTF8CHAR_PTR, CK_VOID_PTR, CKF_DONT_BLOCK, CKF_PROTECTED_AUTHENTICATION_PATH, CKF_REMOVABLE_DEVICE,
    CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED, CKF_SO_PIN_TO_BE_CHANGED, CKF_TOKEN_PRESENT,
    CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKF_USER_PIN_TO_BE_CHANGED, CKR_ARGUMENTS_BAD,
    CKR_BUFFER_TOO_SMALL, CKR_DEVICE_ERROR, CKR_FUNCTION_NOT_SUPPORTED, CKR_NO_EVENT, CKR_OK,
};

const USER_FLAGS: [CK_FLAGS; 4] =
    [CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKF_USER_PIN_TO_BE_CHANGED];
const SO_FLAGS: [CK_FLAGS; 4] =
    [CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED, CKF_SO_PIN_TO_BE_CHANGED];

/// No byte of it is in any UTF-8 text.
const NOT_UTF8: u8 = 0xff;

/// `C_Initialize`.
pub(crate) unsafe extern "C" fn initialize(arguments: CK_VOID_PTR) -> CK_RV {
    attempt_as(0, Call::Initialize, Place::Nowhere, |gate| {
        let result = forward!(C_Initialize(arguments));
        if result == CKR_OK {
            let Answer::Instance(instance) = gate.ask(Ask::Join)? else { return Err(CKR_DEVICE_ERROR) };
            *local() = Local::initialized(instance);
        }
        Ok(result)
    })
}

/// `C_Finalize`; ends a wait for events in another thread.
pub(crate) unsafe extern "C" fn finalize(reserved: CK_VOID_PTR) -> CK_RV {
    attempt(Call::Finalize, Place::Nowhere, |gate| {
        *local() = Local::default();
        let left = gate.ask(Ask::Leave);
        let result = forward!(C_Finalize(reserved));
        left.map(|_| result)
    })
}

/// `C_GetSlotList`.
pub(crate) unsafe extern "C" fn get_slot_list(present: CK_BBOOL, list: CK_SLOT_ID_PTR, count: CK_ULONG_PTR) -> CK_RV {
    attempt(Call::GetSlotList, Place::Nowhere, |gate| {
        if count.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        let Answer::Slots(slots) = gate.ask(Ask::Slots)? else { return Err(CKR_DEVICE_ERROR) };
        let wanted = slots.into_iter().filter(|(_, filled)| present == CK_FALSE || *filled);
        let ids: Vec<CK_SLOT_ID> = wanted.map(|(slot, _)| slot).collect();
        let length = ids.len() as CK_ULONG;
        // SAFETY: `count` is not null; by the standard it points to the caller's count, and `list`, when not null, to
        // that many ids; no more than these are written.
        unsafe {
            if !list.is_null() {
                if *count < length {
                    *count = length;
                    return Err(CKR_BUFFER_TOO_SMALL);
                }
                list.copy_from_nonoverlapping(ids.as_ptr(), ids.len());
            }
            *count = gate.count().unwrap_or(length);
        }
        Ok(CKR_OK)
    })
}

/// `C_GetSlotInfo`.
pub(crate) unsafe extern "C" fn get_slot_info(slot: CK_SLOT_ID, info: CK_SLOT_INFO_PTR) -> CK_RV {
    attempt(Call::GetSlotInfo, Place::Slot(slot), |gate| {
        let key = gate.key()?;
        if info.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        let mut answer = CK_SLOT_INFO { flags: CKF_REMOVABLE_DEVICE, ..CK_SLOT_INFO::default() };
        if key.present {
            answer.flags |= CKF_TOKEN_PRESENT;
        }
        fill(&mut answer.slotDescription, "lab slot");
        fill(&mut answer.manufacturerID, "lab");
        if gate.has(&Fault::NotUtf8) {
            answer.slotDescription.fill(NOT_UTF8);
            answer.manufacturerID.fill(NOT_UTF8);
        }
        // SAFETY: not null, and by the standard room for one CK_SLOT_INFO.
        unsafe { info.write(answer) };
        Ok(CKR_OK)
    })
}

/// `C_GetTokenInfo`.
pub(crate) unsafe extern "C" fn get_token_info(slot: CK_SLOT_ID, info: CK_TOKEN_INFO_PTR) -> CK_RV {
    attempt(Call::GetTokenInfo, Place::Slot(slot), |gate| {
        let (key, real_slot) = gate.present()?;
        let result = forward!(C_GetTokenInfo(real_slot, info));
        if result == CKR_OK {
            // SAFETY: the real module has just filled it.
            let info = unsafe { &mut *info };
            change(info, key);
            if gate.has(&Fault::NotUtf8) {
                info.label.fill(NOT_UTF8);
                info.manufacturerID.fill(NOT_UTF8);
                info.model.fill(NOT_UTF8);
                info.serialNumber.fill(NOT_UTF8);
            }
        }
        Ok(result)
    })
}

fn change(info: &mut CK_TOKEN_INFO, key: &KeyView) {
    info.flags = with(with(info.flags, USER_FLAGS, key.user), SO_FLAGS, key.so);
    if key.keypad {
        info.flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    }
    if let Some(label) = &key.label {
        fill(&mut info.label, label);
    }
    if let Some(model) = &key.model {
        fill(&mut info.model, model);
    }
    if let Some(serial) = &key.shown_serial {
        fill(&mut info.serialNumber, serial);
    }
}

fn with(flags: CK_FLAGS, [low, final_try, locked, to_be_changed]: [CK_FLAGS; 4], pin: PinFlags) -> CK_FLAGS {
    let states = [(low, pin.low), (final_try, pin.final_try), (locked, pin.locked), (to_be_changed, pin.to_be_changed)];
    states.into_iter().fold(flags, |flags, (bit, set)| if set { flags | bit } else { flags & !bit })
}

/// Writes a text of fixed width, filled up with blanks.
fn fill(field: &mut [u8], text: &str) {
    field.fill(b' ');
    for (to, from) in field.iter_mut().zip(text.bytes()) {
        *to = from;
    }
}

/// `C_WaitForSlotEvent`.
pub(crate) unsafe extern "C" fn wait_for_slot_event(
    flags: CK_FLAGS,
    slot: CK_SLOT_ID_PTR,
    reserved: CK_VOID_PTR,
) -> CK_RV {
    attempt(Call::WaitForSlotEvent, Place::Nowhere, |gate| {
        if slot.is_null() || !reserved.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        match gate.ask(Ask::WaitForEvent { at_once: flags & CKF_DONT_BLOCK != 0 })? {
            Answer::Event(Some(changed)) => {
                // SAFETY: not null, and by the standard room for one slot id.
                unsafe { slot.write(changed) };
                Ok(CKR_OK)
            }
            Answer::Event(None) => Err(CKR_NO_EVENT),
            _ => Err(CKR_DEVICE_ERROR),
        }
    })
}

/// `C_GetMechanismList`.
pub(crate) unsafe extern "C" fn get_mechanism_list(
    slot: CK_SLOT_ID,
    list: CK_MECHANISM_TYPE_PTR,
    count: CK_ULONG_PTR,
) -> CK_RV {
    attempt(Call::GetMechanismList, Place::Slot(slot), |gate| {
        let (_, real_slot) = gate.present()?;
        let result = forward!(C_GetMechanismList(real_slot, list, count));
        if let Some(wrong) = gate.count().filter(|_| result == CKR_OK) {
            // SAFETY: the real module has just written the count there.
            unsafe { *count = wrong };
        }
        Ok(result)
    })
}

/// `C_GetMechanismInfo`.
pub(crate) unsafe extern "C" fn get_mechanism_info(
    slot: CK_SLOT_ID,
    mechanism: CK_MECHANISM_TYPE,
    info: CK_MECHANISM_INFO_PTR,
) -> CK_RV {
    attempt(Call::GetMechanismInfo, Place::Slot(slot), |gate| {
        let (_, real_slot) = gate.present()?;
        Ok(forward!(C_GetMechanismInfo(real_slot, mechanism, info)))
    })
}

/// `C_InitToken`.
pub(crate) unsafe extern "C" fn init_token(
    slot: CK_SLOT_ID,
    _pin: CK_UTF8CHAR_PTR,
    _length: CK_ULONG,
    _label: CK_UTF8CHAR_PTR,
) -> CK_RV {
    attempt(Call::InitToken, Place::Slot(slot), |_| Err(CKR_FUNCTION_NOT_SUPPORTED))
}

/// `C_GetFunctionList`, in the list itself.
pub(crate) unsafe extern "C" fn get_function_list(list: cryptoki_sys::CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    // SAFETY: the same contract.
    unsafe { crate::C_GetFunctionList(list) }
}
