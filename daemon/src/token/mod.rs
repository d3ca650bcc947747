//! Keys: one actor each, its states, and the rules about PIN tries. Knows modules, not the bus.

mod actor;
mod consent;
mod denial;
mod guard;
mod id;
mod key;
mod keyring;
mod login;
mod login_end;
mod pins;
mod program;
mod read_again;
mod signatures;
mod signing_queue;
mod snapshot;
mod stay;
mod tries;
mod user;

pub(crate) use consent::{Consents, Party, Pass, Standing};
pub(crate) use denial::denied;
pub(crate) use guard::{Denial, Risk};
pub(crate) use id::TokenId;
pub(crate) use key::{Entries, KeyHandle, PinTask, Takeover, TryRequest, Withdrawn};
pub(crate) use keyring::Keyring;
pub(crate) use program::{Executable, Program, ProgramOnce};
pub(crate) use signatures::{AT_ONCE_MAX, Signed};
pub(crate) use snapshot::KeySnapshot;
pub(crate) use stay::{Departure, SessionId, Stay, Stays, Whereabouts};
pub(crate) use user::User;
