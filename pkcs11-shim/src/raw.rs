//! The module's own functions for calls with a PIN, past `cryptoki`, which copies PINs to the heap.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;

use cryptoki::session::Session;
use cryptoki_sys as sys;

use crate::pin::{self, Pin};

type LoginFunction =
    unsafe extern "C" fn(sys::CK_SESSION_HANDLE, sys::CK_USER_TYPE, *mut sys::CK_UTF8CHAR, sys::CK_ULONG) -> sys::CK_RV;

/// Functions of the loaded module that take a PIN.
pub(crate) struct PinFunctions {
    login: LoginFunction,
    // Never unloaded: threads and exit handlers of the module may still point into it.
    _library: ManuallyDrop<sys::Pkcs11>,
}

impl PinFunctions {
    /// Finds them in the library that `cryptoki` has loaded from the same path. `None` when it lacks one.
    pub(crate) fn load(library: &Path) -> Option<Self> {
        // SAFETY: loading runs the module's constructors, which is what this process is for; the configuration names it.
        let library = ManuallyDrop::new(unsafe { sys::Pkcs11::new(library) }.ok()?);
        let get = *library.C_GetFunctionList.as_ref().ok()?;
        let mut list: *mut sys::CK_FUNCTION_LIST = ptr::null_mut();
        // SAFETY: C_GetFunctionList (PKCS#11 3.0, 5.4.4) may be called at any time and writes one pointer.
        let result = unsafe { get(&raw mut list) };
        if result != sys::CKR_OK || list.is_null() {
            return None;
        }
        // SAFETY: on CKR_OK the pointer is that of the module's static function list, which has this layout.
        let login = unsafe { (*list).C_Login }?;
        Some(Self { login, _library: library })
    }

    /// Logs the user in: exactly one call of `C_Login`, straight from the locked page, then the PIN is gone.
    pub(crate) fn login(&self, session: &Session, pin: Pin) -> sys::CK_RV {
        let bytes = pin.bytes();
        let length = bytes.len() as sys::CK_ULONG;
        // SAFETY: the session is open and used by no other thread while it is borrowed; the pointer is to `length`
        // bytes, which C_Login only reads although its type says otherwise (5.6.8).
        let result = unsafe { (self.login)(session.handle(), sys::CKU_USER, bytes.as_ptr().cast_mut(), length) };
        drop(pin);
        pin::scrub_stack();
        result
    }
}
