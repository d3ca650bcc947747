//! Keys: one actor each, its states, and the rules about PIN tries. Knows modules, not the bus.

mod actor;
mod guard;
mod id;
mod key;
mod keyring;
mod login;
mod signing_queue;
mod snapshot;

pub(crate) use guard::{Confirmation, permit_try};
pub(crate) use id::TokenId;
pub(crate) use key::{KeyHandle, LoginRequest, Takeover, User};
pub(crate) use keyring::Keyring;
pub(crate) use snapshot::KeySnapshot;
