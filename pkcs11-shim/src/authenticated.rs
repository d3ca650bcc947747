//! A signature by a key that wants the PIN for each.

use std::time::Instant;

use cryptoki_sys as sys;
use serde_bytes::ByteBuf;
use ukey_shim_protocol::{Digest, Failure, FailureKind, KeyRef, SignScheme};

use crate::entry::PinEntry;
use crate::module::Module;
use crate::raw::LoginAs;
use crate::signing::SIGNATURE_MAX;
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
    let key = keys::find(&session, &order.key, signing::key_type(order.scheme))?;
    session.sign_init(&signing::mechanism(order.scheme), key).map_err(|error| failure::of_call(&error))?;
    if Instant::now() >= deadline {
        return Err(failure::without_module(FailureKind::Busy));
    }
    match module.raw().login(&session, LoginAs::ContextSpecific, &pin) {
        sys::CKR_OK => drop(pin),
        refused => return Err(failure::of_login(refused, pin.kind())),
    }
    let mut signature = vec![0; SIGNATURE_MAX];
    let input = signing::input(order.scheme, &order.digest);
    match module.raw().sign(&session, &input, &mut signature) {
        Ok(0) => Err(failure::without_module(FailureKind::Module)),
        Ok(length) => {
            signature.truncate(length);
            Ok(ByteBuf::from(signature))
        }
        Err(refused) => Err(failure::of_code(refused)),
    }
}
