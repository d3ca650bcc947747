//! A new user PIN by the technician, who knows the SO PIN.

use std::time::Instant;

use cryptoki_sys as sys;
use ukey_shim_protocol::{Failure, FailureKind};

use crate::entry::PinEntry;
use crate::failure;
use crate::module::Module;
use crate::raw::LoginAs;
use crate::tokens::Found;

/// Logs the SO in with one `C_Login`, sets the new PIN with one `C_InitPIN`, and logs out whatever came of it. Nobody may
/// be logged in: an SO login is refused while a read-only session is open. What fails before the login uses no try.
pub(crate) fn unblock(
    module: &Module,
    token: &Found,
    [so, new]: [PinEntry; 2],
    deadline: Instant,
) -> Result<(), Failure> {
    token.accepts_new(&new)?;
    let session = module.open_rw_session(token.slot)?;
    if Instant::now() >= deadline {
        return Err(failure::without_module(FailureKind::Busy));
    }
    let functions = module.raw();
    match functions.login(&session, LoginAs::So, &so) {
        sys::CKR_OK => {}
        refused => return Err(failure::of_login(refused, so.kind())),
    }
    drop(so);
    let result = functions.init_pin(&session, &new);
    // Closing the session logs out too, also where this fails.
    let _ = session.logout();
    match result {
        sys::CKR_OK => Ok(()),
        refused => Err(failure::of_init_pin(refused, new.kind())),
    }
}
