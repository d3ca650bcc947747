//! Keys: one actor each, its states, and the rules about PIN tries. Knows modules, not the bus.

mod actor;
mod denial;
mod guard;
mod id;
mod key;
mod keyring;
mod login;
mod login_end;
mod pins;
mod read_again;
mod signing_queue;
mod snapshot;
mod stay;
mod tries;

pub(crate) use denial::denied;
pub(crate) use guard::{Denial, Risk};
pub(crate) use id::TokenId;
pub(crate) use key::{Entries, KeyHandle, PinTask, Takeover, TryRequest, User, Withdrawn};
pub(crate) use keyring::Keyring;
pub(crate) use snapshot::KeySnapshot;
pub(crate) use stay::{Departure, SessionId, Stay, Stays, Whereabouts};
