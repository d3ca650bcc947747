//! Which warnings the certificates of one Key give now, and when to look again. Pure: the time is an argument, and what
//! was told already is remembered for as long as a certificate is shown.

use super::CertificateFacts;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use ukey_dbus::Validity;
use ukey_formats::expiry::{Term, Thresholds, days_left, moment};

/// A warning of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExpiryWarning {
    /// Days left, see [`days_left`].
    pub days: i32,
    /// The threshold that was reached; 0 after the end.
    pub threshold: i32,
}

/// The steps that were told of each certificate of one Key, by fingerprint. A step is told once, however often the clock
/// is set back.
#[derive(Debug, Default)]
pub(crate) struct Warned(BTreeMap<String, BTreeSet<i32>>);

impl Warned {
    /// The warnings that are due now and not told yet; from now on they count as told. One that was missed is made up for
    /// by the present one. Certificates that are not in the list any more are forgotten.
    pub(crate) fn due<'a>(
        &mut self,
        certificates: &'a [Arc<CertificateFacts>],
        thresholds: &Thresholds,
        now: u64,
    ) -> Vec<(&'a Arc<CertificateFacts>, ExpiryWarning)> {
        self.0.retain(|fingerprint, _| certificates.iter().any(|facts| facts.fingerprint == *fingerprint));
        let mut due = Vec::new();
        for facts in warning(certificates, now) {
            let days = days_left(facts.content.not_after, now);
            if let Some(step) = thresholds.step(days)
                && self.0.entry(facts.fingerprint.clone()).or_default().insert(step)
            {
                due.push((facts, ExpiryWarning { days, threshold: step.max(0) }));
            }
        }
        due
    }
}

/// The next time after `now` at which a `Validity` changes or a warning is due.
pub(crate) fn next_moment(certificates: &[Arc<CertificateFacts>], thresholds: &Thresholds, now: u64) -> Option<u64> {
    let validity = certificates.iter().filter_map(|facts| facts.next_change(now));
    let warnings = warning(certificates, now).filter_map(|facts| {
        let not_after = facts.content.not_after;
        Some(moment(not_after, thresholds.next(days_left(not_after, now))?))
    });
    validity.chain(warnings).filter(|moment| *moment > now).min()
}

/// Those that may warn: valid by now, and not renewed.
fn warning(certificates: &[Arc<CertificateFacts>], now: u64) -> impl Iterator<Item = &Arc<CertificateFacts>> {
    certificates.iter().filter(move |facts| {
        facts.validity(now) != Validity::NotYetValid
            && !certificates.iter().any(|other| term(other).renews(&term(facts), now))
    })
}

fn term(facts: &CertificateFacts) -> Term<'_> {
    Term {
        holder_name: &facts.content.holder_name,
        holder_id: facts.holder_id(),
        issuer: &facts.content.issuer,
        key_use: facts.key_use().as_str(),
        key_type: facts.key_kind().as_str(),
        not_before: facts.content.not_before,
        not_after: facts.content.not_after,
    }
}

#[cfg(test)]
mod tests;
