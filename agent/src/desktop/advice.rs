//! What to do about the state of a Key.

use super::keys::Key;
use super::state::State;
use super::texts::Texts;
use ukey_dbus::Validity;
use ukey_guidance::{Advice, RenewalTime, Service};

/// What to do about a Key at `now` (Unix seconds), or without one. Where the CA has to help it is the CA's own words, by
/// the issuer of the Key's certificate.
pub(crate) fn about(texts: &Texts, state: State, key: Option<&Key>, now: i64) -> String {
    let name = match state {
        State::NoKey => "no-key",
        State::Ready | State::LoggedIn => "ready",
        State::Expiring => "expiring",
        State::Expired => "expired",
        State::PinLow => "pin-low",
        State::Locked if key.is_some_and(|key| !key.unblock_supported) => "locked-for-good",
        State::Locked => "locked",
        State::Failed => "failed",
    };
    let own = texts.text(&format!("advice-{name}"));
    match key.and_then(|key| of_ca(texts, state, key, now)) {
        // That all is well, and when to renew.
        Some(advice) if name == "ready" => format!("{own}\n{}", advice.dialog()),
        Some(advice) => advice.dialog(),
        None => own,
    }
}

/// What the CA of the Key's certificate says.
fn of_ca(texts: &Texts, state: State, key: &Key, now: i64) -> Option<Advice> {
    // The first to end is the one that the Key's state speaks of.
    let certificate = key.current().min_by_key(|certificate| certificate.not_after)?;
    let (directory, language) = (texts.directory(), texts.language());
    match state {
        State::Locked => {
            let service = if key.unblock_supported { Service::Unlock } else { Service::Reissue };
            Some(directory.advice(&certificate.issuer, service, language))
        }
        // The clock may be wrong: the catalogue's own words speak of that.
        State::Expired if certificate.validity == Some(Validity::NotYetValid) => None,
        State::Ready | State::LoggedIn | State::Expiring | State::Expired => {
            let now = u64::try_from(now).unwrap_or_default();
            let (time, mut advice) = directory.renewal(&certificate.issuer, certificate.not_after, now, language);
            if matches!(time, RenewalTime::Early { .. }) {
                // Not yet to be done: only that, and why.
                (advice.bring, advice.steps) = (Vec::new(), Vec::new());
            }
            Some(advice)
        }
        State::NoKey | State::PinLow | State::Failed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use crate::layout::wrap;
    use crate::texts::Language;
    use std::path::Path;
    use ukey_guidance::Directory;

    const NOW: i64 = 1_800_000_000 - 100 * 86_400;

    #[test]
    fn the_ca_says_where_to_go_and_what_it_is_too_early_for() {
        let packaged = Directory::load(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/ca.d")]);
        let texts = Texts::with_directory(Language::Chinese, packaged.directory);
        let mut key = fixture::snapshot().keys[0].clone();
        key.certificates.iter_mut().for_each(|certificate| certificate.issuer = "CN=云南CA, C=CN".to_owned());
        let early = about(&texts, State::Ready, Some(&key), NOW);
        assert!(
            early.contains("可以正常使用") && early.contains("还有 100 天到期") && early.contains("打不开"),
            "{early}"
        );
        assert!(!early.contains("要带什么"), "{early}");
        let open = about(&texts, State::Expiring, Some(&key), NOW + 90 * 86_400);
        for part in ["还有 10 天", "原CA证书办理点", "400-6727-666", "要带什么"] {
            assert!(open.contains(part), "{part}: {open}");
        }
        assert!(about(&texts, State::Locked, Some(&key), NOW).contains("勾选“解锁”"));
        key.unblock_supported = false;
        assert!(about(&texts, State::Locked, Some(&key), NOW).contains("CA窗口"));
        key.certificates.clear();
        assert!(about(&texts, State::Locked, Some(&key), NOW).contains("补办"), "without a certificate too");
    }

    #[test]
    fn there_is_advice_for_every_state() {
        let key = &fixture::snapshot().keys[0];
        for language in [Language::Chinese, Language::English] {
            let texts = Texts::new(language);
            for state in State::ALL {
                assert!(!about(&texts, state, Some(key), NOW).starts_with("advice-"), "{state:?}");
                // The catalogue's own lines are as long as a window is wide; those of a CA are wrapped by it.
                let own = about(&texts, state, None, NOW);
                assert!(own.lines().all(|line| line == wrap(line)), "a line of {own} is too long for a window");
            }
            let lost = Key { unblock_supported: false, ..key.clone() };
            assert_ne!(about(&texts, State::Locked, Some(&lost), NOW), about(&texts, State::Locked, Some(key), NOW));
            assert!(!about(&texts, State::Locked, Some(&lost), NOW).starts_with("advice-"));
        }
    }
}
