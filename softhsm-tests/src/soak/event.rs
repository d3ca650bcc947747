//! What can happen to a Key, and how often.

use super::random::Random;

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A signature; has the PIN asked when nobody is logged in.
    Sign,
    /// A signature that must not ask for the PIN.
    SignQuietly,
    /// A read of everything that the daemon shows.
    Read,
    /// A login with the right PIN.
    Login,
    /// A logout.
    Logout,
    /// A login with a wrong PIN.
    WrongPin,
    /// Wrong PINs until the Key is locked.
    Forget,
    /// A login whose dialogs are closed, or whose risk is refused.
    Decline,
    /// A program that leaves the bus in the middle of its call.
    CallerDies,
    /// The agent is killed, and started again.
    AgentDies,
    /// The Key is pulled out.
    Remove,
    /// The Key is pulled out during a call.
    RemoveInUse,
    /// The Key is plugged in, where it was or elsewhere.
    Insert,
    /// The module will crash in some call.
    Crash,
    /// The module will hang in some call.
    Hang,
    /// A module's process is killed, after it has forked.
    Kill,
    /// What is out of order is set right, and the Key must work again.
    Recover,
    /// A technician unlocks the Key.
    Unblock,
}

/// Events that are drawn, with their weights; the others follow from what has happened.
const WEIGHTS: [(Event, u64); 15] = [
    (Event::Sign, 330),
    (Event::SignQuietly, 90),
    (Event::Read, 210),
    (Event::Login, 80),
    (Event::Logout, 70),
    (Event::WrongPin, 60),
    (Event::Forget, 6),
    (Event::Decline, 25),
    (Event::CallerDies, 50),
    (Event::AgentDies, 8),
    (Event::Remove, 20),
    (Event::RemoveInUse, 15),
    (Event::Crash, 18),
    (Event::Hang, 10),
    (Event::Kill, 8),
];

impl Event {
    /// Draws one.
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut place = random.below(WEIGHTS.iter().map(|(_, weight)| weight).sum());
        for (event, weight) in WEIGHTS {
            if place < weight {
                return event;
            }
            place -= weight;
        }
        Self::Read
    }
}
