//! Every metric that there is. Names follow OpenTelemetry; Prometheus' follow from them by the usual rule: dots become
//! underscores, the unit and `_total` are appended. docs/fleet-view.md and the dashboard are held to this list by tests.

/// What kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only grows, until ukeyd starts anew.
    Counter,
    Histogram,
}

/// In what it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Seconds,
}

/// One metric.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) help: &'static str,
}

impl Definition {
    /// Its name in Prometheus.
    pub(crate) fn prometheus_name(&self) -> String {
        let mut name = self.name.replace('.', "_");
        if self.unit == Unit::Seconds {
            name.push_str("_seconds");
        }
        if self.kind == Kind::Counter {
            name.push_str("_total");
        }
        name
    }
}

macro_rules! metrics {
    ($($constant:ident = $name:literal, $kind:ident, $unit:ident, $help:literal;)*) => {
        $(pub(crate) const $constant: &Definition =
            &Definition { name: $name, kind: Kind::$kind, unit: Unit::$unit, help: $help };)*

        /// All of them.
        #[cfg(test)]
        pub(crate) const ALL: &[&Definition] = &[$($constant,)*];
    };
}

metrics! {
    UP = "ukey.up", Gauge, None, "Whether ukeyd runs on this computer.";
    INFO = "ukey.info", Gauge, None, "Version of ukeyd; always 1.";
    KEYS = "ukey.keys", Gauge, None, "Keys that are plugged in, by their state.";
    PIN_STATE = "ukey.pin.state", Gauge, None, "1 for the state that a Key's user PIN or SO PIN is in, 0 for the others.";
    PIN_TRIES = "ukey.pin.tries.remaining", Gauge, None, "Wrong entries until the PIN locks, where that is known.";
    CERTIFICATE_EXPIRY = "ukey.certificate.expiry.timestamp", Gauge, Seconds, "When a certificate ends, in Unix time.";
    MODULE_STATE = "ukey.module.state", Gauge, None, "1 for the state that a vendor's module is in, 0 for the others.";
    MODULE_RESTARTS = "ukey.module.restarts", Counter, None, "How often a vendor's module was started again.";
    CALLS = "ukey.calls", Counter, None, "Calls that use a Key, by what they came to: ok, or the name of an error.";
    CALL_DURATION = "ukey.call.duration", Histogram, Seconds, "How long such calls took, dialogs included.";
    SIGNATURES = "ukey.signatures", Counter, None, "Signatures that a Key was asked for; each of a batch counts.";
    SIGNATURE_DURATION = "ukey.signature.duration", Histogram, Seconds, "How long the Key took for a signature.";
    SPANS_LOST = "ukey.exporter.spans.lost", Counter, None, "Traces of calls that never reached a collector.";
    EXPORT_FAILURES = "ukey.exporter.export.failures", Counter, None, "Reports that a collector did not take.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names_in(text: &str) -> BTreeSet<String> {
        let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        words
            .filter(|word| word.strip_prefix("ukey_").is_some_and(|rest| !rest.is_empty()))
            .map(str::to_owned)
            .collect()
    }

    fn all() -> BTreeSet<String> {
        ALL.iter().map(|definition| definition.prometheus_name()).collect()
    }

    /// What a query names of a histogram belongs to it.
    fn families(names: BTreeSet<String>) -> BTreeSet<String> {
        let families = all();
        let family = |name: String| {
            let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix));
            base.filter(|base| families.contains(*base)).map(str::to_owned).unwrap_or(name)
        };
        names.into_iter().map(family).collect()
    }

    #[test]
    fn the_dashboard_shows_all_of_them_and_no_others() {
        let dashboard = include_str!("../../../packaging/grafana/ukeyd.json");
        assert_eq!(families(names_in(dashboard)), all());
    }

    #[test]
    fn both_guides_explain_all_of_them_and_no_others() {
        let english = include_str!("../../../docs/fleet-view.md");
        let chinese = include_str!("../../../docs/fleet-view.zh-CN.md");
        for guide in [english, chinese] {
            let table = guide.split("| metric |").nth(1).or_else(|| guide.split("| 指标 |").nth(1)).unwrap();
            let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
            let rows: BTreeSet<_> = rows.flat_map(|row| names_in(row.split('|').nth(1).unwrap())).collect();
            assert_eq!(rows, all());
        }
        assert_eq!(families(names_in(english)), all());
        assert_eq!(families(names_in(chinese)), all());
    }
}
