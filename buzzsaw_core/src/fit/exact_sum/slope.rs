//! The slope of a regression line, from exact sums.

use num_bigint::{BigInt, Sign};
use serde::{Deserialize, Serialize};

use super::accumulator::Accumulator;
use super::sums::{ExactSquares, ExactSum, PRODUCT_LIMBS};
use crate::fit::rational::ratio_to_f64;

/// Exact sums over pairs of finite numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExactSlope {
    count: u64,
    x: ExactSum,
    y: ExactSum,
    squares: ExactSquares,
    products: Accumulator<PRODUCT_LIMBS>,
}

impl ExactSlope {
    /// The state of no pairs.
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            x: ExactSum::new(),
            y: ExactSum::new(),
            squares: ExactSquares::new(),
            products: Accumulator::new(),
        }
    }

    /// Adds a pair of finite numbers.
    pub(crate) fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        self.x.add(x);
        self.y.add(y);
        self.squares.add(x);
        self.products.add_product(x, y);
    }

    /// Adds everything that was added to `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.squares.merge(&other.squares);
        self.products.merge(&other.products);
    }

    /// cov(x, y) / var(x), rounded once; NaN where all x are equal.
    pub(crate) fn slope(&self) -> f64 {
        let count = BigInt::from(self.count);
        let (x, y) = (self.x.finite_units(), self.y.finite_units());
        let spread = &count * self.squares.finite_units() - &x * &x;
        let joint = count * self.products.to_integer() - x * y;
        match spread.into_parts() {
            (Sign::Plus, spread) => ratio_to_f64(&joint, &spread, 0),
            _ => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_lines_and_of_points() {
        let slope = |pairs: &[(f64, f64)]| {
            let mut state = ExactSlope::new();
            pairs.iter().for_each(|(x, y)| state.add(*x, *y));
            state.slope()
        };
        assert_eq!(slope(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]), 2.0);
        assert_eq!(slope(&[(1e200, -1e200), (3e200, -2e200)]), -0.5);
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 0.0), (2.0, 0.0)]), -0.5);
        assert!(slope(&[(2.0, 1.0), (2.0, 3.0)]).is_nan() && slope(&[]).is_nan());
    }

    #[test]
    fn partitioning_changes_nothing() {
        let pairs: Vec<(f64, f64)> = (0..99)
            .map(|i| (f64::from(i * i % 17) / 3.0, f64::from(i)))
            .collect();
        let of = |pairs: &[(f64, f64)]| {
            let mut state = ExactSlope::new();
            pairs.iter().for_each(|(x, y)| state.add(*x, *y));
            state
        };
        let mut merged = ExactSlope::new();
        pairs.chunks(10).rev().for_each(|part| merged.merge(&of(part)));
        assert_eq!(merged, of(&pairs));
    }
}
