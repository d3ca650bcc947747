//! A PKCS#11 2.40 module that misbehaves on demand, in front of SoftHSM2. Test-only, never shipped.
//!
//! It loads SoftHSM2, passes calls on, and takes part in those that have to do with slots, sessions, PINs, objects and
//! signatures. Before each of these it asks the *lab*, a server that the test runs, what to do; so PIN counters, faults
//! and who is plugged in are the same for every process that has loaded the module, as with a real Key. [`control`] is
//! the protocol. A PIN reaches the real module only; what the lab is told is whether it was right.
//!
//! Environment:
//! - `UKEY_LAB_CONTROL`: path of the lab's socket. Without a lab behind it every call is `CKR_DEVICE_ERROR`, as with a
//!   vendor's module whose helper is dead.
//! - `UKEY_LAB_LIBRARY`: the real module; without it Debian's SoftHSM2.

pub mod attempt;
mod client;
pub mod control;
mod fault;
mod gate;
mod hostile;
mod local;
mod objects;
mod pins;
mod real;
mod sessions;
mod slots;
mod sm2;
mod table;

use cryptoki_sys::{CK_FUNCTION_LIST_PTR_PTR, CK_RV, CKR_ARGUMENTS_BAD, CKR_GENERAL_ERROR, CKR_OK};

/// Gives the functions of the module (PKCS#11 2.40, 5.4).
///
/// # Safety
///
/// `list` is null or points to room for one pointer.
// SAFETY: no other part of this library has this name, which the standard gives to this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    if list.is_null() {
        return CKR_ARGUMENTS_BAD;
    }
    let Some(table) = table::functions() else { return CKR_GENERAL_ERROR };
    // SAFETY: not null, and by this function's contract room for one pointer.
    unsafe { list.write(table) };
    CKR_OK
}
