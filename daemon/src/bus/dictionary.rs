//! Dictionaries (`a{sv}`) as they come from callers and go to them. A general variant keeps each byte of an `ay` in a value
//! of its own, many times as large: a caller could fill the memory with one message. Here bytes stay bytes, what no
//! option has is skipped, and the number of entries is bounded.

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use std::fmt;
use zbus::Type;
use zbus::as_variant;
use zbus::wire::Signature;

/// More than any call has.
const ENTRIES_MAX: usize = 32;

/// The value of an entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `b`.
    Flag(bool),
    /// `u`.
    Small(u32),
    /// `t`.
    Large(u64),
    /// `s`.
    Text(String),
    /// `as`; goes out only.
    Texts(Vec<String>),
    /// `at`; goes out only.
    Numbers(Vec<u64>),
    /// `ay`.
    Bytes(ByteBuf),
    /// `aa{sv}`; goes out only.
    Dictionaries(Vec<Answer>),
    /// Of a type that no option has; comes in only.
    Other,
}

/// What a caller is told.
pub(super) type Answer = HashMap<&'static str, Value>;

/// Options as a caller passed them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RawOptions(pub(super) HashMap<String, Value>);

impl RawOptions {
    /// Takes an option out of the others.
    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }
}

impl IntoIterator for RawOptions {
    type Item = (String, Value);
    type IntoIter = std::collections::hash_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Large(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(ByteBuf::from(bytes))
    }
}

impl Type for Value {
    const SIGNATURE: &'static Signature = &Signature::Variant;
}

impl Type for RawOptions {
    const SIGNATURE: &'static Signature = <HashMap<String, Value> as Type>::SIGNATURE;
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(value) => as_variant::serialize(value, serializer),
            Self::Small(value) => as_variant::serialize(value, serializer),
            Self::Large(value) => as_variant::serialize(value, serializer),
            Self::Text(value) => as_variant::serialize(value, serializer),
            Self::Texts(value) => as_variant::serialize(value, serializer),
            Self::Numbers(value) => as_variant::serialize(value, serializer),
            Self::Bytes(value) => as_variant::serialize(value, serializer),
            Self::Dictionaries(value) => as_variant::serialize(value, serializer),
            Self::Other => Err(serde::ser::Error::custom("a value without a type")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Variant", &["signature", "value"], ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let missing = || A::Error::custom("a variant without a value");
        let signature: Signature = parts.next_element()?.ok_or_else(missing)?;
        let value = match signature {
            Signature::Bool => parts.next_element()?.map(Value::Flag),
            Signature::U32 => parts.next_element()?.map(Value::Small),
            Signature::U64 => parts.next_element()?.map(Value::Large),
            Signature::Str => parts.next_element()?.map(Value::Text),
            signature if signature == *ByteBuf::SIGNATURE => parts.next_element()?.map(Value::Bytes),
            _ => parts.next_element::<IgnoredAny>()?.map(|_| Value::Other),
        };
        value.ok_or_else(missing)
    }
}

impl<'de> Deserialize<'de> for RawOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OptionsVisitor)
    }
}

struct OptionsVisitor;

impl<'de> Visitor<'de> for OptionsVisitor {
    type Value = RawOptions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("options")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RawOptions, A::Error> {
        let mut options = HashMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            if options.len() == ENTRIES_MAX {
                return Err(A::Error::custom(format!("more than {ENTRIES_MAX} options")));
            }
            options.insert(key, value);
        }
        Ok(RawOptions(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Variant;
    use zbus::wire::{LE, serialized::Context, to_bytes};

    fn options_of(entries: &HashMap<String, Variant<'_>>) -> Result<RawOptions, String> {
        let bytes = to_bytes(Context::new(LE, 0), entries).unwrap();
        bytes.deserialize().map(|(options, _)| options).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_as_others_write_them() {
        let nested = HashMap::from([("a".to_owned(), vec![1_i16, 2]), ("b".to_owned(), vec![])]);
        let read = options_of(&HashMap::from([
            ("reason".to_owned(), Variant::from("订单")),
            ("timeout-ms".to_owned(), Variant::from(5_u32)),
            ("at".to_owned(), Variant::from(7_u64)),
            ("detached".to_owned(), Variant::from(true)),
            ("certificate".to_owned(), Variant::from(vec![1_u8, 2, 3])),
            ("nonsense".to_owned(), Variant::from(nested)),
            ("double".to_owned(), Variant::from(0.5)),
            ("variant".to_owned(), Variant::Variant(Box::new(Variant::from("in it")))),
            ("structure".to_owned(), Variant::from((1_u8, "x"))),
        ]))
        .unwrap()
        .0;
        assert_eq!(read["reason"], Value::from("订单"));
        assert_eq!(read["timeout-ms"], Value::Small(5));
        assert_eq!(read["at"], Value::Large(7));
        assert_eq!(read["detached"], Value::Flag(true));
        assert_eq!(read["certificate"], Value::from(vec![1, 2, 3]));
        for other in ["nonsense", "double", "variant", "structure"] {
            assert_eq!(read[other], Value::Other, "{other}");
        }
    }

    #[test]
    fn the_number_of_options_is_bounded() {
        let many = |count: usize| (0..count).map(|index| (index.to_string(), Variant::from(true))).collect();
        assert_eq!(options_of(&many(ENTRIES_MAX)).unwrap().0.len(), ENTRIES_MAX);
        assert!(options_of(&many(ENTRIES_MAX + 1)).is_err());
    }

    #[test]
    fn answers_are_read_by_others() {
        let inner = Answer::from([("digest-ok", Value::from(true))]);
        let answer = Answer::from([
            ("content", Value::from(vec![7_u8; 3])),
            ("names", Value::Texts(vec!["a".to_owned()])),
            ("signers", Value::Dictionaries(vec![inner])),
        ]);
        let bytes = to_bytes(Context::new(LE, 0), &answer).unwrap();
        let (read, _): (HashMap<String, Variant<'_>>, _) = bytes.deserialize().unwrap();
        assert_eq!(read["content"], Variant::from(vec![7_u8; 3]));
        let signers = HashMap::from([("digest-ok".to_owned(), Variant::from(true))]);
        assert_eq!(read["signers"], Variant::from(vec![signers]));
    }
}
