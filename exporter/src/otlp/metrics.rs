//! Metrics as OTLP has them.

use super::resource::{attribute, scope};
use crate::metrics::{Family, Kind, Point, Unit, Value};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

/// Since when, and until when, in Unix nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) since: u64,
    pub(super) now: u64,
}

/// One report.
pub(super) fn request(families: &[Family], resource: Resource, window: Window) -> ExportMetricsServiceRequest {
    let metrics = families.iter().filter(|family| !family.points.is_empty()).map(|family| metric(family, window));
    let scope_metrics =
        vec![ScopeMetrics { scope: Some(scope()), metrics: metrics.collect(), ..ScopeMetrics::default() }];
    let resource_metrics =
        vec![ResourceMetrics { resource: Some(resource), scope_metrics, ..ResourceMetrics::default() }];
    ExportMetricsServiceRequest { resource_metrics }
}

fn metric(family: &Family, window: Window) -> Metric {
    let definition = family.definition;
    let cumulative = AggregationTemporality::Cumulative.into();
    let numbers = |since| family.points.iter().filter_map(|point| number(point, Window { since, ..window })).collect();
    let data = match definition.kind {
        Kind::Gauge => metric::Data::Gauge(Gauge { data_points: numbers(0) }),
        Kind::Counter => metric::Data::Sum(Sum {
            data_points: numbers(window.since),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        Kind::Histogram => metric::Data::Histogram(Histogram {
            data_points: family.points.iter().filter_map(|point| histogram(point, window)).collect(),
            aggregation_temporality: cumulative,
        }),
    };
    let unit = match definition.unit {
        Unit::None => "",
        Unit::Seconds => "s",
    };
    Metric {
        name: definition.name.to_owned(),
        description: definition.help.to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..Metric::default()
    }
}

fn attributes(point: &Point) -> Vec<KeyValue> {
    point.attributes.iter().map(|(name, value)| attribute(name, value.as_str())).collect()
}

fn number(point: &Point, window: Window) -> Option<NumberDataPoint> {
    let Value::Number(value) = point.value else { return None };
    Some(NumberDataPoint {
        attributes: attributes(point),
        start_time_unix_nano: window.since,
        time_unix_nano: window.now,
        value: Some(number_data_point::Value::AsInt(i64::try_from(value).unwrap_or(i64::MAX))),
        ..NumberDataPoint::default()
    })
}

fn histogram(point: &Point, window: Window) -> Option<HistogramDataPoint> {
    let Value::Histogram(histogram) = &point.value else { return None };
    Some(HistogramDataPoint {
        attributes: attributes(point),
        start_time_unix_nano: window.since,
        time_unix_nano: window.now,
        count: histogram.buckets.iter().sum(),
        sum: Some(histogram.sum),
        bucket_counts: histogram.buckets.clone(),
        explicit_bounds: histogram.bounds.clone(),
        ..HistogramDataPoint::default()
    })
}
