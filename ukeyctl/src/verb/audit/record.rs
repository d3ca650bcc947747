//! One record, as the service gives it.

use crate::snapshot::Properties;
use crate::time::Time;
use serde::Serialize;
use std::collections::HashMap;
use ukey_agent::texts::Catalogue;
use ukey_formats::text::one_line;
use zbus::{OwnedVariant, Variant};

/// Longest text of one field, in characters; paths of programs can be long.
const FIELD_MAX: usize = 4096;

/// What was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Record {
    /// Number of its first row.
    pub(super) id: u64,
    pub(super) time: Time,
    /// Unix milliseconds.
    pub(super) time_ms: u64,
    pub(super) kind: String,
    pub(super) uid: u32,
    pub(super) user: String,
    pub(super) pid: u32,
    pub(super) caller: String,
    pub(super) program: String,
    pub(super) key_id: String,
    pub(super) certificate: String,
    pub(super) algorithm: String,
    pub(super) digest: String,
    pub(super) reason: String,
    /// Empty while it is under way.
    pub(super) result: String,
    /// `None` while it is under way.
    pub(super) ended: Option<Time>,
    pub(super) ended_ms: Option<u64>,
    /// Tries left of the PIN in question, where that is known.
    pub(super) tries: Option<u32>,
    /// Of its first row, in the chain.
    pub(super) hash: String,
}

impl Record {
    /// Reads what `List` and `Mine` give.
    pub(super) fn new(fields: &HashMap<String, OwnedVariant>) -> Self {
        let properties = Properties::new(fields);
        let field = |name: &str| match fields.get(name).map(|value| &**value) {
            Some(Variant::Str(text)) => one_line(text.as_str(), FIELD_MAX),
            _ => String::new(),
        };
        let time_ms = properties.long("time-ms");
        let ended_ms = Some(properties.long("ended-ms")).filter(|ended| *ended > 0);
        Self {
            id: properties.long("id"),
            time: Time::from_unix(time_ms / 1000),
            time_ms,
            kind: field("kind"),
            uid: properties.number("uid"),
            user: field("user"),
            pid: properties.number("pid"),
            caller: field("caller"),
            program: field("program"),
            key_id: field("token"),
            certificate: field("certificate"),
            algorithm: field("algorithm"),
            digest: field("digest"),
            reason: field("reason"),
            result: field("result"),
            ended: ended_ms.map(|ended| Time::from_unix(ended / 1000)),
            ended_ms,
            tries: fields.contains_key("tries").then(|| properties.number("tries")),
            hash: field("hash"),
        }
    }

    /// The user's name, or number where no name is known.
    pub(super) fn who(&self) -> String {
        if self.user.is_empty() { self.uid.to_string() } else { self.user.clone() }
    }

    /// The kind in words.
    pub(super) fn kind_in(&self, texts: &Catalogue) -> String {
        crate::texts::word(texts, "audit-kind", &self.kind)
    }

    /// The result in words; names of errors stay as they are.
    pub(super) fn result_in(&self, texts: &Catalogue) -> String {
        match self.result.as_str() {
            "" => texts.text("audit-result-none"),
            result => crate::texts::word(texts, "audit-result", result),
        }
    }
}

/// A record for tests.
#[cfg(test)]
pub(super) fn example() -> Record {
    let fields = HashMap::from([
        ("id".to_owned(), Variant::from(3_u64)),
        ("time-ms".to_owned(), Variant::from(1_700_000_000_123_u64)),
        ("kind".to_owned(), Variant::from("sign")),
        ("uid".to_owned(), Variant::from(1000_u32)),
        ("user".to_owned(), Variant::from("clerk")),
        ("pid".to_owned(), Variant::from(0_u32)),
        ("program".to_owned(), Variant::from("/usr/bin/采购\n")),
        ("token".to_owned(), Variant::from("k1")),
        ("reason".to_owned(), Variant::from("=1+1, \"采购\"")),
        ("result".to_owned(), Variant::from("ok")),
        ("ended-ms".to_owned(), Variant::from(1_700_000_001_000_u64)),
        ("hash".to_owned(), Variant::from("ab")),
    ]);
    let owned = |value: Variant<'static>| OwnedVariant::try_from(value).unwrap();
    Record::new(&fields.into_iter().map(|(name, value)| (name, owned(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::context;

    #[test]
    fn a_record_is_read_and_what_is_missing_is_empty() {
        let record = example();
        assert_eq!((record.id, record.program.as_str(), record.tries), (3, "/usr/bin/采购", None));
        assert_eq!(record.ended, Some(Time::from_unix(1_700_000_001)));
        let json = serde_json::to_value(&record).unwrap();
        assert_eq!(json["time"]["rfc3339"], "2023-11-14T22:13:20Z");
        assert_eq!(json["time_ms"], 1_700_000_000_123_u64);
        let empty = Record::new(&HashMap::new());
        assert_eq!((empty.who().as_str(), empty.ended), ("0", None));
        assert_eq!(empty.result_in(&context().texts), "under way");
    }

    #[test]
    fn names_of_errors_are_shown_as_they_are() {
        let record = Record { result: "PinIncorrect".to_owned(), ..example() };
        assert_eq!(record.result_in(&context().texts), "PinIncorrect");
    }
}
