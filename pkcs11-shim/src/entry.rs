//! The PINs of one request: where they come from, and each as the module is given it.

use std::array;
use std::os::fd::OwnedFd;
use std::ptr;

use cryptoki_sys as sys;
use ukey_shim_protocol::{Failure, FailureKind, PinSource};

use crate::failure;
use crate::pin::Pin;

/// What a request says of its `COUNT` PINs, with the sockets that came along.
pub(crate) enum Source<const COUNT: usize> {
    /// Each waits in a socket of its own; `None` unless exactly so many came.
    Sockets { sender: u32, sockets: Option<[OwnedFd; COUNT]> },
    /// They are typed on the token.
    Pinpad,
}

impl<const COUNT: usize> Source<COUNT> {
    pub(crate) fn new(source: PinSource, sockets: Vec<OwnedFd>) -> Self {
        match source {
            PinSource::Socket { sender_uid } => Self::Sockets { sender: sender_uid, sockets: sockets.try_into().ok() },
            PinSource::Pinpad => Self::Pinpad,
        }
    }

    /// Takes every PIN, so that the module hears of none when one of them isn't what it must be.
    pub(crate) fn receive(self) -> Result<[PinEntry; COUNT], Failure> {
        let Self::Sockets { sender, sockets } = self else {
            return Ok(array::from_fn(|_| PinEntry::OnToken));
        };
        let received = sockets.and_then(|sockets| {
            let pins: Option<Vec<PinEntry>> =
                sockets.iter().map(|socket| Pin::receive(socket, sender).map(PinEntry::Typed)).collect();
            pins?.try_into().ok()
        });
        received.ok_or_else(|| failure::without_module(FailureKind::PinNotReceived))
    }
}

/// One PIN, for one request.
pub(crate) enum PinEntry {
    /// Typed in the agent's dialog.
    Typed(Pin),
    /// The token asks for it itself.
    OnToken,
}

/// How a PIN is entered, which decides what some codes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Typed,
    OnToken,
}

impl PinEntry {
    pub(crate) fn kind(&self) -> EntryKind {
        match self {
            Self::Typed(_) => EntryKind::Typed,
            Self::OnToken => EntryKind::OnToken,
        }
    }

    /// Length in bytes; `None` when only the token will know.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::Typed(pin) => Some(pin.bytes().len()),
            Self::OnToken => None,
        }
    }

    /// Pointer and length for the module: into the locked page, or NULL and 0 (PKCS#11 3.0, 5.6.8). The module's
    /// functions only read the bytes although their types say otherwise.
    pub(crate) fn argument(&self) -> (*mut sys::CK_UTF8CHAR, sys::CK_ULONG) {
        match self {
            Self::Typed(pin) => (pin.bytes().as_ptr().cast_mut(), pin.bytes().len() as sys::CK_ULONG),
            Self::OnToken => (ptr::null_mut(), 0),
        }
    }
}
