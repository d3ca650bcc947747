//! What of a change has to be told. Pure: two snapshots give the news.

use super::keys::{Key, Module, Snapshot};
use ukey_dbus::{ModuleState, PinState};

/// Something to tell, or not to tell any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The PIN of this Key is locked.
    Locked(Key),
    /// One try is left.
    FinalTry(Key),
    /// The PIN was entered wrongly.
    Low(Key),
    /// The PIN is still the one that the Key came with.
    FactoryPin(Key),
    /// What was said about the PIN of the Key with this id is over.
    PinIsWell(String),
    /// A module stopped working.
    ModuleFailed(Module),
    /// The module with this name works, or is gone.
    ModuleIsWell(String),
}

/// What differs between two moments and has to be told.
pub(crate) fn between(before: &Snapshot, after: &Snapshot) -> Vec<News> {
    let mut news = Vec::new();
    for key in after.used_keys() {
        let old = before.key(&key.path).filter(|_| before.service);
        let changed = old.is_none_or(|old| (old.pin_state, old.tries) != (key.pin_state, key.tries));
        if changed {
            news.extend(of_pin(old, key));
        }
    }
    for key in before.keys.iter().filter(|key| after.key(&key.path).is_none()) {
        news.push(News::PinIsWell(key.id().to_owned()));
    }
    for module in &after.modules {
        let Some(old) = before.modules.iter().find(|old| old.name == module.name) else { continue };
        let (was_ready, is_ready) = (old.state == Some(ModuleState::Ready), module.state == Some(ModuleState::Ready));
        if was_ready && module.has_failed() {
            // What does not work from the start, the tray shows; nobody was using it.
            news.push(News::ModuleFailed(module.clone()));
        } else if is_ready && !was_ready {
            news.push(News::ModuleIsWell(module.name.clone()));
        }
    }
    for module in before.modules.iter().filter(|old| !after.modules.iter().any(|module| module.name == old.name)) {
        news.push(News::ModuleIsWell(module.name.clone()));
    }
    news
}

fn of_pin(old: Option<&Key>, key: &Key) -> Option<News> {
    match key.pin_state {
        Some(PinState::Locked) => Some(News::Locked(key.clone())),
        Some(PinState::FinalTry) => Some(News::FinalTry(key.clone())),
        // A Key that comes with wrong entries of yesterday is shown so by the tray.
        Some(PinState::Low) => old.map(|_| News::Low(key.clone())),
        Some(PinState::ToBeChanged) => Some(News::FactoryPin(key.clone())),
        // A module that fails knows nothing for a moment: what was told may hold still.
        Some(PinState::Unknown | PinState::NotSet) | None => None,
        Some(PinState::Ok) => old.map(|_| News::PinIsWell(key.id().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::fixture;
    use super::*;
    use ukey_dbus::TokenState;

    fn changed(change: impl FnOnce(&mut Snapshot)) -> Vec<News> {
        let before = fixture::snapshot();
        let mut after = before.clone();
        change(&mut after);
        between(&before, &after)
    }

    #[test]
    fn nothing_new_is_no_news() {
        assert_eq!(changed(|_| ()), []);
        assert_eq!(changed(|after| after.keys[0].state = Some(TokenState::LoggedIn)), []);
    }

    #[test]
    fn each_worse_state_of_a_pin_is_told_once() {
        for (state, told) in [
            (PinState::Low, News::Low as fn(Key) -> News),
            (PinState::FinalTry, News::FinalTry),
            (PinState::Locked, News::Locked),
            (PinState::ToBeChanged, News::FactoryPin),
        ] {
            let mut after = fixture::snapshot();
            after.keys[0].pin_state = Some(state);
            let key = after.keys[0].clone();
            assert_eq!(between(&fixture::snapshot(), &after), [told(key)]);
            assert_eq!(between(&after, &after), []);
        }
    }

    #[test]
    fn one_try_less_is_news() {
        let mut before = fixture::snapshot();
        (before.keys[0].pin_state, before.keys[0].tries) = (Some(PinState::Low), Some(5));
        let mut after = before.clone();
        after.keys[0].tries = Some(4);
        assert_eq!(between(&before, &after), [News::Low(after.keys[0].clone())]);
    }

    #[test]
    fn a_key_that_comes_locked_is_told_and_one_with_an_old_mistake_is_not() {
        let mut after = fixture::snapshot();
        after.keys[0].pin_state = Some(PinState::Locked);
        after.keys[1].pin_state = Some(PinState::Low);
        assert_eq!(between(&Snapshot::default(), &after), [News::Locked(after.keys[0].clone())]);
    }

    #[test]
    fn what_is_over_is_taken_back() {
        let mut before = fixture::snapshot();
        before.keys[0].pin_state = Some(PinState::Locked);
        let id = before.keys[0].id().to_owned();
        assert_eq!(between(&before, &fixture::snapshot()), [News::PinIsWell(id.clone())]);
        let gone = Snapshot { keys: before.keys[1..].to_vec(), ..before.clone() };
        assert_eq!(between(&before, &gone), [News::PinIsWell(id)]);
    }

    #[test]
    fn a_module_that_stops_is_told_but_not_one_that_never_worked() {
        let fail = |snapshot: &mut Snapshot| snapshot.modules[0].state = Some(ModuleState::Failed);
        let failed = changed(fail);
        assert!(matches!(failed.as_slice(), [News::ModuleFailed(module)] if module.name == "softhsm2"), "{failed:?}");
        let mut broken = fixture::snapshot();
        fail(&mut broken);
        assert_eq!(between(&Snapshot::default(), &broken), []);
        let mut starting = broken.clone();
        starting.modules[0].state = Some(ModuleState::Starting);
        assert_eq!(between(&broken, &starting), []);
        assert_eq!(between(&starting, &broken), [], "it is tried again and again");
        assert_eq!(between(&starting, &fixture::snapshot()), [News::ModuleIsWell("softhsm2".to_owned())]);
    }
}
