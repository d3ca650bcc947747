//! What the bus shows of a Key. Made anew by its actor at each change, never waited for.

use super::guard;
use super::id::TokenId;
use crate::certificate::CertificateFacts;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use ukey_dbus::{PinState, TokenState};
use ukey_formats::text::one_line;
use ukey_shim_protocol::TokenInfo;

/// A Key as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct KeySnapshot {
    pub id: TokenId,
    /// Name of its module.
    pub module: String,
    pub label: String,
    pub serial_number: String,
    pub manufacturer: String,
    pub model: String,
    pub state: TokenState,
    pub pin: PinView,
    pub so_pin: PinView,
    /// The flags do not rule out an unlock by the SO PIN.
    pub unblock_supported: bool,
    /// Shortest and longest new PIN in bytes, where the token says something usable.
    pub pin_length: Option<(u8, u8)>,
    pub certificates: Vec<Arc<CertificateFacts>>,
    pub login: Option<LoginView>,
}

/// One PIN as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PinView {
    pub state: PinState,
    /// `None`: unknown.
    pub tries_remaining: Option<u8>,
}

/// Who is logged in. Never shown to others than that user.
#[derive(Clone, Debug)]
pub(crate) struct LoginView {
    pub uid: u32,
    /// End without further use, Unix seconds; moves with each use.
    pub expires: Arc<AtomicU64>,
}

impl PinView {
    pub(super) fn of(state: PinState) -> Self {
        Self { state, tries_remaining: guard::tries_remaining(state) }
    }

    /// As D-Bus shows it: -1 for unknown.
    pub(crate) fn tries_or_minus_one(self) -> i32 {
        self.tries_remaining.map_or(-1, i32::from)
    }
}

impl KeySnapshot {
    /// Takes over what a token says of itself now. Texts are the token's own: one line, bounded, cleaned.
    pub(super) fn new(id: TokenId, module: &str, info: &TokenInfo) -> Self {
        let mut snapshot = Self {
            id,
            module: module.to_owned(),
            label: one_line(&info.label, 64),
            serial_number: one_line(&info.serial_number, 64),
            manufacturer: one_line(&info.manufacturer, 64),
            model: one_line(&info.model, 64),
            state: TokenState::Present,
            pin: PinView::of(PinState::Unknown),
            so_pin: PinView::of(PinState::Unknown),
            unblock_supported: false,
            pin_length: None,
            certificates: Vec::new(),
            login: None,
        };
        snapshot.take_flags(info);
        snapshot
    }

    /// Takes over the flags that were read just now.
    pub(super) fn take_flags(&mut self, info: &TokenInfo) {
        self.pin = PinView::of(user_pin_state(info));
        self.so_pin = PinView::of(so_pin_state(info));
        self.unblock_supported = info.flags.initialized && !info.flags.write_protected && !info.flags.so.locked;
        self.pin_length = info.pin_length;
    }
}

/// The user PIN's state by the flags.
fn user_pin_state(info: &TokenInfo) -> PinState {
    if info.flags.initialized {
        guard::pin_state(info.flags.user, info.flags.user_pin_initialized)
    } else {
        PinState::NotSet
    }
}

/// The SO PIN's state by the flags. There is no flag for "not set"; a token that was never initialized has none.
fn so_pin_state(info: &TokenInfo) -> PinState {
    if info.flags.initialized { guard::pin_state(info.flags.so, true) } else { PinState::NotSet }
}
