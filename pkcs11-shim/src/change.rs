//! Changing a PIN by somebody who knows it.

use std::time::Instant;

use cryptoki_sys as sys;
use ukey_shim_protocol::{Failure, FailureKind, PinRole};

use crate::entry::PinEntry;
use crate::failure;
use crate::module::Module;
use crate::raw::LoginAs;
use crate::tokens::Found;

/// Changes the PIN of `role`, in a read/write session that is closed again. The old PIN can be wrong at most once:
///
/// - User: one `C_SetPIN` and nothing else. Without a login it changes the user's PIN (PKCS#11 3.0, 5.5.8; SoftHSM2 and
///   kryoptic do). A module that wants a login first is [`FailureKind::Unsupported`]: it has been given the PIN once.
/// - SO: `C_SetPIN` changes the PIN of who is logged in, so `C_Login` first. It is the only call that can find the old
///   PIN wrong; `C_SetPIN` follows only when it was right. (On a keypad the person types it for each of the two.)
///
/// What fails before the first of these uses no try, among it a new PIN outside of the range that the token names.
pub(crate) fn change(
    module: &Module,
    token: &Found,
    role: PinRole,
    [old, new]: [PinEntry; 2],
    deadline: Instant,
) -> Result<(), Failure> {
    token.accepts_new(&new)?;
    let session = module.open_rw_session(token.slot)?;
    if Instant::now() >= deadline {
        return Err(failure::without_module(FailureKind::Busy));
    }
    let functions = module.raw();
    let result = match role {
        PinRole::User => functions.set_pin(&session, &old, &new),
        PinRole::So => {
            match functions.login(&session, LoginAs::So, &old) {
                sys::CKR_OK => {}
                refused => return Err(failure::of_login(refused, old.kind())),
            }
            let result = functions.set_pin(&session, &old, &new);
            // Closing the session logs out too, also where this fails.
            let _ = session.logout();
            result
        }
    };
    match result {
        sys::CKR_OK => Ok(()),
        refused => Err(failure::of_set_pin(refused, old.kind())),
    }
}
