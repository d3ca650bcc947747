//! The real module behind this one.

use crate::control::LIBRARY_VARIABLE;
use cryptoki_sys::{CK_FUNCTION_LIST, CKR_OK, Pkcs11};
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::OnceLock;

const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

struct Real {
    functions: CK_FUNCTION_LIST,
    // Never unloaded: its functions are in use until the process ends.
    _library: ManuallyDrop<Pkcs11>,
}

/// Its functions; loads it the first time. `None` when it can't be loaded.
pub(crate) fn functions() -> Option<&'static CK_FUNCTION_LIST> {
    static REAL: OnceLock<Option<Real>> = OnceLock::new();
    REAL.get_or_init(load).as_ref().map(|real| &real.functions)
}

fn load() -> Option<Real> {
    let path = std::env::var_os(LIBRARY_VARIABLE).unwrap_or_else(|| OsString::from(SOFTHSM));
    // SAFETY: loading runs the library's constructors, which is what whoever named it wants.
    let library = ManuallyDrop::new(unsafe { Pkcs11::new(path) }.ok()?);
    let get = *library.C_GetFunctionList.as_ref().ok()?;
    let mut list = ptr::null_mut();
    // SAFETY: C_GetFunctionList (PKCS#11 2.40, 5.4) may be called at any time and writes one pointer.
    let result = unsafe { get(&raw mut list) };
    if result != CKR_OK || list.is_null() {
        return None;
    }
    // SAFETY: on CKR_OK it points to the library's static list, which has this layout.
    let functions = unsafe { *list };
    Some(Real { functions, _library: library })
}

/// Calls a function of the real module with the caller's own arguments.
macro_rules! forward {
    ($function:ident($($argument:expr),* $(,)?)) => {
        match $crate::real::functions().and_then(|list| list.$function) {
            // SAFETY: the function is of a loaded module that is never unloaded; its contract is that of ours, which
            // our caller keeps: pointers come from it or from locals of ours that live for the call.
            Some(function) => unsafe { function($($argument),*) },
            None => cryptoki_sys::CKR_FUNCTION_NOT_SUPPORTED,
        }
    };
}
pub(crate) use forward;
