//! What every report says of this computer: which it is.

use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use std::collections::BTreeMap;

/// Name and value.
pub(super) fn attribute(key: &str, value: impl Into<String>) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::StringValue(value.into())) };
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

/// The same with a number.
pub(super) fn number(key: &str, value: u64) -> KeyValue {
    let value = any_value::Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX));
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// The computer's name in its network.
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// ukeyd on this computer. What the administrator says wins.
pub(super) fn resource(version: &str, said: &BTreeMap<String, String>) -> Resource {
    let host = host();
    let found =
        [("service.name", "ukeyd"), ("service.instance.id", &host), ("host.name", &host), ("service.version", version)];
    let mut all: BTreeMap<_, _> = found.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    all.extend(said.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let attributes = all.into_iter().map(|(key, value)| attribute(key, value)).collect();
    Resource { attributes, ..Resource::default() }
}

/// Who measures.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_administrator_says_wins() {
        let said = BTreeMap::from([("host.name".to_owned(), "ward-3".to_owned())]);
        let attributes = resource("", &said).attributes;
        assert!(attributes.contains(&attribute("host.name", "ward-3")), "{attributes:?}");
        assert!(attributes.contains(&attribute("service.name", "ukeyd")), "{attributes:?}");
        assert!(attributes.iter().all(|attribute| attribute.key != "service.version"), "it is not known");
    }
}
