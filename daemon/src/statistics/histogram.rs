//! Times in buckets.

use std::time::Duration;

/// Upper bounds of the buckets, in microseconds: from a signature in memory to a dialog that nobody answers.
pub(crate) const BOUNDS_US: [u64; 16] = [
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
];

/// How many took how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// One more than there are bounds: the last is for what took longer.
    buckets: [u64; BOUNDS_US.len() + 1],
    sum_us: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, time: Duration) {
        let us = micros(time);
        let place = BOUNDS_US.partition_point(|bound| *bound < us);
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket = bucket.saturating_add(1);
        }
        self.sum_us = self.sum_us.saturating_add(us);
    }

    /// How many fell into each bucket.
    pub(crate) fn buckets(&self) -> &[u64] {
        &self.buckets
    }

    /// All of the times together, in microseconds.
    pub(crate) fn sum_us(&self) -> u64 {
        self.sum_us
    }
}

/// In whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let mut histogram = Histogram::default();
        for us in [0, 1_000, 1_001, 2_500, 120_000_000, 120_000_001] {
            histogram.add(Duration::from_micros(us));
        }
        let mut expected = [0; BOUNDS_US.len() + 1];
        (expected[0], expected[1], expected[15], expected[16]) = (2, 2, 1, 1);
        assert_eq!(histogram.buckets(), expected);
        assert_eq!(histogram.sum_us(), 240_004_502);
    }

    #[test]
    fn bounds_grow() {
        assert!(BOUNDS_US.is_sorted());
    }
}
