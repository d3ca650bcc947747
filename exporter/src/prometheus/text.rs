//! The text format 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use crate::metrics::{Family, Histogram, Kind, Point, Value};
use std::fmt::Write;

/// Everything as text. Metrics without a value are left out.
pub(super) fn text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.points.is_empty()) {
        let name = family.definition.prometheus_name();
        let kind = match family.definition.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        let help = family.definition.help;
        // Writing to a text does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for point in &family.points {
            write_point(&mut text, &name, point);
        }
    }
    text
}

fn write_point(text: &mut String, name: &str, point: &Point) {
    let labels = labels(point);
    let _ = match &point.value {
        Value::Number(value) => writeln!(text, "{name}{} {value}", braced(&labels)),
        Value::Histogram(histogram) => write_histogram(text, name, &labels, histogram),
    };
}

fn write_histogram(text: &mut String, name: &str, labels: &str, histogram: &Histogram) -> std::fmt::Result {
    let comma = if labels.is_empty() { "" } else { "," };
    let mut count = 0;
    let bounds = histogram.bounds.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
    for (bound, bucket) in bounds.zip(&histogram.buckets) {
        count += bucket;
        writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}")?;
    }
    let labels = braced(labels);
    writeln!(text, "{name}_sum{labels} {}\n{name}_count{labels} {count}", histogram.sum)
}

fn braced(labels: &str) -> String {
    if labels.is_empty() { String::new() } else { format!("{{{labels}}}") }
}

fn labels(point: &Point) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<_> =
        point.attributes.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    labels.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::{Counted, Sample, Totals};
    use crate::metrics::{Own, collect};
    use ukey_dbus::{Algorithm, CallKind};

    #[test]
    fn buckets_are_cumulative_and_end_with_all() {
        let signature = |result, buckets: [u64; 3], sum_us| Counted {
            kind: CallKind::SignData,
            algorithm: Some(Algorithm::EcdsaSha256),
            result,
            count: buckets.iter().sum(),
            buckets: buckets.into(),
            sum_us,
        };
        let totals = Totals {
            bounds_us: vec![1_000, 60_000_000],
            signatures: vec![signature("ok", [2, 1, 0], 1_500_000), signature("TokenRemoved", [0, 0, 1], 500_000)],
            ..Totals::default()
        };
        let sample = Sample { totals: Some(totals), ..Sample::default() };
        let text = text(&collect(Some(&sample), Own::default()));
        let expected = "# TYPE ukey_signature_duration_seconds histogram\n\
            ukey_signature_duration_seconds_bucket{algorithm=\"ECDSA-SHA256\",le=\"0.001\"} 2\n\
            ukey_signature_duration_seconds_bucket{algorithm=\"ECDSA-SHA256\",le=\"60\"} 3\n\
            ukey_signature_duration_seconds_bucket{algorithm=\"ECDSA-SHA256\",le=\"+Inf\"} 4\n\
            ukey_signature_duration_seconds_sum{algorithm=\"ECDSA-SHA256\"} 2\n\
            ukey_signature_duration_seconds_count{algorithm=\"ECDSA-SHA256\"} 4\n";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("ukey_up 1\n"), "{text}");
    }

    #[test]
    fn without_ukeyd_there_is_little_to_say() {
        let text = text(&collect(None, Own::default()));
        assert!(text.contains("ukey_up 0\n") && !text.contains("ukey_keys"), "{text}");
    }

    #[test]
    fn values_cannot_break_out() {
        let point = Point { attributes: vec![("module", "a\"b\\\n".to_owned())], value: Value::Number(1) };
        assert_eq!(labels(&point), "module=\"a\\\"b\\\\\\n\"");
    }
}
