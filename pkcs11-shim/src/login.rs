//! A login: from the PIN to the lanes, and back to no open session.

use std::time::Instant;

use cryptoki::session::Session;
use cryptoki::slot::Slot;
use cryptoki_sys as sys;
use ukey_shim_protocol::{Failure, FailureKind, KeyRef, TokenRef};

use crate::entry::PinEntry;
use crate::lanes::{Entrances, Lanes};
use crate::module::Module;
use crate::raw::LoginAs;
use crate::{failure, keys};

/// A user who is logged in to a token. While it lives the anchor session keeps the module's login.
pub(crate) struct Login {
    anchor: Session,
    lanes: Lanes,
}

/// Where and how to log in.
pub(crate) struct Place<'a> {
    pub(crate) module: &'a Module,
    pub(crate) token: TokenRef,
    pub(crate) slot: Slot,
    /// Lanes wanted, at least 1; a token that has fewer sessions gets fewer.
    pub(crate) lanes: usize,
    pub(crate) entrances: &'a Entrances,
}

impl Login {
    /// Opens the sessions, calls `C_Login` once, and starts the lanes. What fails before the call uses no try.
    pub(crate) fn open(place: &Place<'_>, pin: PinEntry, deadline: Instant) -> Result<Self, Failure> {
        let anchor = place.module.open_session(place.slot)?;
        let sessions = open_lane_sessions(place)?;
        if Instant::now() >= deadline {
            // The daemon has given up: a try that nobody waits for must not be used.
            return Err(failure::without_module(FailureKind::Busy));
        }
        // Every session is closed by its drop when the call fails, and with the last one the module logs out, which
        // also ends a login that it wrongly believed to exist.
        match place.module.raw().login(&anchor, LoginAs::User, &pin) {
            sys::CKR_OK => drop(pin),
            refused => return Err(failure::of_login(refused, pin.kind())),
        }
        match Lanes::start(place.token, sessions, place.module.raw(), place.entrances) {
            Ok(lanes) => Ok(Self { anchor, lanes }),
            Err(_) => {
                let _ = anchor.logout();
                Err(failure::without_module(FailureKind::Busy))
            }
        }
    }

    /// The keys that want the PIN for each signature.
    pub(crate) fn always_authenticate(&self) -> Vec<KeyRef> {
        keys::always_authenticate(&self.anchor)
    }

    /// Waits for the signatures that run, logs out and closes every session. The sessions are closed even when the
    /// module refuses to log out: closing the last one logs out too.
    pub(crate) fn close(self) -> Result<(), Failure> {
        self.lanes.close();
        match self.anchor.logout() {
            Ok(()) => Ok(()),
            Err(error) => {
                let failure = failure::of_call(&error);
                // Already out: what was wanted.
                if failure.kind == FailureKind::NotLoggedIn { Ok(()) } else { Err(failure) }
            }
        }
    }
}

fn open_lane_sessions(place: &Place<'_>) -> Result<Vec<Session>, Failure> {
    let mut sessions = Vec::with_capacity(place.lanes);
    for _ in 0..place.lanes {
        match place.module.open_session(place.slot) {
            Ok(session) => sessions.push(session),
            Err(failure) if failure.kind == FailureKind::Busy && !sessions.is_empty() => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(sessions)
}
