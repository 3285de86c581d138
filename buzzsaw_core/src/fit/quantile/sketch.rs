//! Quantiles within a stated relative error, in one pass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::{Place, between};

/// Bits of a double's magnitude that are not counted; ten of its 52 bits of fraction are.
const DROPPED: u32 = 42;

/// Counts of doubles by sign, exponent and the first ten bits of the fraction.
///
/// Like the exact state it depends on the multiset of values and on nothing else. There are at most 2^22 different
/// counts, and 1,024 for each power of two that the data spans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuantileSketch {
    seen: u64,
    /// Ascending with the values; negative for negative ones.
    counts: BTreeMap<i32, u64>,
}

impl QuantileSketch {
    /// Adds one value. NaN is missing and ignored, infinities have their places, -0.0 is 0.0.
    #[inline]
    pub fn add(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        let bits = (x + 0.0).to_bits();
        let magnitude = (bits << 1 >> (DROPPED + 1)) as i32;
        let bucket = if bits >> 63 == 1 {
            -1 - magnitude
        } else {
            magnitude
        };
        *self.counts.entry(bucket).or_default() += 1;
        self.seen += 1;
    }

    /// Adds everything that was added to `other`.
    pub fn merge(&mut self, other: &QuantileSketch) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
        self.seen += other.seen;
    }

    /// The median within a relative error of 2^-11 (0.05 %); NaN of no data.
    ///
    /// The midpoint of the middle two values, each replaced by the middle of its bucket. Values below 2^-1022 in
    /// magnitude count as 0.0 when they are below 2^-1032, and have that absolute error when not.
    pub fn median(&self) -> f64 {
        let Some(last) = self.seen.checked_sub(1) else {
            return f64::NAN;
        };
        let (low, high) = (self.value(last / 2), self.value(last - last / 2));
        if low == high { low } else { low / 2.0 + high / 2.0 }
    }

    /// The `q`-quantiles, by the rule of [`super::QuantileState::finish`] over values within the error of
    /// [`QuantileSketch::median`]; NaN of no data. Each `q` is between 0 and 1.
    pub fn quantiles(&self, quantiles: &[f64]) -> Vec<f64> {
        let quantile = |q: &f64| {
            if self.seen == 0 {
                return f64::NAN;
            }
            let place = Place::of(*q, self.seen);
            let a = self.value(place.below);
            if place.share == 0.0 {
                a
            } else {
                between(a, self.value(place.below + 1), place.share)
            }
        };
        quantiles.iter().map(quantile).collect()
    }

    /// How many different counts are held.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// How many values were added.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    fn value(&self, rank: u64) -> f64 {
        let mut below = 0;
        for (bucket, count) in &self.counts {
            below += count;
            if rank < below {
                return middle(*bucket);
            }
        }
        f64::NAN
    }
}

fn middle(bucket: i32) -> f64 {
    let magnitude = if bucket < 0 { -1 - bucket } else { bucket };
    let low = (magnitude as u64) << DROPPED;
    let value = if magnitude == 0 {
        0.0
    } else if f64::from_bits(low).is_infinite() {
        f64::INFINITY
    } else {
        f64::from_bits(low | 1 << (DROPPED - 1))
    };
    if bucket < 0 { 0.0 - value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::xxh3_64;

    const ERROR: f64 = 1.0 / 2048.0;

    fn sketch(values: &[f64]) -> QuantileSketch {
        let mut sketch = QuantileSketch::default();
        values.iter().for_each(|value| sketch.add(*value));
        sketch
    }

    #[test]
    fn the_median_is_within_its_error() {
        for n in [1usize, 2, 3, 10, 1001, 4000] {
            for scale in [1e-290, 1e-3, 1.0, 1e12, 1e290] {
                let value = |i: usize| {
                    let hash = xxh3_64(&i.to_le_bytes(), n as u64);
                    (hash >> 11) as f64 / (1u64 << 53) as f64 * scale * if hash & 4 == 0 { 1.0 } else { 3.0 }
                };
                let mut values: Vec<f64> = (0..n).map(value).collect();
                let got = sketch(&values).median();
                values.sort_by(f64::total_cmp);
                let want = values[(n - 1) / 2] / 2.0 + values[n / 2] / 2.0;
                assert!((got / want - 1.0).abs() <= ERROR, "{n} {scale}: {got} for {want}");
            }
        }
    }

    #[test]
    fn signs_zeros_and_infinities_have_their_places() {
        let inf = f64::INFINITY;
        assert!(sketch(&[]).median().is_nan());
        assert!(sketch(&[f64::NAN]).median().is_nan());
        for (values, want) in [
            (&[-0.0][..], 0.0),
            (&[-inf, 0.0, inf], 0.0),
            (&[inf, inf, -inf], inf),
            (&[-inf, -inf, 1.0], -inf),
            (&[-5e-324, 5e-324, 0.0], 0.0),
        ] {
            assert_eq!(
                sketch(values).median().to_bits(),
                f64::to_bits(want),
                "{values:?}"
            );
        }
        let negative = sketch(&[-3.0, -1.0, -2.0]).median();
        assert!((negative / -2.0 - 1.0).abs() <= ERROR && negative < 0.0);
        assert!(sketch(&[f64::MAX, f64::MAX]).median().is_finite());
    }

    #[test]
    fn quantiles_lie_between_the_ranks_around_them() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let got = sketch(&values).quantiles(&[0.0, 0.255, 1.0]);
        for (got, want) in got.iter().zip([0.0, 25.5, 100.0]) {
            assert!((got - want).abs() <= want * ERROR, "{got} for {want}");
        }
        let empty = QuantileSketch::default();
        assert!(empty.quantiles(&[0.5])[0].is_nan() && empty.is_empty());
        let few = sketch(&[1.0, 1.0, 7.0, f64::NAN]);
        assert_eq!((few.len(), few.seen(), few.is_empty()), (2, 3, false));
    }

    #[test]
    fn partitioning_changes_nothing() {
        let values: Vec<f64> = (0..999).map(|i| f64::from(i * i % 101) - 50.0).collect();
        let whole = sketch(&values);
        let mut merged = QuantileSketch::default();
        values
            .chunks(7)
            .rev()
            .for_each(|part| merged.merge(&sketch(part)));
        assert_eq!(merged, whole);
    }
}
