//! What to do about the state of a Key.

use super::keys::Key;
use super::state::State;
use super::texts::Texts;

/// What to do about a Key, or without one. The CA's own words, by the issuer of its certificates, belong here.
pub(crate) fn about(texts: &Texts, state: State, key: Option<&Key>) -> String {
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
    texts.text(&format!("advice-{name}"))
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use crate::layout::wrap;
    use crate::texts::Language;

    #[test]
    fn there_is_advice_for_every_state() {
        let key = &fixture::snapshot().keys[0];
        for language in [Language::Chinese, Language::English] {
            let texts = Texts::new(language);
            for state in State::ALL {
                let advice = about(&texts, state, Some(key));
                assert!(!advice.starts_with("advice-"), "{state:?}");
                assert!(advice.lines().all(|line| line == wrap(line)), "a line of {advice} is too long for a window");
            }
            let lost = Key { unblock_supported: false, ..key.clone() };
            assert_ne!(about(&texts, State::Locked, Some(&lost)), about(&texts, State::Locked, Some(key)));
            assert!(!about(&texts, State::Locked, Some(&lost)).starts_with("advice-"));
        }
    }
}
