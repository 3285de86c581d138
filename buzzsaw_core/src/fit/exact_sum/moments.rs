//! Count, mean and variance of a stream of doubles: exact rationals, rounded once.

use num_bigint::{BigInt, BigUint, Sign};
use serde::{Deserialize, Serialize};

use super::sums::{ExactSquares, ExactSum, PRODUCT_UNIT, SUM_UNIT};
use crate::fit::rational::{ratio_to_f64, sqrt_ratio_to_f64};

/// What mean, variance and standard deviation need, as a mergeable state.
///
/// Commutative and associative to the bit, like the sums it is made of. NaN is missing and is not counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSquares,
}

impl Moments {
    /// The state of no values.
    pub const fn new() -> Moments {
        Moments {
            count: 0,
            sum: ExactSum::new(),
            squares: ExactSquares::new(),
        }
    }

    /// Adds one value; NaN is ignored.
    #[inline]
    pub fn add(&mut self, x: f64) {
        self.count += u64::from(!x.is_nan());
        self.sum.add(x);
        self.squares.add(x);
    }

    /// Adds everything that was added to `other`.
    pub fn merge(&mut self, other: &Moments) {
        self.count = self.count.saturating_add(other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// How many values were added, infinite ones included.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum of the values.
    pub fn sum(&self) -> &ExactSum {
        &self.sum
    }

    /// The exact sum of their squares.
    pub fn squares(&self) -> &ExactSquares {
        &self.squares
    }

    /// Arithmetic mean: the double nearest to sum / count. No values give NaN; infinite ones what IEEE addition
    /// gives (an infinity, or NaN when both signs occur). A mean of finite values never overflows.
    pub fn mean(&self) -> f64 {
        let exact = || mean(self.count, &self.sum.finite_units());
        self.sum.infinite_value().unwrap_or_else(exact)
    }

    /// Population variance (ddof 0): the double nearest to (n Σx² - (Σx)²) / n². Equal values give exactly 0.0; no
    /// values or an infinite one give NaN; beyond the range of doubles it is infinity.
    pub fn variance(&self) -> f64 {
        match self.variance_numerator() {
            Some(numerator) => ratio_to_f64(&numerator.into(), &squared(self.count), PRODUCT_UNIT),
            None => f64::NAN,
        }
    }

    /// Population standard deviation: the double nearest to the square root of the exact variance, not of the rounded
    /// one. It is finite and not zero even where [`Moments::variance`] overflows or underflows. NaN as there.
    pub fn std(&self) -> f64 {
        match self.variance_numerator() {
            Some(numerator) => sqrt_ratio_to_f64(&numerator, &squared(self.count), PRODUCT_UNIT),
            None => f64::NAN,
        }
    }

    fn variance_numerator(&self) -> Option<BigUint> {
        if self.sum.infinite_value().is_some() {
            return None;
        }
        variance_numerator(self.count, &self.sum.finite_units(), &self.squares.finite_units())
    }
}

/// The mean of `count` values with this sum in units of 2^-1074; NaN of none.
pub(super) fn mean(count: u64, sum: &BigInt) -> f64 {
    if count == 0 {
        return f64::NAN;
    }
    ratio_to_f64(sum, &BigUint::from(count), SUM_UNIT)
}

/// The standard deviation of `count` values with this sum and sum of squares; NaN of none.
pub(super) fn std(count: u64, sum: &BigInt, squares: &BigInt) -> f64 {
    match variance_numerator(count, sum, squares) {
        Some(numerator) => sqrt_ratio_to_f64(&numerator, &squared(count), PRODUCT_UNIT),
        None => f64::NAN,
    }
}

/// n Σx² - (Σx)² in units of 2^-2148: never negative (Cauchy-Schwarz) unless the state was forged.
fn variance_numerator(count: u64, sum: &BigInt, squares: &BigInt) -> Option<BigUint> {
    if count == 0 {
        return None;
    }
    let (sign, magnitude) = (squares * BigInt::from(count) - sum * sum).into_parts();
    (sign != Sign::Minus).then_some(magnitude)
}

fn squared(count: u64) -> BigUint {
    BigUint::from(u128::from(count) * u128::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../../tests/vectors/exact.txt");

    fn moments(values: &[f64]) -> Moments {
        values.iter().fold(Moments::new(), |mut moments, &x| {
            moments.add(x);
            moments
        })
    }

    /// Values, and the expected bits of sum, sum of squares, mean, variance and standard deviation.
    fn vectors() -> Vec<(Vec<f64>, [u64; 5])> {
        let word = |text: &str| u64::from_str_radix(text, 16).unwrap();
        let lines = VECTORS.lines().filter_map(|line| line.strip_prefix("moments "));
        let parsed = lines.map(|line| {
            let (values, results) = line.split_once(" = ").unwrap();
            let results: Vec<u64> = results.split(' ').map(word).collect();
            (
                values.split(' ').map(|text| f64::from_bits(word(text))).collect(),
                results.try_into().unwrap(),
            )
        });
        parsed.collect()
    }

    fn results(moments: &Moments) -> [u64; 5] {
        [
            moments.sum.value(),
            moments.squares.value(),
            moments.mean(),
            moments.variance(),
            moments.std(),
        ]
        .map(f64::to_bits)
    }

    /// Oracle: Python's `fractions.Fraction`.
    #[test]
    fn frozen_vectors() {
        let vectors = vectors();
        assert!(vectors.len() > 100);
        for (values, want) in vectors {
            assert_eq!(results(&moments(&values)), want, "{values:?}");
        }
    }

    /// The test above would not pass with plain doubles.
    #[test]
    fn a_plain_double_twin_fails_the_vectors() {
        let failures = |twin: fn(&[f64]) -> f64, place: usize| {
            vectors()
                .iter()
                .filter(|(values, want)| twin(values).to_bits() != want[place])
                .count()
        };
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!(failures(sum, 0) > 20);
        assert!(failures(|values| values.iter().sum::<f64>() / values.len() as f64, 2) > 20);
        let naive = |values: &[f64]| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            values.iter().map(|x| x * x).sum::<f64>() / n - mean * mean
        };
        assert!(failures(naive, 3) > 20);
        let mixed = [1e300, 1e-300, -1e300];
        assert_eq!(moments(&mixed).mean().to_bits(), (1e-300f64 / 3.0).to_bits());
        assert_eq!(sum(&mixed) / 3.0, 0.0);
    }

    #[test]
    fn any_order_and_partitioning_gives_the_same_bytes() {
        for (values, want) in vectors().into_iter().filter(|(values, _)| values.len() > 3) {
            let whole = serde_json::to_string(&moments(&values)).unwrap();
            for parts in [2, 3, 7] {
                let mut pieces: Vec<Moments> =
                    values.chunks(values.len().div_ceil(parts)).map(moments).collect();
                pieces.reverse();
                let mut merged = Moments::new();
                for piece in &pieces {
                    let text = serde_json::to_string(piece).unwrap();
                    merged.merge(&serde_json::from_str(&text).unwrap());
                }
                assert_eq!(serde_json::to_string(&merged).unwrap(), whole);
                assert_eq!(merged, moments(&values));
                assert_eq!(results(&merged), want);
            }
        }
    }

    #[test]
    fn empty_and_infinite() {
        let empty = Moments::new();
        assert_eq!(moments(&[f64::NAN]), empty);
        assert!(
            [empty.mean(), empty.variance(), empty.std()]
                .iter()
                .all(|x| x.to_bits() == f64::NAN.to_bits())
        );
        let infinite = moments(&[1.0, f64::INFINITY]);
        assert_eq!((infinite.count(), infinite.mean()), (2, f64::INFINITY));
        assert!(infinite.variance().is_nan() && infinite.std().is_nan());
        assert!(moments(&[f64::NEG_INFINITY, f64::INFINITY]).mean().is_nan());
    }

    #[test]
    fn a_forged_state_has_no_variance() {
        let mut forged = moments(&[1.0, 2.0]);
        forged.squares = ExactSquares::new();
        assert!(forged.variance().is_nan() && forged.std().is_nan());
    }
}
