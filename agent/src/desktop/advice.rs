//! What to do about the state of a Key.

use super::expiry::{Calendar, Words};
use super::keys::{Certificate, Key};
use super::state::State;
use super::texts::Texts;
use ukey_dbus::Validity;
use ukey_guidance::Service;

/// What the advice is made of.
pub(crate) struct Sources<'a> {
    pub(crate) texts: &'a Texts,
    /// What there is to say about the end of certificates.
    pub(crate) words: &'a Words,
    pub(crate) calendar: &'a Calendar,
    /// Unix seconds.
    pub(crate) now: u64,
}

impl Sources<'_> {
    /// What to do about a Key, or without one. Where the CA has to help it is the CA's own words, by the issuer of the
    /// Key's certificate.
    pub(crate) fn about(&self, state: State, key: Option<&Key>) -> Vec<String> {
        let own = || self.own(state, key).lines().map(str::to_owned).collect();
        // The first to end is the one that the Key's state speaks of.
        let first = |key: &Key| key.current().min_by_key(|certificate| certificate.not_after).cloned();
        let Some((key, certificate)) = key.and_then(|key| Some((key, first(key)?))) else { return own() };
        match state {
            State::Locked => self.of_locked(key, &certificate),
            // The clock may be wrong: the catalogue's own words speak of that.
            _ if certificate.validity == Some(Validity::NotYetValid) => own(),
            // That all is well, and when to renew.
            State::Ready | State::LoggedIn => [own(), self.of_end(key, &certificate)].concat(),
            State::Expiring | State::Expired => self.of_end(key, &certificate),
            State::NoKey | State::PinLow | State::Failed => own(),
        }
    }

    /// The catalogue's own words.
    fn own(&self, state: State, key: Option<&Key>) -> String {
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
        self.texts.text(&format!("advice-{name}"))
    }

    fn of_locked(&self, key: &Key, certificate: &Certificate) -> Vec<String> {
        let service = if key.unblock_supported { Service::Unlock } else { Service::Reissue };
        let advice = self.texts.directory().advice(&certificate.issuer, service, self.texts.language());
        advice.dialog().lines().map(str::to_owned).collect()
    }

    fn of_end(&self, key: &Key, certificate: &Certificate) -> Vec<String> {
        self.words.advice(key, certificate, self.calendar, self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::super::windows::pages;
    use super::*;
    use crate::layout::wrap;
    use crate::texts::Language;
    use jiff::tz::TimeZone;
    use std::path::Path;
    use ukey_guidance::Directory;

    const DAY: u64 = 86_400;
    const NOW: u64 = 1_800_000_000 - 100 * DAY;

    fn with<T>(language: Language, directory: Directory, now: u64, look: impl FnOnce(Sources<'_>) -> T) -> T {
        let texts = Texts::with_directory(language, directory.clone());
        let words = Words::new(language, directory);
        look(Sources { texts: &texts, words: &words, calendar: &Calendar::new(TimeZone::UTC), now })
    }

    fn packaged() -> Directory {
        Directory::load(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/ca.d")]).directory
    }

    /// A Key of the CA whose texts are shipped.
    fn key() -> Key {
        let mut key = fixture::snapshot().keys[0].clone();
        key.certificates.iter_mut().for_each(|certificate| certificate.issuer = "CN=云南CA, C=CN".to_owned());
        key
    }

    fn about(now: u64, state: State, key: &Key) -> String {
        with(Language::Chinese, packaged(), now, |sources| sources.about(state, Some(key))).join("\n")
    }

    #[test]
    fn the_ca_says_where_to_go_and_what_it_is_too_early_for() {
        let mut key = key();
        let early = about(NOW, State::Ready, &key);
        assert!(
            early.contains("可以正常使用") && early.contains("还有 100 天到期") && early.contains("打不开"),
            "{early}"
        );
        assert!(!early.contains("要带什么"), "{early}");
        let open = about(NOW + 90 * DAY, State::Expiring, &key);
        for part in ["还有 10 天", "原CA证书办理点", "400-6727-666", "要带什么"] {
            assert!(open.contains(part), "{part}: {open}");
        }
        assert!(about(NOW, State::Locked, &key).contains("勾选“解锁”"));
        key.unblock_supported = false;
        assert!(about(NOW, State::Locked, &key).contains("CA窗口"));
        key.certificates.clear();
        assert!(about(NOW, State::Locked, &key).contains("补办"), "without a certificate too");
    }

    #[test]
    fn a_certificate_that_is_not_valid_yet_is_a_matter_of_the_clock() {
        let mut key = key();
        key.certificates.iter_mut().for_each(|certificate| certificate.validity = Some(Validity::NotYetValid));
        let advice = about(NOW, State::Expired, &key);
        assert_eq!(advice, Texts::new(Language::Chinese).text("advice-expired"));
        assert!(advice.contains("时间"), "{advice}");
    }

    /// A dialog carries about a thousand bytes: what nobody can do without stands on the first page.
    #[test]
    fn a_window_holds_where_to_go_whom_to_call_and_what_to_bring() {
        for (language, bring) in [(Language::Chinese, "身份证复印件"), (Language::English, "identity card")] {
            for (now, state) in
                [(NOW + 90 * DAY, State::Expiring), (NOW + 103 * DAY, State::Expired), (NOW, State::Locked)]
            {
                // As long as what `Windows` and `Actions` put before it.
                let before =
                    ["关于您的 UKey：", "昆明市某某县人民医院（药品采购）", "状态：不能签名", ""].map(str::to_owned);
                let lines = with(language, packaged(), now, |sources| sources.about(state, Some(&key())));
                let window = pages(&[&before[1..], &lines].concat(), |_, _| before[0].clone()).remove(0);
                for part in ["400-6727-666", bring] {
                    assert!(window.contains(part), "{state:?}, {part}: {window}");
                }
            }
        }
    }

    #[test]
    fn there_is_advice_for_every_state() {
        let key = &fixture::snapshot().keys[0];
        for language in [Language::Chinese, Language::English] {
            with(language, Directory::default(), NOW, |sources| {
                for state in State::ALL {
                    assert!(!sources.about(state, Some(key)).concat().contains("advice-"), "{state:?}");
                    // The catalogue's own lines are as long as a window is wide; those of a CA are wrapped by it.
                    let own = sources.about(state, None);
                    assert!(own.iter().all(|line| *line == wrap(line)), "a line of {own:?} is too long for a window");
                }
                let lost = Key { unblock_supported: false, ..key.clone() };
                assert_ne!(sources.about(State::Locked, Some(&lost)), sources.about(State::Locked, Some(key)));
                let without = Key { certificates: Vec::new(), ..lost };
                assert!(!sources.about(State::Locked, Some(&without)).concat().contains("advice-"));
            });
        }
    }
}
