//! The function list: the real module's, with our functions in the places where the lab has a word.

use crate::{objects, pins, real, sessions, slots};
use cryptoki_sys::CK_FUNCTION_LIST;
use std::sync::OnceLock;

/// A pointer to the list, valid as long as the process; `None` when the real module can't be loaded. Callers only read
/// it, although the standard's type says otherwise.
pub(crate) fn functions() -> Option<*mut CK_FUNCTION_LIST> {
    static TABLE: OnceLock<Option<CK_FUNCTION_LIST>> = OnceLock::new();
    let table = TABLE.get_or_init(|| real::functions().map(changed)).as_ref()?;
    Some(std::ptr::from_ref(table).cast_mut())
}

fn changed(real: &CK_FUNCTION_LIST) -> CK_FUNCTION_LIST {
    CK_FUNCTION_LIST {
        C_Initialize: Some(slots::initialize),
        C_Finalize: Some(slots::finalize),
        C_GetFunctionList: Some(slots::get_function_list),
        C_GetSlotList: Some(slots::get_slot_list),
        C_GetSlotInfo: Some(slots::get_slot_info),
        C_GetTokenInfo: Some(slots::get_token_info),
        C_WaitForSlotEvent: Some(slots::wait_for_slot_event),
        C_GetMechanismList: Some(slots::get_mechanism_list),
        C_GetMechanismInfo: Some(slots::get_mechanism_info),
        C_InitToken: Some(slots::init_token),
        C_OpenSession: Some(sessions::open_session),
        C_CloseSession: Some(sessions::close_session),
        C_CloseAllSessions: Some(sessions::close_all_sessions),
        C_GetSessionInfo: Some(sessions::get_session_info),
        C_Login: Some(pins::login),
        C_Logout: Some(pins::logout),
        C_InitPIN: Some(pins::init_pin),
        C_SetPIN: Some(pins::set_pin),
        C_CreateObject: Some(objects::create_object),
        C_DestroyObject: Some(objects::destroy_object),
        C_GetAttributeValue: Some(objects::get_attribute_value),
        C_FindObjectsInit: Some(objects::find_objects_init),
        C_FindObjects: Some(objects::find_objects),
        C_FindObjectsFinal: Some(objects::find_objects_final),
        C_SignInit: Some(objects::sign_init),
        C_Sign: Some(objects::sign),
        C_SignFinal: Some(objects::sign_final),
        C_GenerateKeyPair: Some(objects::generate_key_pair),
        C_GenerateRandom: Some(objects::generate_random),
        ..*real
    }
}
