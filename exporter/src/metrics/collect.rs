//! From what ukeyd shows to numbers.

use super::catalogue::{
    CALL_DURATION, CALLS, CERTIFICATE_EXPIRY, Definition, EXPORT_FAILURES, INFO, KEYS, MODULE_RESTARTS, MODULE_STATE,
    PIN_STATE, PIN_TRIES, SIGNATURE_DURATION, SIGNATURES, SPANS_LOST, UP,
};
use super::{Family, Histogram, Point, Value};
use crate::bus::{Counted, Key, Sample, Totals};
use std::collections::BTreeMap;
use ukey_dbus::{ModuleState, PinState, TokenState};

/// What the exporter counts of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) spans_lost: u64,
    pub(crate) metrics_failed: u64,
    pub(crate) traces_failed: u64,
}

/// Every metric at this moment; `None` while ukeyd does not run.
pub(crate) fn collect(sample: Option<&Sample>, own: Own) -> Vec<Family> {
    let mut families = vec![family(UP, [point([], u64::from(sample.is_some()))])];
    if let Some(sample) = sample {
        families.extend([
            family(INFO, [point([("version", sample.version.clone())], 1)]),
            family(KEYS, keys_by_state(&sample.keys)),
            family(PIN_STATE, sample.keys.iter().flat_map(pin_states)),
            family(PIN_TRIES, sample.keys.iter().flat_map(pin_tries)),
            certificates(sample),
            modules(sample),
            family(
                MODULE_RESTARTS,
                sample.modules.iter().map(|module| point([("module", module.name.clone())], module.restarts.into())),
            ),
        ]);
        families.extend(sample.totals.iter().flat_map(counted));
    }
    families.extend([
        family(SPANS_LOST, [point([], own.spans_lost)]),
        family(
            EXPORT_FAILURES,
            [("metrics", own.metrics_failed), ("traces", own.traces_failed)]
                .map(|(signal, count)| point([("signal", signal.to_owned())], count)),
        ),
    ]);
    families
}

fn family(definition: &'static Definition, points: impl IntoIterator<Item = Point>) -> Family {
    Family { definition, points: points.into_iter().collect() }
}

fn point<const N: usize>(attributes: [(&'static str, String); N], value: u64) -> Point {
    Point { attributes: attributes.into(), value: Value::Number(value) }
}

fn keys_by_state(keys: &[Key]) -> Vec<Point> {
    let count = |state: TokenState| keys.iter().filter(|key| key.state == state).count() as u64;
    TokenState::ALL.iter().map(|state| point([("state", state.to_string())], count(*state))).collect()
}

fn pin_states(key: &Key) -> Vec<Point> {
    let mut points = Vec::new();
    for (pin, is) in [("user", key.pin), ("so", key.so_pin)] {
        points.extend(PinState::ALL.iter().map(|state| {
            let attributes = [("key", key.id.clone()), ("pin", pin.to_owned()), ("state", state.to_string())];
            point(attributes, u64::from(*state == is))
        }));
    }
    points
}

fn pin_tries(key: &Key) -> Vec<Point> {
    let known = [("user", key.pin_tries), ("so", key.so_pin_tries)];
    let point = |(pin, tries): (&str, Option<u32>)| {
        Some(point([("key", key.id.clone()), ("pin", pin.to_owned())], tries?.into()))
    };
    known.into_iter().filter_map(point).collect()
}

fn certificates(sample: &Sample) -> Family {
    let point = |certificate: &crate::bus::Certificate| {
        let attributes = [
            ("key", certificate.key.clone()),
            ("certificate", certificate.id.clone()),
            ("key_type", certificate.key_type.to_string()),
            ("key_use", certificate.key_use.to_string()),
        ];
        point(attributes, certificate.not_after)
    };
    family(CERTIFICATE_EXPIRY, sample.certificates.iter().map(point))
}

fn modules(sample: &Sample) -> Family {
    let mut points = Vec::new();
    for module in &sample.modules {
        points.extend(ModuleState::ALL.iter().map(|state| {
            let attributes = [("module", module.name.clone()), ("state", state.to_string())];
            point(attributes, u64::from(*state == module.state))
        }));
    }
    family(MODULE_STATE, points)
}

fn counted(totals: &Totals) -> [Family; 4] {
    let result = |counted: &Counted| ("result", counted.result.to_owned());
    let kind = |counted: &Counted| ("kind", counted.kind.to_string());
    let algorithm =
        |counted: &Counted| ("algorithm", counted.algorithm.map(|name| name.to_string()).unwrap_or_default());
    let calls = totals.calls.iter().map(|counted| point([kind(counted), result(counted)], counted.count));
    let signatures = totals
        .signatures
        .iter()
        .map(|counted| point([algorithm(counted), kind(counted), result(counted)], counted.count));
    [
        family(CALLS, calls),
        family(CALL_DURATION, durations(&totals.bounds_us, &totals.calls, kind)),
        family(SIGNATURES, signatures),
        family(SIGNATURE_DURATION, durations(&totals.bounds_us, &totals.signatures, algorithm)),
    ]
}

/// The times of those that share an attribute, together.
fn durations(bounds_us: &[u64], all: &[Counted], by: impl Fn(&Counted) -> (&'static str, String)) -> Vec<Point> {
    let mut together: BTreeMap<(&'static str, String), (Vec<u64>, u64)> = BTreeMap::new();
    for counted in all {
        let (buckets, sum) = together.entry(by(counted)).or_insert_with(|| (vec![0; bounds_us.len() + 1], 0));
        for (all, this) in buckets.iter_mut().zip(&counted.buckets) {
            *all = all.saturating_add(*this);
        }
        *sum = sum.saturating_add(counted.sum_us);
    }
    let bounds: Vec<_> = bounds_us.iter().map(|bound| seconds(*bound)).collect();
    let point = |(attribute, (buckets, sum))| {
        let histogram = Histogram { bounds: bounds.clone(), buckets, sum: seconds(sum) };
        Point { attributes: vec![attribute], value: Value::Histogram(histogram) }
    };
    together.into_iter().map(point).collect()
}

/// Of microseconds.
#[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
