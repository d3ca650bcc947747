//! Who may use a login: the program whose user typed the PIN for it, and those that the person has agreed to since. It ends
//! with the login, and a consent to one login says nothing of the next. Pure; time is an argument.

use super::program::Executable;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a no the same program asks nobody for this long.
pub(crate) const REFUSED_FOR: Duration = Duration::from_secs(60);

/// Whom a consent is for. The user is always the login's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// Every connection of an executable.
    Program(Executable),
    /// One connection, by its unique name.
    Connection(String),
}

/// Leave to use one login. Worth nothing under any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    login: u64,
}

impl Pass {
    /// Is it for the login of this number?
    pub(super) fn is_for(self, login: u64) -> bool {
        self.login == login
    }
}

/// How a program stands to a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may use it.
    Agreed(Pass),
    /// The person said no, and is not asked again for so long.
    Refused(Duration),
    /// Nobody was asked.
    Unasked,
}

/// The consents to one login.
#[derive(Debug)]
pub(crate) struct Consents {
    login: u64,
    parties: Mutex<Parties>,
}

#[derive(Debug)]
struct Parties {
    agreed: HashSet<Party>,
    /// Until when each is not asked.
    refused: HashMap<Party, Instant>,
}

impl Consents {
    /// For the login of this number: the PIN was typed for these.
    pub(super) fn new(login: u64, owners: impl IntoIterator<Item = Party>) -> Self {
        let parties = Parties { agreed: owners.into_iter().collect(), refused: HashMap::new() };
        Self { login, parties: Mutex::new(parties) }
    }

    /// How a caller stands, who is all of these: its connection, and its program where that is known.
    pub(crate) fn standing(&self, parties: &[Party], now: Instant) -> Standing {
        let all = self.lock();
        if parties.iter().any(|party| all.agreed.contains(party)) {
            return Standing::Agreed(Pass { login: self.login });
        }
        let left = |until: &Instant| until.saturating_duration_since(now);
        match parties.iter().filter_map(|party| all.refused.get(party)).map(left).max() {
            Some(left) if !left.is_zero() => Standing::Refused(left),
            _ => Standing::Unasked,
        }
    }

    /// The person said yes.
    pub(crate) fn agree(&self, party: Party) {
        let mut all = self.lock();
        all.refused.remove(&party);
        all.agreed.insert(party);
    }

    /// The person said no.
    pub(crate) fn refuse(&self, party: Party, now: Instant) {
        let mut all = self.lock();
        all.refused.retain(|_, until| *until > now);
        all.refused.insert(party, now + REFUSED_FOR);
    }

    fn lock(&self) -> MutexGuard<'_, Parties> {
        // Nothing panics while it is held.
        self.parties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn connection(number: u64) -> Party {
        Party::Connection(format!(":1.{number}"))
    }

    fn program(inode: u64) -> Party {
        Party::Program(Executable { device: 1, inode })
    }

    fn agreed(consents: &Consents, parties: &[Party]) -> bool {
        matches!(consents.standing(parties, Instant::now()), Standing::Agreed(_))
    }

    #[test]
    fn the_owner_and_its_program_may_others_may_not() {
        let consents = Consents::new(3, [connection(1), program(7)]);
        assert!(agreed(&consents, &[connection(1)]));
        assert!(agreed(&consents, &[connection(2), program(7)]));
        assert!(!agreed(&consents, &[connection(2)]));
        assert!(!agreed(&consents, &[connection(2), program(8)]));
        let other = Party::Program(Executable { device: 2, inode: 7 });
        assert!(!agreed(&consents, &[other]), "an inode is one of its device");
    }

    #[test]
    fn a_pass_is_for_its_login_only() {
        let consents = Consents::new(3, [connection(1)]);
        let Standing::Agreed(pass) = consents.standing(&[connection(1)], Instant::now()) else { panic!() };
        assert!(pass.is_for(3) && !pass.is_for(2) && !pass.is_for(4));
    }

    #[test]
    fn a_no_holds_for_a_while_and_a_yes_ends_it() {
        let (consents, now) = (Consents::new(1, []), Instant::now());
        consents.refuse(program(7), now);
        let refused = |after| consents.standing(&[connection(9), program(7)], now + after);
        assert_eq!(refused(Duration::ZERO), Standing::Refused(REFUSED_FOR));
        assert_eq!(refused(REFUSED_FOR), Standing::Unasked);
        assert_eq!(consents.standing(&[connection(9)], now), Standing::Unasked);
        consents.agree(program(7));
        assert!(agreed(&consents, &[program(7)]));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Agree(Party),
        Refuse(Party),
        Wait(u64),
    }

    fn party() -> impl Strategy<Value = Party> {
        (0_u64..4, any::<bool>())
            .prop_map(|(number, is_program)| if is_program { program(number) } else { connection(number) })
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![party().prop_map(Step::Agree), party().prop_map(Step::Refuse), (0_u64..90).prop_map(Step::Wait)]
    }

    proptest! {
        /// Whatever happens, only who owns the login or was agreed to by name may use it, and nobody is asked within the
        /// time after a no.
        #[test]
        fn nobody_passes_who_was_not_agreed_to(owner in party(), steps in proptest::collection::vec(step(), 0..30), asker in party()) {
            let consents = Consents::new(5, [owner.clone()]);
            let (mut now, mut yes, mut no) = (Instant::now(), owner == asker, None);
            for step in steps {
                match step {
                    Step::Agree(party) => {
                        yes |= party == asker;
                        consents.agree(party);
                    }
                    Step::Refuse(party) => {
                        if party == asker {
                            no = Some(now);
                        }
                        consents.refuse(party, now);
                    }
                    Step::Wait(seconds) => now += Duration::from_secs(seconds),
                }
            }
            let standing = consents.standing(std::slice::from_ref(&asker), now);
            prop_assert_eq!(standing == Standing::Agreed(Pass { login: 5 }), yes);
            let waits = no.is_some_and(|no| now.duration_since(no) < REFUSED_FOR);
            prop_assert_eq!(matches!(standing, Standing::Refused(_)), !yes && waits);
            prop_assert!(consents.lock().refused.len() <= 8);
        }
    }
}
