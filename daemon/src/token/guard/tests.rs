use super::*;
use proptest::prelude::*;

fn flags(count_low: bool, final_try: bool, locked: bool) -> PinFlags {
    PinFlags { count_low, final_try, locked, to_be_changed: false }
}

fn knowledge(limit: Option<u8>) -> PinKnowledge {
    let mut pin = PinKnowledge::new(limit, Answers::default());
    pin.read(PinFlags::default(), true);
    pin
}

#[test]
fn an_unstated_number_needs_a_confirmation_from_the_third_try_on() {
    let mut pin = knowledge(None);
    for _ in 0..2 {
        assert!(pin.permit(None, 0).is_ok());
        pin.answered(TryOutcome::Wrong, 0);
        assert_eq!((pin.state(), pin.tries_remaining()), (PinState::Low, None));
    }
    // Also long afterwards.
    assert_eq!(pin.permit(None, u64::MAX).unwrap_err(), Denial::Confirm(Risk::UnknownTries));
    assert!(pin.permit(Some(Risk::UnknownTries), 0).is_ok());
    pin.answered(TryOutcome::Right, 0);
    assert!(pin.permit(None, 0).is_ok());
}

#[test]
fn a_stated_number_counts_down_and_the_window_still_holds() {
    let mut pin = knowledge(Some(6));
    assert_eq!(pin.tries_remaining(), Some(6));
    for left in [5, 4, 3] {
        assert!(pin.permit(None, 1000).is_ok());
        pin.answered(TryOutcome::Wrong, 1000);
        assert_eq!(pin.tries_remaining(), Some(left));
    }
    assert_eq!(pin.permit(None, 2000).unwrap_err(), Denial::Confirm(Risk::UnknownTries));
    assert!(pin.permit(None, 1000 + WINDOW_MS).is_ok());
    pin.answered(TryOutcome::Lost, 1000 + WINDOW_MS);
    pin.answered(TryOutcome::Wrong, 1000 + WINDOW_MS);
    assert_eq!((pin.state(), pin.tries_remaining()), (PinState::FinalTry, Some(1)));
    let denial = pin.permit(Some(Risk::UnknownTries), u64::MAX).unwrap_err();
    assert_eq!(denial, Denial::Confirm(Risk::FinalTry), "the lesser agreement is not enough");
}

#[test]
fn tries_made_elsewhere_make_the_number_unknown() {
    let mut pin = knowledge(Some(6));
    pin.read(flags(true, false, false), true);
    assert_eq!((pin.state(), pin.tries_remaining()), (PinState::Low, None));
    pin.read(flags(true, true, false), true);
    assert_eq!((pin.state(), pin.tries_remaining()), (PinState::FinalTry, Some(1)));
}

#[test]
fn locked_shows_in_the_flag_or_in_the_answer_alone() {
    let mut by_flag = knowledge(None);
    by_flag.read(flags(false, false, true), true);
    let mut by_answer = knowledge(None);
    by_answer.answered(TryOutcome::Locked, 0);
    by_answer.read(PinFlags::default(), true);
    for pin in [by_flag, by_answer] {
        assert_eq!((pin.state(), pin.tries_remaining()), (PinState::Locked, Some(0)));
        assert_eq!(pin.permit(Some(Risk::FinalTry), 0).unwrap_err(), Denial::Locked);
    }
}

#[test]
fn a_lock_of_the_past_needs_a_person_and_is_not_for_ever() {
    let mut answers = Answers::default();
    answers.add(TryOutcome::Locked, 0);
    let mut pin = PinKnowledge::new(None, answers.remembered());
    pin.read(PinFlags::default(), true);
    assert_eq!((pin.state(), pin.tries_remaining()), (PinState::Unknown, None));
    assert_eq!(pin.permit(Some(Risk::UnknownTries), u64::MAX).unwrap_err(), Denial::Confirm(Risk::FinalTry));
    assert!(pin.permit(Some(Risk::FinalTry), u64::MAX).is_ok());
    pin.answered(TryOutcome::Right, 0);
    assert_eq!(pin.state(), PinState::Ok);
}

#[test]
fn flags_that_clear_without_us_mean_that_the_counter_is_full_again() {
    let mut pin = knowledge(Some(6));
    pin.answered(TryOutcome::Locked, 0);
    pin.read(flags(false, false, true), true);
    assert_eq!(pin.state(), PinState::Locked);
    pin.read(PinFlags::default(), true);
    assert_eq!((pin.state(), pin.tries_remaining()), (PinState::Ok, Some(6)));
    // A Key that shows its first wrong entries in no flag: a clear flag after our own try proves nothing.
    pin.answered(TryOutcome::Wrong, 0);
    pin.read(PinFlags::default(), true);
    assert_eq!(pin.tries_remaining(), Some(5));
}

/// A Key that counts, and shows its flags well or badly.
#[derive(Clone, Debug)]
struct ModelKey {
    limit: u32,
    wrong: u32,
    shows_flags: bool,
}

#[derive(Clone, Debug)]
enum Event {
    /// Somebody types a PIN, right or wrong; the answer may be lost; they may have agreed to a risk when asked.
    Entry { right: bool, lost: bool, agrees: bool },
    /// Another program tries a wrong PIN.
    Foreign,
    /// The daemon or the module restarts: flags are forgotten, answers are not.
    Restart,
    /// Time passes.
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(right, lost, agrees)| Event::Entry { right, lost, agrees }),
        1 => Just(Event::Foreign),
        1 => Just(Event::Restart),
        1 => (0..2 * WINDOW_MS).prop_map(Event::Wait),
    ]
}

impl ModelKey {
    fn flags(&self) -> PinFlags {
        if !self.shows_flags {
            return PinFlags::default();
        }
        flags(self.wrong > 0, self.wrong + 1 == self.limit, self.wrong >= self.limit)
    }

    fn answer(&mut self, right: bool) -> TryOutcome {
        if self.wrong >= self.limit {
            TryOutcome::Locked
        } else if right {
            self.wrong = 0;
            TryOutcome::Right
        } else {
            self.wrong += 1;
            if self.wrong == self.limit { TryOutcome::Locked } else { TryOutcome::Wrong }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever happens: no call when locked is known, no last try without an agreement to it where the flags or the
    /// stated number show it, and never more than three wrong answers of ours in a window without an agreement.
    #[test]
    fn no_sequence_of_events_locks_by_accident(
        limit in 3u32..12, shows_flags: bool, stated: bool, events in proptest::collection::vec(event(), 1..60),
    ) {
        let mut key = ModelKey { limit, wrong: 0, shows_flags };
        let stated = stated.then_some(limit as u8);
        let mut pin = PinKnowledge::new(stated, Answers::default());
        let (mut now, mut unagreed_wrong, mut foreign) = (0u64, Vec::new(), false);
        for event in events {
            match event {
                Event::Wait(time) => now += time,
                Event::Foreign => { key.answer(false); foreign = true; }
                Event::Restart => pin.unreadable(),
                Event::Entry { right, lost, agrees } => {
                    pin.read(key.flags(), true);
                    let mut agreed = None;
                    let permit = match pin.permit(None, now) {
                        Err(Denial::Confirm(risk)) if agrees => { agreed = Some(risk); pin.permit(agreed, now) }
                        decided => decided,
                    };
                    let Ok(_permit) = permit else {
                        if key.wrong >= key.limit && shows_flags {
                            prop_assert_eq!(permit.unwrap_err(), Denial::Locked);
                        }
                        continue;
                    };
                    prop_assert!(!(shows_flags && key.wrong >= key.limit), "called when locked");
                    let last = key.wrong + 1 == key.limit;
                    let visible = shows_flags || (stated.is_some() && !foreign);
                    prop_assert!(!(last && visible && agreed != Some(Risk::FinalTry)), "an unconfirmed last try");
                    let outcome = key.answer(right);
                    if outcome == TryOutcome::Right { foreign = false; }
                    let seen = if lost { TryOutcome::Lost } else { outcome };
                    if outcome != TryOutcome::Right && agreed.is_none() {
                        unagreed_wrong.push(now);
                        let lately = unagreed_wrong.iter().filter(|at| now - **at < WINDOW_MS).count();
                        prop_assert!(lately <= WINDOW_FREE, "{lately} wrong answers without an agreement");
                    }
                    if outcome == TryOutcome::Right { unagreed_wrong.clear(); }
                    pin.answered(seen, now);
                }
            }
        }
    }
}
