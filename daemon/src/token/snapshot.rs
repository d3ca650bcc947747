//! What the bus shows of a Key. Made anew by its actor at each change, never waited for.

use super::consent::Consents;
use super::id::TokenId;
use crate::certificate::CertificateFacts;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use ukey_dbus::{PinState, TokenState};
use ukey_formats::text::one_line;
use ukey_shim_protocol::{KeyRef, PinRole, TokenInfo};

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
    /// The PIN is typed on the Key itself.
    pub pinpad: bool,
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
    /// Keys that want the PIN for each signature.
    pub always_authenticate: Arc<[KeyRef]>,
    /// Which of the user's programs may use it.
    pub consents: Arc<Consents>,
}

impl PinView {
    const UNKNOWN: Self = Self { state: PinState::Unknown, tries_remaining: None };

    /// As D-Bus shows it: -1 for unknown.
    pub(crate) fn tries_or_minus_one(self) -> i32 {
        self.tries_remaining.map_or(-1, i32::from)
    }
}

impl KeySnapshot {
    /// Takes over what a token says of itself now. Texts are the token's own: one line, bounded, cleaned.
    pub(super) fn new(id: TokenId, module: &str, info: &TokenInfo) -> Self {
        Self {
            id,
            module: module.to_owned(),
            label: one_line(&info.label, 64),
            serial_number: one_line(&info.serial_number, 64),
            manufacturer: one_line(&info.manufacturer, 64),
            model: one_line(&info.model, 64),
            state: TokenState::Present,
            pin: PinView::UNKNOWN,
            so_pin: PinView::UNKNOWN,
            unblock_supported: false,
            pin_length: None,
            pinpad: false,
            certificates: Vec::new(),
            login: None,
        }
    }

    /// Is this PIN locked, by what is known?
    pub(crate) fn is_locked(&self, role: PinRole) -> bool {
        let pin = match role {
            PinRole::User => self.pin,
            PinRole::So => self.so_pin,
        };
        pin.state == PinState::Locked
    }

    /// Takes over what was read of the token just now, and how its PINs stand.
    pub(super) fn take(&mut self, info: &TokenInfo, user: PinView, so: PinView) {
        (self.pin, self.so_pin) = (user, so);
        self.unblock_supported = info.flags.initialized && !info.flags.write_protected && so.state != PinState::Locked;
        self.pin_length = info.pin_length;
        self.pinpad = info.flags.protected_path;
    }
}
