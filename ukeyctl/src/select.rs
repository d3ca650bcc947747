//! Which Key and which certificate the user means. Pure; when several fit, nothing is guessed.

use crate::snapshot::{Certificate, Key};
use thiserror::Error;
use ukey_dbus::TokenState;

/// Fewest hexadecimal digits of a fingerprint that count as one.
const FINGERPRINT_MIN: usize = 4;

/// What the certificate is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// To look at.
    Show,
    /// To bind an account to: valid and for signatures, unless another is named.
    Bind,
    /// To apply to the CA with: not the one for encryption, unless it is named.
    Apply,
    /// To sign, with this algorithm if one is given.
    Sign(Option<&'a str>),
}

impl Purpose<'_> {
    /// Whether a certificate that nobody named may be meant.
    fn allows(self, certificate: &Certificate) -> bool {
        match self {
            Self::Show => true,
            Self::Bind => certificate.signs() && certificate.in_force(),
            Self::Apply => !certificate.encrypts_only(),
            Self::Sign(_) => certificate.signs(),
        }
    }
}

/// Why no single object was found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum SelectError {
    /// No Key is plugged in.
    #[error("no Key is plugged in")]
    NoKeys,
    /// No Key has this id, label or serial number.
    #[error("no Key matches \"{0}\"")]
    UnknownKey(String),
    /// Several Keys fit; each as one line.
    #[error("several Keys fit: {}", .0.join("; "))]
    SeveralKeys(Vec<String>),
    /// No certificate can be used.
    #[error("no certificate that can sign is on the Keys that are plugged in")]
    NoCertificates,
    /// No certificate is called so.
    #[error("no certificate matches \"{0}\"")]
    UnknownCertificate(String),
    /// Several certificates fit; each as one line.
    #[error("several certificates fit: {}", .0.join("; "))]
    SeveralCertificates(Vec<String>),
}

/// The Key that `wanted` names: its id, label or serial number, or the start of one; without it the only one.
///
/// # Errors
/// When none or several fit.
pub(crate) fn key<'a>(keys: &'a [Key], wanted: Option<&str>) -> Result<&'a Key, SelectError> {
    single_key(keys_called(keys, wanted)?)
}

/// The certificate that `wanted` names, on the Key that `wanted_key` names: the start of its fingerprint, its holder
/// (name or USCC), serial number or key type; without it the only one for the purpose. Where several fit, those that
/// can't serve the purpose or whose dates don't hold are left out.
///
/// # Errors
/// When none or several fit.
pub(crate) fn certificate<'a>(
    keys: &'a [Key],
    wanted_key: Option<&str>,
    wanted: Option<&str>,
    purpose: Purpose<'_>,
) -> Result<(&'a Key, &'a Certificate), SelectError> {
    let keys = keys_called(keys, wanted_key)?;
    let all = keys.iter().flat_map(|key| key.certificates.iter().map(move |certificate| (*key, certificate)));
    let mut found: Vec<_> = match wanted {
        Some(wanted) => {
            let found = best(all, |(_, certificate)| closeness(certificate, wanted));
            if found.is_empty() {
                return Err(SelectError::UnknownCertificate(wanted.to_owned()));
            }
            found
        }
        None => all.filter(|(_, certificate)| purpose.allows(certificate)).collect(),
    };
    // Each step narrows a choice of several, never to none: what is wrong with a single one the service says.
    match purpose {
        Purpose::Show => {}
        Purpose::Apply => narrow(&mut found, |certificate| !certificate.encrypts_only()),
        Purpose::Bind | Purpose::Sign(_) => narrow(&mut found, Certificate::signs),
    }
    if let Purpose::Sign(Some(wanted)) = purpose {
        narrow(&mut found, |certificate| certificate.algorithms.iter().any(|algorithm| algorithm == wanted));
    }
    if purpose != Purpose::Show {
        narrow(&mut found, Certificate::in_force);
    }
    match found.as_slice() {
        [] => Err(SelectError::NoCertificates),
        [one] => Ok(*one),
        several => Err(SelectError::SeveralCertificates(
            several.iter().map(|(key, certificate)| describe_certificate(key, certificate)).collect(),
        )),
    }
}

fn keys_called<'a>(keys: &'a [Key], wanted: Option<&str>) -> Result<Vec<&'a Key>, SelectError> {
    if keys.is_empty() {
        return Err(SelectError::NoKeys);
    }
    let Some(wanted) = wanted else {
        // An empty one is meant only by name: SoftHSM2 always shows one, and a blank Key can do nothing.
        let used: Vec<_> = keys.iter().filter(|key| key.known_state() != Some(TokenState::Uninitialized)).collect();
        return Ok(if used.is_empty() { keys.iter().collect() } else { used });
    };
    let found = best(keys.iter(), |key| {
        [&key.id, &key.label, &key.serial_number].into_iter().filter_map(|text| name_closeness(text, wanted)).max()
    });
    match found.len() {
        0 => Err(SelectError::UnknownKey(wanted.to_owned())),
        1 => Ok(found),
        // A name that was given means one Key, whatever it is wanted for.
        _ => single_key(found).map(|key| vec![key]),
    }
}

fn single_key(found: Vec<&Key>) -> Result<&Key, SelectError> {
    match found.as_slice() {
        [one] => Ok(one),
        _ => Err(SelectError::SeveralKeys(found.into_iter().map(describe_key).collect())),
    }
}

/// How well a text fits; the better one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Start,
    Whole,
}

fn name_closeness(text: &str, wanted: &str) -> Option<Closeness> {
    let (text, wanted) = (text.to_lowercase(), wanted.trim().to_lowercase());
    if wanted.is_empty() {
        None
    } else if text == wanted {
        Some(Closeness::Whole)
    } else {
        text.starts_with(&wanted).then_some(Closeness::Start)
    }
}

fn closeness(certificate: &Certificate, wanted: &str) -> Option<Closeness> {
    let digits = wanted.trim().replace(':', "");
    let fingerprint = (digits.len() >= FINGERPRINT_MIN && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| name_closeness(&certificate.fingerprint, &digits))
        .flatten();
    let names = [&certificate.holder_name, &certificate.holder_id].into_iter();
    let names = names.filter_map(|text| name_closeness(text, wanted));
    let exact = [&certificate.serial_number, &certificate.key_type].into_iter();
    let exact = exact.filter_map(|text| name_closeness(text, wanted)).filter(|found| *found == Closeness::Whole);
    fingerprint.into_iter().chain(names).chain(exact).max()
}

fn best<T>(all: impl Iterator<Item = T>, closeness: impl Fn(&T) -> Option<Closeness>) -> Vec<T> {
    let mut found: Vec<(Closeness, T)> = all.filter_map(|item| Some((closeness(&item)?, item))).collect();
    let top = found.iter().map(|(closeness, _)| *closeness).max();
    found.retain(|(closeness, _)| Some(*closeness) == top);
    found.into_iter().map(|(_, item)| item).collect()
}

fn narrow(found: &mut Vec<(&Key, &Certificate)>, keep: impl Fn(&Certificate) -> bool) {
    if found.iter().any(|(_, certificate)| keep(certificate)) {
        found.retain(|(_, certificate)| keep(certificate));
    }
}

fn describe_key(key: &Key) -> String {
    format!("{}  {}  {}", key.id, key.serial_number, key.label)
}

fn describe_certificate(key: &Key, certificate: &Certificate) -> String {
    format!("{}  {}  {}  ({})", certificate.id, certificate.key_type, certificate.name(), key.name())
}

#[cfg(test)]
mod tests;
