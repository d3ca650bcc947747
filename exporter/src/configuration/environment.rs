//! OpenTelemetry's variables: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.

use std::collections::BTreeMap;

/// Variables of this process that begin with `OTEL_`. One that is empty counts as unset, as the specification has it.
pub(crate) type Environment = BTreeMap<String, String>;

/// Those of this process.
pub(crate) fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| name.starts_with("OTEL_") && !value.trim().is_empty())
        .collect()
}
