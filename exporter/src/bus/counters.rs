//! What `Statistics.Read` answers.

use std::collections::HashMap;
use ukey_dbus::{Algorithm, CallKind, ErrorKind};
use zbus::{OwnedVariant, Variant};

/// Digits of a certificate's fingerprint.
const FINGERPRINT_DIGITS: usize = 16;

/// Counts since ukeyd's start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// When counting began, Unix milliseconds.
    pub(crate) since_ms: u64,
    /// Id of the last call.
    pub(crate) last: u64,
    /// Upper bounds of the buckets, in microseconds.
    pub(crate) bounds_us: Vec<u64>,
    pub(crate) calls: Vec<Counted>,
    pub(crate) signatures: Vec<Counted>,
}

/// One combination that has occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) kind: CallKind,
    /// Of signatures.
    pub(crate) algorithm: Option<Algorithm>,
    /// `ok`, or the name of an error.
    pub(crate) result: &'static str,
    pub(crate) count: u64,
    /// One more than there are bounds.
    pub(crate) buckets: Vec<u64>,
    pub(crate) sum_us: u64,
}

/// A call that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) kind: CallKind,
    pub(crate) result: &'static str,
    /// Unix microseconds.
    pub(crate) started_us: u64,
    pub(crate) took_us: u64,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) certificate: Option<String>,
    pub(crate) signatures: u64,
    /// Login and consent.
    pub(crate) leave: Option<Part>,
    /// The Key at work.
    pub(crate) key: Option<Part>,
}

/// A part of a call, in microseconds after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) from_us: u64,
    pub(crate) took_us: u64,
}

/// Names and values of a dictionary.
struct Fields<'a>(HashMap<&'a str, &'a Variant<'a>>);

impl<'a> Fields<'a> {
    fn of_dictionary(dictionary: &'a HashMap<String, OwnedVariant>) -> Self {
        Self(dictionary.iter().map(|(name, value)| (name.as_str(), &**value)).collect())
    }

    /// Of a dictionary in an array of them.
    fn of_entry(entry: &'a Variant<'a>) -> Option<Self> {
        let Variant::Dict(entries) = entry else { return None };
        let text = |name: &'a Variant<'a>| if let Variant::Str(text) = name { Some(text.as_str()) } else { None };
        Some(Self(entries.iter().filter_map(|(name, value)| Some((text(name)?, inside(value)))).collect()))
    }

    fn number(&self, name: &str) -> Option<u64> {
        if let Variant::U64(number) = self.0.get(name)? { Some(*number) } else { None }
    }

    fn numbers(&self, name: &str) -> Option<Vec<u64>> {
        let Variant::Array(items) = self.0.get(name)? else { return None };
        items.iter().map(|item| if let Variant::U64(number) = item { Some(*number) } else { None }).collect()
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        if let Variant::Str(text) = self.0.get(name)? { Some(text.as_str()) } else { None }
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    fn result(&self) -> Option<&'static str> {
        let name = self.text("result")?;
        if name == "ok" {
            return Some("ok");
        }
        ErrorKind::ALL.iter().map(|kind| kind.short_name()).find(|other| *other == name)
    }

    fn part(&self, from: &str, took: &str) -> Option<Part> {
        Some(Part { from_us: self.number(from)?, took_us: self.number(took)? })
    }

    fn entries<T>(&self, name: &str, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let Variant::Array(items) = self.0.get(name)? else { return None };
        Some(items.iter().filter_map(|item| read(&Fields::of_entry(item)?)).collect())
    }
}

fn inside<'a>(value: &'a Variant<'a>) -> &'a Variant<'a> {
    if let Variant::Variant(inner) = value { inner } else { value }
}

impl Totals {
    /// `None` for an answer of another form.
    pub(super) fn of(dictionary: &HashMap<String, OwnedVariant>) -> Option<Self> {
        let fields = Fields::of_dictionary(dictionary);
        let bounds_us = fields.numbers("bounds-us")?;
        let counted = |fields: &Fields<'_>| Counted::of(fields, bounds_us.len());
        Some(Self {
            since_ms: fields.number("since-ms")?,
            last: fields.number("last")?,
            calls: fields.entries("calls", counted)?,
            signatures: fields.entries("signatures", counted)?,
            bounds_us,
        })
    }
}

impl Counted {
    fn of(fields: &Fields<'_>, bounds: usize) -> Option<Self> {
        let buckets = fields.numbers("buckets").filter(|buckets| buckets.len() == bounds + 1)?;
        Some(Self {
            kind: fields.word("kind")?,
            algorithm: fields.word("algorithm"),
            result: fields.result()?,
            count: fields.number("count")?,
            buckets,
            sum_us: fields.number("sum-us")?,
        })
    }
}

impl Call {
    /// `None` for one of another form.
    pub(super) fn of(dictionary: &HashMap<String, OwnedVariant>) -> Option<Self> {
        let fields = Fields::of_dictionary(dictionary);
        Some(Self {
            id: fields.number("id")?,
            kind: fields.word("kind")?,
            result: fields.result()?,
            started_us: fields.number("started-us")?,
            took_us: fields.number("took-us")?,
            algorithm: fields.word("algorithm"),
            certificate: fields.text("certificate").filter(|text| is_id(text)).map(str::to_owned),
            signatures: fields.number("signatures").unwrap_or(0),
            leave: fields.part("leave-from-us", "leave-us"),
            key: fields.part("key-from-us", "key-us"),
        })
    }
}

/// 16 hexadecimal digits: the form of a Key's id and of a fingerprint's beginning.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == FINGERPRINT_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(entries: &[(&str, Variant<'_>)]) -> HashMap<String, OwnedVariant> {
        entries
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.try_clone().unwrap().try_into().unwrap()))
            .collect()
    }

    #[test]
    fn words_that_are_not_the_contracts_go_no_further() {
        let call = |result: &'static str, certificate: &'static str| {
            Call::of(&dictionary(&[
                ("id", 1_u64.into()),
                ("kind", "sign-data".into()),
                ("result", result.into()),
                ("started-us", 2_u64.into()),
                ("took-us", 3_u64.into()),
                ("algorithm", "ECDSA-SHA256".into()),
                ("certificate", certificate.into()),
            ]))
        };
        let known = call("TokenRemoved", "0123456789abcdef").unwrap();
        assert_eq!((known.result, known.certificate.as_deref()), ("TokenRemoved", Some("0123456789abcdef")));
        assert_eq!(call("clerk's PIN", "0123456789abcdef"), None);
        assert_eq!(call("ok", "县人民医院").unwrap().certificate, None);
    }

    #[test]
    fn totals_are_read_as_they_are_sent() {
        let row = HashMap::from([
            ("kind".to_owned(), Variant::from("login")),
            ("result".to_owned(), Variant::from("PinIncorrect")),
            ("count".to_owned(), Variant::from(2_u64)),
            ("buckets".to_owned(), Variant::from(vec![0_u64, 2])),
            ("sum-us".to_owned(), Variant::from(9_u64)),
        ]);
        let totals = Totals::of(&dictionary(&[
            ("since-ms", 5_u64.into()),
            ("last", 7_u64.into()),
            ("bounds-us", vec![1_u64].into()),
            ("calls", vec![row].into()),
            ("signatures", Vec::<HashMap<String, Variant<'_>>>::new().into()),
        ]));
        let totals = totals.unwrap();
        assert_eq!((totals.since_ms, totals.last, totals.calls.len()), (5, 7, 1));
        assert_eq!((totals.calls[0].result, totals.calls[0].buckets.as_slice()), ("PinIncorrect", &[0, 2][..]));
        assert_eq!(Totals::of(&HashMap::new()), None);
    }
}
