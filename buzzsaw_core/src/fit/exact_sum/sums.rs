//! Sums and sums of squares of doubles without any rounding before the last step.
//!
//! Both states are exactly commutative and associative: equal multisets of values give equal states and equal
//! serialised bytes, in whatever order and partitioning they were added and merged. Infinite values are counted
//! apart, so the result is what IEEE addition gives and does not depend on the order either. NaN is missing, and
//! is ignored.

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};

use super::accumulator::{Accumulator, decompose};

/// Digits for every double (2,098 bits) and 2^63 additions of the largest.
const SUM_LIMBS: usize = 34;
/// Digits for every product of two doubles (4,196 bits) and 2^63 additions of the largest.
pub(in crate::fit) const PRODUCT_LIMBS: usize = 67;
/// Exponent of the smallest double, the unit of a sum.
pub(in crate::fit) const SUM_UNIT: i64 = -1074;
/// Exponent of the smallest product, the unit of a sum of squares.
pub(in crate::fit) const PRODUCT_UNIT: i64 = 2 * SUM_UNIT;

/// The exact sum of doubles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExactSum {
    finite: Accumulator<SUM_LIMBS>,
    positive_infinities: u64,
    negative_infinities: u64,
}

impl ExactSum {
    /// The empty sum.
    pub const fn new() -> ExactSum {
        ExactSum {
            finite: Accumulator::new(),
            positive_infinities: 0,
            negative_infinities: 0,
        }
    }

    /// Adds `x`. NaN is ignored; the sign of a zero is not kept.
    #[inline]
    pub fn add(&mut self, x: f64) {
        if !x.is_finite() {
            return self.add_infinity(x);
        }
        let (significand, place) = decompose(x);
        self.finite.add(x.is_sign_negative(), significand, place);
    }

    #[cold]
    fn add_infinity(&mut self, x: f64) {
        self.positive_infinities += u64::from(x == f64::INFINITY);
        self.negative_infinities += u64::from(x == f64::NEG_INFINITY);
    }

    /// Adds everything that was added to `other`.
    pub fn merge(&mut self, other: &ExactSum) {
        self.finite.merge(&other.finite);
        self.positive_infinities = self.positive_infinities.saturating_add(other.positive_infinities);
        self.negative_infinities = self.negative_infinities.saturating_add(other.negative_infinities);
    }

    /// The sum, rounded once to nearest even; beyond the range of doubles an infinity, nothing added 0.0, infinities
    /// of both signs NaN.
    pub fn value(&self) -> f64 {
        self.infinite_value()
            .unwrap_or_else(|| self.finite.rounded(SUM_UNIT))
    }

    /// The sum of finite values times 2^`power`, rounded once, for a power of at most 0.
    pub(crate) fn scaled(&self, power: i32) -> f64 {
        self.finite.rounded(SUM_UNIT + i64::from(power))
    }

    /// `count` times `x` less the sum of finite values, over `count`: the first rounded once. `count` is below 2^53.
    pub(crate) fn difference_from_mean(&self, x: f64, count: u64) -> f64 {
        let mut rest = self.finite.clone();
        let (significand, place) = decompose(x);
        rest.add_wide(
            x.is_sign_positive(),
            u128::from(significand) * u128::from(count),
            place,
        );
        // 0.0 less it, so that nothing is 0.0.
        let parts = count as f64;
        let plain = (0.0 - rest.rounded(SUM_UNIT)) / parts;
        if plain.is_finite() {
            return plain;
        }
        let scale = f64::from_bits((1023 + 64) << 52);
        (0.0 - rest.rounded(SUM_UNIT - 64)) / parts * scale
    }

    /// The sum if infinite values decide it.
    pub(super) fn infinite_value(&self) -> Option<f64> {
        match (self.positive_infinities, self.negative_infinities) {
            (0, 0) => None,
            (_, 0) => Some(f64::INFINITY),
            (0, _) => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        }
    }

    /// The sum of the finite values in units of 2^-1074.
    pub(in crate::fit) fn finite_units(&self) -> BigInt {
        self.finite.to_integer()
    }
}

impl Default for ExactSum {
    fn default() -> Self {
        ExactSum::new()
    }
}

/// The exact sum of the squares of doubles: integer products of significands, never a floating-point one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExactSquares {
    finite: Accumulator<PRODUCT_LIMBS>,
    infinities: u64,
}

impl ExactSquares {
    /// The empty sum.
    pub const fn new() -> ExactSquares {
        ExactSquares {
            finite: Accumulator::new(),
            infinities: 0,
        }
    }

    /// Adds the square of `x`. NaN is ignored.
    #[inline]
    pub fn add(&mut self, x: f64) {
        if !x.is_finite() {
            self.infinities += u64::from(!x.is_nan());
            return;
        }
        self.finite.add_product(x, x);
    }

    /// Adds everything that was added to `other`.
    pub fn merge(&mut self, other: &ExactSquares) {
        self.finite.merge(&other.finite);
        self.infinities = self.infinities.saturating_add(other.infinities);
    }

    /// The sum of squares, rounded once to nearest even; beyond the range of doubles, or with an infinite value
    /// added, infinity.
    pub fn value(&self) -> f64 {
        if self.infinities > 0 {
            f64::INFINITY
        } else {
            self.finite.rounded(PRODUCT_UNIT)
        }
    }

    /// The sum over the finite values in units of 2^-2148.
    pub(in crate::fit) fn finite_units(&self) -> BigInt {
        self.finite.to_integer()
    }
}

impl Default for ExactSquares {
    fn default() -> Self {
        ExactSquares::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> ExactSum {
        values.iter().fold(ExactSum::new(), |mut sum, &x| {
            sum.add(x);
            sum
        })
    }

    #[test]
    fn a_mix_that_plain_addition_loses() {
        let values = [1e300, 1e-300, -1e300, 1e-300];
        assert_eq!(sum(&values).value(), 2e-300);
        assert_ne!(values.iter().sum::<f64>(), 2e-300);
        let mut squares = ExactSquares::new();
        [1.0, 1e-20, 1e10].into_iter().for_each(|x| squares.add(x));
        assert_eq!(squares.value(), 1e20);
    }

    #[test]
    fn one_rounding_half_to_even() {
        let half_unit = f64::EPSILON / 2.0;
        assert_eq!(sum(&[1.0, half_unit]).value(), 1.0);
        assert_eq!(
            sum(&[1.0 + f64::EPSILON, half_unit]).value(),
            1.0 + 2.0 * f64::EPSILON
        );
        assert_eq!(sum(&[1.0, half_unit, 5e-324]).value(), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[-1.0, -half_unit, -5e-324]).value(), -1.0 - f64::EPSILON);
    }

    #[test]
    fn subnormals_and_overflow() {
        assert_eq!(sum(&[5e-324, 5e-324, 5e-324]).value(), 1.5e-323);
        assert_eq!(sum(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]).value(), f64::MAX);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX]).value(), f64::NEG_INFINITY);
        let mut squares = ExactSquares::new();
        squares.add(5e-324);
        assert_eq!(squares.value(), 0.0);
        squares.add(f64::MAX);
        assert_eq!(squares.value(), f64::INFINITY);
    }

    #[test]
    fn infinities_are_counted_and_nan_is_missing() {
        assert_eq!(sum(&[1.0, f64::INFINITY, -1e308]).value(), f64::INFINITY);
        assert_eq!(sum(&[f64::NEG_INFINITY]).value(), f64::NEG_INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).value().is_nan());
        assert_eq!(sum(&[f64::NAN, 2.0]), sum(&[2.0]));
        assert_eq!(sum(&[]).value().to_bits(), 0);
        assert_eq!(sum(&[-0.0]).value().to_bits(), 0);
        let mut squares = ExactSquares::new();
        squares.add(f64::NEG_INFINITY);
        squares.add(f64::NAN);
        assert_eq!(
            squares,
            ExactSquares {
                finite: Accumulator::new(),
                infinities: 1
            }
        );
    }

    #[test]
    fn sums_that_are_scaled_and_differences_from_a_mean() {
        let large = sum(&[f64::MAX, f64::MAX, 1.0]);
        assert_eq!(large.scaled(-1), f64::MAX);
        assert_eq!(sum(&[3.0]).scaled(-2), 0.75);
        let mixed = sum(&[1e300, 1e-300, -1e300]);
        assert_eq!(mixed.difference_from_mean(1e-300, 3), 2e-300 / 3.0);
        assert_eq!(mixed.difference_from_mean(1e300, 3), 1e300);
        assert_eq!(mixed.difference_from_mean(-1e300, 3), -1e300);
        assert_eq!(sum(&[0.1, 0.1, 0.1]).difference_from_mean(0.1, 3).to_bits(), 0);
        // The mean is half the largest number.
        let ends = sum(&[f64::MAX, 0.0]);
        assert_eq!(ends.difference_from_mean(f64::MAX, 2), f64::MAX / 2.0);
        assert_eq!(ends.difference_from_mean(-f64::MAX, 2), f64::NEG_INFINITY);
        let thirds = sum(&[f64::MAX, f64::MAX, -f64::MAX]);
        assert_eq!(thirds.difference_from_mean(f64::MAX, 3), f64::MAX / 3.0 * 2.0);
        let most = (1 << 53) - 1;
        assert_eq!(
            sum(&[1.0]).difference_from_mean(1.0, most),
            (most - 1) as f64 / most as f64
        );
    }

    #[test]
    fn sums_beyond_two_to_the_63_additions() {
        let mut sum = sum(&[f64::MAX]);
        let mut squares = ExactSquares::new();
        squares.add(f64::MAX);
        let (one, one_square) = (sum.finite_units(), squares.finite_units());
        for _ in 0..63 {
            sum.merge(&sum.clone());
            squares.merge(&squares.clone());
        }
        assert_eq!(sum.finite_units(), one << 63);
        assert_eq!(squares.finite_units(), one_square << 63);
        let text = serde_json::to_string(&squares).unwrap();
        assert_eq!(serde_json::from_str::<ExactSquares>(&text).unwrap(), squares);
    }
}
