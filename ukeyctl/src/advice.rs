//! What to do next where something is wrong. Pure: the state in, pieces of advice out; the words are in the catalogue.

use crate::snapshot::{Certificate, Key, Module, Snapshot};
use crate::style::Style;
use ukey_dbus::{ModuleState, PinState, TokenState, Validity};
use ukey_guidance::Service;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Stable word for scripts; the text is `advice-<code>` in the catalogue.
    pub(crate) code: &'static str,
    /// How urgent it is.
    pub(crate) style: Style,
    /// Name of the Key, certificate or module that it is about; empty for the whole.
    pub(crate) name: String,
    /// Its id (modules: name).
    pub(crate) id: String,
    /// Days, where the text speaks of days.
    pub(crate) days: i64,
}

impl Advice {
    fn new(code: &'static str, style: Style, name: &str, id: &str) -> Self {
        Self { code, style, name: name.to_owned(), id: id.to_owned(), days: 0 }
    }
}

impl Advice {
    /// The CA's service that helps, the Key that it is about, and a certificate that tells which CA.
    pub(crate) fn at_the_ca<'a>(&self, snapshot: &'a Snapshot) -> Option<(Service, &'a Key, Option<&'a Certificate>)> {
        let service = match self.code {
            "pin-locked" => Service::Unlock,
            "pin-locked-for-good" => Service::Reissue,
            "certificate-expiring" | "certificate-expired" => Service::Renew,
            _ => return None,
        };
        snapshot.keys.iter().find_map(|key| {
            if key.id == self.id {
                return Some((service, key, key.certificates.first()));
            }
            let certificate = key.certificates.iter().find(|certificate| certificate.id == self.id)?;
            Some((service, key, Some(certificate)))
        })
    }
}

/// Everything worth doing, the most general first.
pub(crate) fn advise(snapshot: &Snapshot) -> Vec<Advice> {
    let mut advice = Vec::new();
    if snapshot.modules.is_empty() {
        advice.push(Advice::new("no-modules", Style::Bad, "", ""));
    } else if snapshot.keys.is_empty() && snapshot.modules.iter().any(|m| m.known_state() == Some(ModuleState::Ready)) {
        advice.push(Advice::new("no-keys", Style::Warn, "", ""));
    }
    advice.extend(snapshot.modules.iter().filter_map(of_module));
    for key in &snapshot.keys {
        of_key(key, &mut advice);
        advice.extend(key.certificates.iter().filter_map(|certificate| of_certificate(key, certificate)));
    }
    advice
}

fn of_module(module: &Module) -> Option<Advice> {
    let (code, style) = match module.known_state()? {
        ModuleState::Starting => ("module-starting", Style::Warn),
        ModuleState::Failed => ("module-failed", Style::Bad),
        ModuleState::Quarantined => ("module-quarantined", Style::Bad),
        ModuleState::Ready => return None,
    };
    Some(Advice::new(code, style, &module.name, &module.name))
}

fn of_key(key: &Key, advice: &mut Vec<Advice>) {
    let mut add = |code, style| advice.push(Advice::new(code, style, key.name(), &key.id));
    match key.known_state() {
        Some(TokenState::Uninitialized) => return add("key-uninitialized", Style::Bad),
        Some(TokenState::ModuleFailed) => return add("key-module-failed", Style::Bad),
        Some(TokenState::Present) => return add("key-present", Style::Warn),
        Some(TokenState::Ready | TokenState::LoggedIn) | None => {}
    }
    match key.known_pin_state() {
        Some(PinState::Low) => add("pin-low", Style::Warn),
        Some(PinState::FinalTry) => add("pin-final-try", Style::Bad),
        Some(PinState::Locked) if key.unblock_supported => add("pin-locked", Style::Bad),
        Some(PinState::Locked) => add("pin-locked-for-good", Style::Bad),
        Some(PinState::ToBeChanged) => add("pin-to-be-changed", Style::Warn),
        Some(PinState::NotSet) => add("pin-not-set", Style::Bad),
        Some(PinState::Ok | PinState::Unknown) | None => {}
    }
    match key.known_so_pin_state() {
        Some(PinState::FinalTry) => add("so-pin-final-try", Style::Warn),
        Some(PinState::Locked) => add("so-pin-locked", Style::Warn),
        _ => {}
    }
    if key.certificates.is_empty() {
        add("no-certificates", Style::Warn);
    }
}

fn of_certificate(key: &Key, certificate: &Certificate) -> Option<Advice> {
    let (code, style) = match certificate.known_validity()? {
        Validity::Valid => return None,
        Validity::Expiring => ("certificate-expiring", Style::Warn),
        Validity::Expired => ("certificate-expired", Style::Bad),
        Validity::NotYetValid => ("certificate-not-yet-valid", Style::Warn),
    };
    // Renewal keeps the old container: an old certificate beside its successor is as it should be.
    if key.certificates.iter().any(|other| succeeds(other, certificate)) {
        return None;
    }
    let mut advice = Advice::new(code, style, certificate.name(), &certificate.id);
    advice.days = certificate.days_left.abs();
    Some(advice)
}

fn succeeds(other: &Certificate, certificate: &Certificate) -> bool {
    other.in_force()
        && other.not_after > certificate.not_after
        && other.holder_name == certificate.holder_name
        && other.holder_id == certificate.holder_id
        && other.key_type == certificate.key_type
        && other.key_use == certificate.key_use
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::snapshot;

    fn codes(snapshot: &Snapshot) -> Vec<&'static str> {
        advise(snapshot).into_iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn each_trouble_has_its_advice() {
        assert_eq!(codes(&snapshot()), ["certificate-expiring", "pin-locked", "certificate-expired"]);
        let mut snapshot = snapshot();
        snapshot.keys[1].unblock_supported = false;
        assert!(codes(&snapshot).contains(&"pin-locked-for-good"));
        snapshot.keys[0].pin_state = "a-newer-word".to_owned();
        assert!(!codes(&snapshot).contains(&"pin-low"));
    }

    #[test]
    fn nothing_plugged_in_and_nothing_configured_are_told_apart() {
        let mut snapshot = snapshot();
        snapshot.keys.clear();
        assert_eq!(codes(&snapshot), ["no-keys"]);
        snapshot.modules[0].state = "failed".to_owned();
        assert_eq!(codes(&snapshot), ["module-failed"]);
        snapshot.modules.clear();
        assert_eq!(codes(&snapshot), ["no-modules"]);
    }

    #[test]
    fn an_old_certificate_beside_its_renewal_needs_nothing() {
        let mut snapshot = snapshot();
        let mut renewed = snapshot.keys[1].certificates[0].clone();
        renewed.validity = "valid".to_owned();
        renewed.not_after = snapshot.keys[0].certificates[1].not_after;
        snapshot.keys[1].certificates.push(renewed);
        assert!(!codes(&snapshot).contains(&"certificate-expired"));
    }
}
