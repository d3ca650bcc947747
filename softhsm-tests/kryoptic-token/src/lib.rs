//! kryoptic as a PKCS#11 module: a test Key that really locks. Never shipped.
//!
//! kryoptic's own crate exports nothing; the three entry points of PKCS#11 3.0, 5.4 are all that this one adds. Its
//! tokens are named by the file in the environment variable `KRYOPTIC_CONF`.
#![allow(non_snake_case, reason = "names of the standard")]

use kryoptic_lib::fns::general::{fn_get_function_list, fn_get_interface, fn_get_interface_list};
use kryoptic_lib::pkcs11::{
    CK_FLAGS, CK_FUNCTION_LIST_PTR_PTR, CK_INTERFACE_PTR, CK_INTERFACE_PTR_PTR, CK_RV, CK_ULONG_PTR, CK_UTF8CHAR_PTR,
    CK_VERSION_PTR,
};

/// Gives the functions of PKCS#11 2.40 (PKCS#11 3.0, 5.4.4).
// SAFETY: no other part of this library has this name, which the standard gives to this function.
#[unsafe(no_mangle)]
pub extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    fn_get_function_list(list)
}

/// Lists the interfaces (PKCS#11 3.0, 5.4.5).
// SAFETY: as above.
#[unsafe(no_mangle)]
pub extern "C" fn C_GetInterfaceList(interfaces: CK_INTERFACE_PTR, count: CK_ULONG_PTR) -> CK_RV {
    fn_get_interface_list(interfaces, count)
}

/// Gives one interface (PKCS#11 3.0, 5.4.6).
// SAFETY: as above.
#[unsafe(no_mangle)]
pub extern "C" fn C_GetInterface(
    name: CK_UTF8CHAR_PTR,
    version: CK_VERSION_PTR,
    interface: CK_INTERFACE_PTR_PTR,
    flags: CK_FLAGS,
) -> CK_RV {
    fn_get_interface(name, version, interface, flags)
}
