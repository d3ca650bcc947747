//! The comparison of all that the journal was told with the chain that is in use.

use super::entry::{Entry, Place};
use super::source::Source;
use crate::error::Error;
use crate::service::bounded;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use ukey_dbus::AuditProxy;
use ukey_dbus::options::AUDIT_COUNT_MAX;

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in super::super) struct Compared {
    /// Rows of this chain that the journal has.
    pub(in super::super) heads: u64,
    /// Those whose hash was compared.
    pub(in super::super) compared: u64,
    /// Those that were removed by age; a checkpoint stands for them.
    pub(in super::super) older: u64,
    /// Chains with records that came before this one.
    pub(in super::super) earlier_chains: u64,
}

/// A comparison under way.
pub(in super::super) struct Comparison<'a> {
    audit: &'a AuditProxy<'a>,
    /// Name of the chain that is in use, and its first and last row.
    chain: &'a str,
    rows: (u64, u64),
    waiting: Vec<Place>,
    chains: Chains,
    compared: Compared,
    problem: Option<(&'static str, u64)>,
}

impl<'a> Comparison<'a> {
    /// With a chain that is whole in itself.
    pub(in super::super) fn new(audit: &'a AuditProxy<'a>, chain: &'a str, rows: (u64, u64)) -> Self {
        let (waiting, chains, compared) = Default::default();
        Self { audit, chain, rows, waiting, chains, compared, problem: None }
    }

    /// Compares; gives how much, and the first problem with the number of its row.
    ///
    /// # Errors
    /// Those of `Audit.HashesOf`; `NoHeads` when the source has nothing of any chain; `Read`.
    pub(in super::super) async fn run(
        mut self,
        mut source: Source,
        service_uid: u32,
    ) -> Result<(Compared, Option<(&'static str, u64)>), Error> {
        while let Some(entry) = source.next(service_uid)? {
            self.chains.take(&entry);
            let Entry::Place(place) = entry else { continue };
            // Row 0 is the beginning of a chain that had none.
            if place.chain == self.chain && place.row > 0 {
                self.compared.heads += 1;
                self.waiting.push(place);
                if self.waiting.len() >= AUDIT_COUNT_MAX as usize {
                    self.compare_waiting().await?;
                }
            }
        }
        self.compare_waiting().await?;
        if self.chains.order.is_empty() {
            return Err(Error::NoHeads(source.complaint()));
        }
        self.compared.earlier_chains = self.chains.earlier(self.chain);
        if self.chains.replaced_unannounced(self.chain) {
            self.found("journal-replaced", self.rows.0);
        }
        Ok((self.compared, self.problem))
    }

    async fn compare_waiting(&mut self) -> Result<(), Error> {
        let places = std::mem::take(&mut self.waiting);
        if places.is_empty() {
            return Ok(());
        }
        let rows: Vec<u64> = places.iter().map(|place| place.row).collect();
        let hashes = bounded(async { Ok(self.audit.hashes_of(&rows).await?) }).await?;
        for (index, place) in places.iter().enumerate() {
            match hashes.get(index).map(String::as_str).filter(|hash| !hash.is_empty()) {
                Some(hash) => {
                    self.compared.compared += 1;
                    if hash != place.hash {
                        self.found("journal-differs", place.row);
                    }
                }
                // Also one that went by age since the verification.
                None if place.row <= self.rows.1 => self.compared.older += 1,
                None => self.found("journal-missing", place.row),
            }
        }
        Ok(())
    }

    /// Notes a problem; the first counts.
    fn found(&mut self, problem: &'static str, row: u64) {
        self.problem.get_or_insert((problem, row));
    }
}

/// Which chains there were, one after another.
#[derive(Default)]
struct Chains {
    /// Each change from one chain to another.
    order: Vec<String>,
    /// The last row of each.
    last: HashMap<String, u64>,
    /// Those that the service began in the place of another.
    begun: HashSet<String>,
}

impl Chains {
    fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Begun(chain) => drop(self.begun.insert(chain.clone())),
            Entry::Place(place) => {
                if self.order.last() != Some(&place.chain) {
                    self.order.push(place.chain.clone());
                }
                if let Some(last) = self.last.get_mut(&place.chain) {
                    *last = place.row.max(*last);
                } else {
                    self.last.insert(place.chain.clone(), place.row);
                }
            }
        }
    }

    fn had_records(&self, chain: &str) -> bool {
        self.last.get(chain).is_some_and(|last| *last > 0)
    }

    /// How many others had records.
    fn earlier(&self, chain: &str) -> u64 {
        self.last.keys().filter(|other| *other != chain && self.had_records(other)).count() as u64
    }

    /// Did a chain with records end otherwise than by a recovery that the service told of, or is the chain in use not the last
    /// that the journal knows?
    fn replaced_unannounced(&self, chain: &str) -> bool {
        let mut seen = HashSet::new();
        let mut before: Option<&String> = None;
        for next in &self.order {
            let replaced = before.is_some_and(|before| self.had_records(before));
            if !seen.insert(next) || (replaced && !self.begun.contains(next)) {
                return true;
            }
            before = Some(next);
        }
        before.is_some_and(|last| last != chain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chains(entries: &[(&str, u64)], begun: &[&str]) -> Chains {
        let mut chains = Chains::default();
        for (chain, row) in entries {
            chains.take(&Entry::Place(Place::new(chain, &row.to_string(), &"a".repeat(64)).unwrap()));
        }
        begun.iter().for_each(|chain| chains.take(&Entry::Begun((*chain).to_owned())));
        chains
    }

    #[test]
    fn a_chain_may_follow_another_only_where_the_service_said_so() {
        assert!(!chains(&[("a", 0), ("a", 100)], &[]).replaced_unannounced("a"));
        assert!(!chains(&[("a", 0), ("a", 100), ("b", 0), ("b", 3)], &["b"]).replaced_unannounced("b"));
        assert!(chains(&[("a", 0), ("a", 100), ("b", 0), ("b", 3)], &[]).replaced_unannounced("b"));
        assert!(chains(&[("a", 0), ("a", 100), ("b", 0), ("b", 3)], &["c"]).replaced_unannounced("b"));
        assert!(!chains(&[("a", 0), ("b", 0), ("b", 3)], &[]).replaced_unannounced("b"), "an empty one lost nothing");
    }

    #[test]
    fn a_chain_that_was_moved_aside_does_not_come_back() {
        let told = [("a", 100), ("b", 0), ("b", 3), ("a", 100)];
        assert!(chains(&told, &["b"]).replaced_unannounced("a"));
        assert!(chains(&told[..3], &["b"]).replaced_unannounced("a"));
        assert!(chains(&[("a", 100)], &[]).replaced_unannounced("z"), "the journal does not know it");
        assert_eq!(chains(&told, &[]).earlier("b"), 1);
    }
}
