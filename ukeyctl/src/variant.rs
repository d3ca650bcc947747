//! Values of the bus as JSON and as text.

use crate::snapshot::TEXT_MAX;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use ukey_formats::text::one_line;
use zbus::{OwnedVariant, Variant};

/// Longest list that is shown.
const ITEMS_MAX: usize = 256;

/// A dictionary as a JSON object.
pub(crate) fn object(dictionary: &HashMap<String, OwnedVariant>) -> Map<String, Value> {
    dictionary.iter().map(|(name, value)| (one_line(name, TEXT_MAX), json(value))).collect()
}

/// A value as JSON. Texts become one bounded line; descriptors and structures, which ukeyd does not send, null.
pub(crate) fn json(value: &Variant<'_>) -> Value {
    match value {
        Variant::U8(number) => json!(number),
        Variant::Bool(flag) => json!(flag),
        Variant::I16(number) => json!(number),
        Variant::U16(number) => json!(number),
        Variant::I32(number) => json!(number),
        Variant::U32(number) => json!(number),
        Variant::I64(number) => json!(number),
        Variant::U64(number) => json!(number),
        Variant::F64(number) => json!(number),
        Variant::Str(text) => json!(one_line(text.as_str(), TEXT_MAX)),
        Variant::ObjectPath(path) => json!(path.as_str()),
        Variant::Variant(inner) => json(inner),
        Variant::Array(items) => items.iter().take(ITEMS_MAX).map(json).collect(),
        Variant::Dict(entries) => {
            let entries = entries.iter().take(ITEMS_MAX);
            Value::Object(entries.map(|(name, value)| (plain(&json(name)), json(value))).collect())
        }
        Variant::Signature(_) | Variant::Structure(_) | Variant::Fd(_) => Value::Null,
    }
}

/// A JSON value for people: texts without quotes, lists with commas.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_json_and_hostile_texts_one_line() {
        assert_eq!(json(&Variant::from("a\n\u{202e}b")), json!("a b"));
        assert_eq!(json(&Variant::from(vec!["x", "y"])), json!(["x", "y"]));
        assert_eq!(json(&Variant::from(-1_i32)), json!(-1));
        assert_eq!(plain(&json!(["x", 1, true])), "x, 1, true");
    }
}
