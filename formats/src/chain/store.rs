//! The certificates and lists that the administrator trusts or supplies, ready to be searched.

use super::search::{Path, Search};
use super::{ChainCheck, ChainReport, Crl, DatesCheck, PathRole, RevocationCheck, revocation};
use crate::{Certificate, PublicKey};
use std::collections::HashMap;

/// Anchors, intermediate CAs and revocation lists. Built once, since the signatures of the lists are checked then.
#[derive(Debug, Default)]
pub struct TrustStore {
    anchors: ByName<Certificate>,
    intermediates: ByName<Certificate>,
    crls: ByName<KnownCrl>,
}

/// A list with the keys of the store's CAs of its issuer's name, and whether each has signed it.
#[derive(Debug)]
pub(super) struct KnownCrl {
    pub(super) crl: Crl,
    keys: Vec<(PublicKey, bool)>,
}

impl KnownCrl {
    /// Did this key sign the list? Known for the store's own CAs; else the whole list is hashed.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let known = self.keys.iter().find(|(known, _)| known == key);
        known.map_or_else(|| self.crl.verify_signed_by(key).is_ok(), |(_, signed)| *signed)
    }
}

impl TrustStore {
    /// Takes what the administrator configured. An anchor is trusted as it is; who signed it plays no part.
    pub fn new(anchors: Vec<Certificate>, intermediates: Vec<Certificate>, crls: Vec<Crl>) -> Self {
        let subject = |certificate: &Certificate| certificate.path.subject.clone();
        let anchors = ByName::new(anchors, subject);
        let intermediates = ByName::new(intermediates, subject);
        let known = |crl: Crl| {
            let cas = anchors.named(&crl.issuer_name).chain(intermediates.named(&crl.issuer_name));
            let keys = cas.map(|ca| (ca.public_key.clone(), crl.verify_signed_by(&ca.public_key).is_ok())).collect();
            KnownCrl { crl, keys }
        };
        let mut crls: Vec<KnownCrl> = crls.into_iter().map(known).collect();
        crls.sort_by_key(|known| std::cmp::Reverse(known.crl.this_update));
        let crls = ByName::new(crls, |known| known.crl.issuer_name.clone());
        Self { anchors, intermediates, crls }
    }

    /// Checks a certificate at a time in Unix seconds. `candidates` are further certificates that may be issuers, such as
    /// those of a message; they need not be trusted.
    ///
    /// A path whose certificates are all valid at that time is preferred. At most 256 candidates are looked at and 64
    /// signatures of certificates checked, whatever they are.
    pub fn check(&self, leaf: &Certificate, candidates: &[Certificate], at: u64) -> ChainReport {
        let Path { issuers, reason } = Search::new(self, candidates, at).run(leaf);
        let chain = if self.anchors.items.is_empty() { ChainCheck::NoAnchors } else { reason };
        let revocation = match chain {
            ChainCheck::Ok => revocation::check(self, leaf, &issuers, at),
            _ => RevocationCheck::Unchecked,
        };
        let issuers: Vec<Certificate> = issuers.into_iter().cloned().collect();
        ChainReport { dates: dates(leaf, &issuers, at), chain, revocation, issuers }
    }

    /// Anchors with this name, in the form to compare.
    pub(super) fn anchors<'a>(&'a self, subject: &str) -> impl Iterator<Item = &'a Certificate> + use<'a> {
        self.anchors.named(subject)
    }

    /// Intermediate CAs with this name.
    pub(super) fn intermediates<'a>(&'a self, subject: &str) -> impl Iterator<Item = &'a Certificate> + use<'a> {
        self.intermediates.named(subject)
    }

    /// Lists of the issuer with this name, the newest first.
    pub(super) fn crls<'a>(&'a self, issuer: &str) -> impl Iterator<Item = &'a KnownCrl> + use<'a> {
        self.crls.named(issuer)
    }
}

/// Items that are found by a name.
#[derive(Debug)]
struct ByName<T> {
    items: Vec<T>,
    places: HashMap<String, Vec<usize>>,
}

impl<T> ByName<T> {
    fn new(items: Vec<T>, name: impl Fn(&T) -> String) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, item) in items.iter().enumerate() {
            places.entry(name(item)).or_default().push(place);
        }
        Self { items, places }
    }

    fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let places = self.places.get(name).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| &self.items[*place])
    }
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: HashMap::new() }
    }
}

fn dates(leaf: &Certificate, issuers: &[Certificate], at: u64) -> DatesCheck {
    let one = |certificate: &Certificate, role| {
        if at < certificate.not_before {
            Some(DatesCheck::NotYetValid(role))
        } else if at > certificate.not_after {
            Some(DatesCheck::Expired(role))
        } else {
            None
        }
    };
    one(leaf, PathRole::Leaf)
        .or_else(|| issuers.iter().find_map(|issuer| one(issuer, PathRole::Issuer)))
        .unwrap_or(DatesCheck::Ok)
}
