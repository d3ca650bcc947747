//! A signature by a key that wants the PIN for each.

use std::time::Instant;

use cryptoki_sys as sys;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Digest, Failure, FailureKind, KeyRef, SignScheme};

use crate::entry::PinEntry;
use crate::module::Module;
use crate::raw::LoginAs;
use crate::tokens::Found;
use crate::{failure, keys, signing};

/// What to sign, and with which key.
pub(crate) struct Order {
    pub(crate) key: KeyRef,
    pub(crate) scheme: SignScheme,
    pub(crate) digest: Digest,
}

/// Signs on a token that the user is logged in to, in a session of its own: closing it ends the operation however far it
/// came, so that a refused PIN leaves nothing begun. What fails before the one `C_Login` uses no try.
pub(crate) fn sign(
    module: &Module,
    token: &Found,
    order: &Order,
    pin: PinEntry,
    deadline: Instant,
) -> Result<ByteBuf, Failure> {
    let session = module.open_session(token.slot)?;
    let key = keys::find(module.raw(), &session, &order.key, order.scheme)?;
    signing::begin(module.raw(), &session, order.scheme, key)?;
    if Instant::now() >= deadline {
        return Err(failure::without_module(FailureKind::Busy));
    }
    match module.raw().login(&session, LoginAs::ContextSpecific, &pin) {
        sys::CKR_OK => drop(pin),
        refused => return Err(failure::of_login(refused, pin.kind())),
    }
    signing::finish(module.raw(), &session, order.scheme, &order.digest)
}
