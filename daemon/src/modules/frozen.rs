//! Modules that read their list of slots once: what they show is compared with what a fresh process sees. Pure.

use ukey_shim_protocol::TokenInfo;

/// Looks without a token in a row before it counts as gone: a Key may be unreadable for a moment.
const MISSES: u8 = 2;

/// What a token says of itself, by which two processes mean the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity(String, String, String, String);

impl Identity {
    fn of(token: &TokenInfo) -> Self {
        Self(token.manufacturer.clone(), token.model.clone(), token.serial_number.clone(), token.label.clone())
    }
}

/// Every token that a process has shown since its start.
#[derive(Debug)]
pub(super) struct Shown(Vec<Identity>);

impl Shown {
    /// What it showed at its start.
    pub(super) fn new<'a>(tokens: impl Iterator<Item = &'a TokenInfo>) -> Self {
        Self(tokens.map(Identity::of).collect())
    }

    /// Adds what it shows now. True: one of them is new, so its list of slots follows the Keys. (One that comes back
    /// tells nothing: a frozen list has its slot still.)
    pub(super) fn grows<'a>(&mut self, tokens: impl Iterator<Item = &'a TokenInfo>) -> bool {
        let before = self.0.len();
        for identity in tokens.map(Identity::of) {
            if !self.0.contains(&identity) {
                self.0.push(identity);
            }
        }
        self.0.len() > before
    }
}

/// Tokens that the running process shows and fresh ones did not see lately, and the other way round.
#[derive(Debug, Default)]
pub(super) struct Missing {
    gone: Vec<(Identity, u8)>,
    unlisted: Vec<(Identity, u8)>,
}

/// What a look tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// For each token of the running process: is it really there?
    pub there: Vec<bool>,
    /// A token is there that the running process does not show or can't use any more.
    pub needs_restart: bool,
}

impl Missing {
    /// Compares what the running process shows with what a fresh one sees.
    pub(super) fn compare(&mut self, shown: &[&TokenInfo], fresh: &[TokenInfo]) -> Verdict {
        let mut seen: Vec<Identity> = fresh.iter().map(Identity::of).collect();
        let mut verdict = Verdict { there: Vec::new(), needs_restart: false };
        for token in shown {
            let identity = Identity::of(token);
            let found = seen.iter().position(|other| *other == identity);
            if let Some(at) = found {
                seen.swap_remove(at);
            }
            let misses = self.misses(identity, found.is_some());
            verdict.there.push(misses < MISSES);
            // It went and came back; the running process holds handles of the time before.
            verdict.needs_restart |= misses >= MISSES && found.is_some();
        }
        let before = std::mem::take(&mut self.unlisted);
        self.unlisted = seen
            .into_iter()
            .map(|identity| {
                let looks = before.iter().find(|(other, _)| *other == identity).map_or(0, |(_, looks)| *looks);
                (identity, looks.saturating_add(1))
            })
            .collect();
        verdict.needs_restart |= self.unlisted.iter().any(|(_, looks)| *looks >= MISSES);
        verdict
    }

    /// Is there a token that another fresh look has to confirm?
    pub(super) fn unconfirmed(&self) -> bool {
        self.unlisted.iter().any(|(_, looks)| *looks < MISSES)
    }

    /// Counts a look; once gone, a token stays so until the process is started anew.
    fn misses(&mut self, identity: Identity, found: bool) -> u8 {
        let at = self.gone.iter().position(|(other, _)| *other == identity);
        match (at, found) {
            (None, true) => 0,
            (None, false) => {
                self.gone.push((identity, 1));
                1
            }
            (Some(at), true) if self.gone[at].1 < MISSES => {
                self.gone.swap_remove(at);
                0
            }
            (Some(at), true) => self.gone[at].1,
            (Some(at), false) => {
                self.gone[at].1 = self.gone[at].1.saturating_add(1);
                self.gone[at].1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ukey_shim_protocol::{TokenFlags, TokenRef};

    fn token(serial: &str) -> TokenInfo {
        TokenInfo {
            token: TokenRef(0),
            label: "k".into(),
            manufacturer: "m".into(),
            model: "x".into(),
            serial_number: serial.into(),
            hardware_version: (1, 0),
            firmware_version: (1, 0),
            flags: TokenFlags::default(),
            pin_length: None,
        }
    }

    #[test]
    fn a_list_that_shows_a_token_it_never_had_is_not_frozen() {
        let (a, b) = (token("1"), token("2"));
        let mut shown = Shown::new([&a].into_iter());
        assert!(!shown.grows([].into_iter()));
        assert!(!shown.grows([&a].into_iter()), "it came back into its old slot");
        assert!(shown.grows([&a, &b].into_iter()));
        assert!(!shown.grows([&b].into_iter()));
    }

    #[test]
    fn one_miss_is_forgiven_two_are_not() {
        let (a, mut missing) = (token("a"), Missing::default());
        for fresh in [vec![], vec![token("a")], vec![]] {
            let verdict = missing.compare(&[&a], &fresh);
            assert_eq!(verdict, Verdict { there: vec![true], needs_restart: false });
        }
        assert_eq!(missing.compare(&[&a], &[]), Verdict { there: vec![false], needs_restart: false });
    }

    #[test]
    fn a_token_that_came_back_or_came_new_needs_a_restart() {
        let (a, mut missing) = (token("a"), Missing::default());
        missing.compare(&[&a], &[]);
        missing.compare(&[&a], &[]);
        assert_eq!(missing.compare(&[&a], &[token("a")]), Verdict { there: vec![false], needs_restart: true });
        // A new one may be on its way into the list.
        let (mut missing, fresh) = (Missing::default(), [token("b"), token("a")]);
        assert_eq!(missing.compare(&[&a], &fresh), Verdict { there: vec![true], needs_restart: false });
        assert_eq!(missing.compare(&[&a], &fresh), Verdict { there: vec![true], needs_restart: true });
    }

    #[test]
    fn equal_tokens_are_counted() {
        let a = token("a");
        let (mut missing, fresh) = (Missing::default(), [token("a"), token("a")]);
        missing.compare(&[&a], &fresh);
        assert_eq!(missing.compare(&[&a], &fresh), Verdict { there: vec![true], needs_restart: true });
    }
}
