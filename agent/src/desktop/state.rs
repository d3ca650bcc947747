//! The one thing that the tray's picture says: the worst that is true.

use super::keys::{Key, Snapshot};
use ukey_dbus::{PinState, TokenState, Validity};

/// What the tray's picture says, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// No Key is plugged in.
    NoKey,
    /// A Key can be used.
    Ready,
    /// This user is logged in.
    LoggedIn,
    /// A certificate ends soon.
    Expiring,
    /// A certificate has ended, or has not begun.
    Expired,
    /// The PIN was entered wrongly, or still has to be changed.
    PinLow,
    /// The PIN is locked.
    Locked,
    /// A module, and with it its Keys, does not work.
    Failed,
}

impl State {
    /// Every state, from good to bad.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::NoKey,
        Self::Ready,
        Self::LoggedIn,
        Self::Expiring,
        Self::Expired,
        Self::PinLow,
        Self::Locked,
        Self::Failed,
    ];

    /// Its name: of its picture, and of its text.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Ready => "ready",
            Self::LoggedIn => "logged-in",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::PinLow => "pin-low",
            Self::Locked => "locked",
            Self::Failed => "failed",
        }
    }

    /// The worst of everything that ukeyd shows.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let keys = snapshot.used_keys().map(Self::of_key);
        let modules = snapshot.modules.iter().filter(|module| module.has_failed()).map(|_| Self::Failed);
        keys.chain(modules).max().unwrap_or(Self::NoKey)
    }

    /// The worst of a Key.
    pub(crate) fn of_key(key: &Key) -> Self {
        let own = match key.state {
            Some(TokenState::ModuleFailed) => Self::Failed,
            Some(TokenState::LoggedIn) if key.login == super::keys::Login::Mine => Self::LoggedIn,
            _ => Self::Ready,
        };
        let pin = match key.pin_state {
            Some(PinState::Locked) => Self::Locked,
            Some(PinState::Low | PinState::FinalTry | PinState::ToBeChanged) => Self::PinLow,
            _ => own,
        };
        let certificates = key.current().map(|certificate| match certificate.validity {
            Some(Validity::Expired | Validity::NotYetValid) => Self::Expired,
            Some(Validity::Expiring) => Self::Expiring,
            _ => own,
        });
        certificates.chain([own, pin]).max().unwrap_or(own)
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::{Login, Module, fixture};
    use super::*;
    use ukey_dbus::ModuleState;

    #[test]
    fn the_worst_wins() {
        let snapshot = Snapshot::default();
        assert_eq!(State::of(&snapshot), State::NoKey);
        let mut snapshot = fixture::snapshot();
        assert_eq!(State::of(&snapshot), State::Ready);
        snapshot.keys[0].state = Some(TokenState::LoggedIn);
        assert_eq!(State::of(&snapshot), State::Ready, "another user's login is none of ours");
        snapshot.keys[0].login = Login::Mine;
        assert_eq!(State::of(&snapshot), State::LoggedIn);
        snapshot.keys[0].certificates[1].validity = Some(Validity::Expiring);
        assert_eq!(State::of(&snapshot), State::Expiring);
        snapshot.keys[0].certificates[1].validity = Some(Validity::Expired);
        assert_eq!(State::of(&snapshot), State::Expired);
        for (pin, state) in [(PinState::Low, State::PinLow), (PinState::FinalTry, State::PinLow)] {
            snapshot.keys[1].pin_state = Some(pin);
            assert_eq!(State::of(&snapshot), state);
        }
        snapshot.keys[1].pin_state = Some(PinState::Locked);
        assert_eq!(State::of(&snapshot), State::Locked);
        snapshot.modules[0].state = Some(ModuleState::Quarantined);
        assert_eq!(State::of(&snapshot), State::Failed);
        assert!(State::ALL.is_sorted());
    }

    #[test]
    fn a_renewed_certificate_and_a_blank_key_say_nothing() {
        let mut snapshot = fixture::snapshot();
        snapshot.keys[0].certificates[0].validity = Some(Validity::Expired);
        assert_eq!(State::of(&snapshot), State::Ready);
        for key in &mut snapshot.keys {
            key.state = Some(TokenState::Uninitialized);
        }
        assert_eq!(State::of(&snapshot), State::NoKey);
    }

    #[test]
    fn a_module_that_starts_is_no_failure() {
        let module = Module { state: Some(ModuleState::Starting), ..fixture::snapshot().modules[0].clone() };
        assert_eq!(State::of(&Snapshot { modules: vec![module], ..Snapshot::default() }), State::NoKey);
    }
}
