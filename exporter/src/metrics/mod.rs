//! The numbers, before anybody's format: which there are, and what they are at one moment.

mod catalogue;
mod collect;

pub(crate) use catalogue::{Definition, Kind, Unit};
pub(crate) use collect::{Own, collect};

/// One metric with its values.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) definition: &'static Definition,
    pub(crate) points: Vec<Point>,
}

/// One value.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    /// Names and values, in a fixed order.
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A state, or a count.
    Number(u64),
    Histogram(Histogram),
}

/// Times in buckets.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    /// Upper bounds, in seconds.
    pub(crate) bounds: Vec<f64>,
    /// How many fell into each; one more than there are bounds.
    pub(crate) buckets: Vec<u64>,
    /// In seconds.
    pub(crate) sum: f64,
}
