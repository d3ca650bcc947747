//! How everything is at one moment.

use super::counters::Totals;
use ukey_dbus::{KeyKind, KeyUse, ModuleState, PinState, TokenState};

/// What ukeyd shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) version: String,
    pub(crate) keys: Vec<Key>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) modules: Vec<Module>,
    /// `None` where they may not be read.
    pub(crate) totals: Option<Totals>,
}

/// A Key that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The last element of its path: a hash, which says nothing by itself.
    pub(crate) id: String,
    pub(crate) state: TokenState,
    pub(crate) pin: PinState,
    pub(crate) so_pin: PinState,
    /// Tries left, where that is known.
    pub(crate) pin_tries: Option<u32>,
    pub(crate) so_pin_tries: Option<u32>,
}

/// A certificate on a Key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// Id of its Key.
    pub(crate) key: String,
    /// First 16 digits of its fingerprint.
    pub(crate) id: String,
    /// Unix seconds.
    pub(crate) not_after: u64,
    pub(crate) key_type: KeyKind,
    pub(crate) key_use: KeyUse,
}

/// A vendor's module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    /// As the administrator named its file.
    pub(crate) name: String,
    pub(crate) state: ModuleState,
    pub(crate) restarts: u32,
}
