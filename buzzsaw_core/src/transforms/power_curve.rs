//! The curves of power transforms, and their slope in lambda.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math;

/// Which numbers a power transform takes, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    /// (x^lambda - 1) / lambda, ln x for lambda 0; for positive numbers.
    BoxCox,
    /// Box-Cox of 1 + x for x >= 0, and of 1 - x with 2 - lambda, negated, for x < 0.
    #[default]
    YeoJohnson,
}

/// 2^-54: below it exp(t) - 1 is t.
const TINY: f64 = f64::from_bits((1023 - 54) << 52);
/// Below it the slope is a series, above it a quotient that cancels less than three bits.
const SERIES: f64 = 0.5;
const TERMS: usize = 17;
/// 1 / ((k + 2) k!): Taylor's series of the slope of (exp(t) - 1) / t.
const COEFFICIENTS: [f64; TERMS] = coefficients();

const fn coefficients() -> [f64; TERMS] {
    let mut made = [0.0; TERMS];
    let (mut k, mut factorial) = (0, 1.0);
    while k < TERMS {
        made[k] = 1.0 / ((k as f64 + 2.0) * factorial);
        k += 1;
        factorial *= k as f64;
    }
    made
}

/// (exp(`power` × `log`) - 1) / `power`; `log` where `power` is 0.
pub(super) fn grown(log: f64, power: f64) -> f64 {
    let t = power * log;
    if power == 0.0 || t.abs() < TINY {
        log
    } else {
        math::exp_m1(t) / power
    }
}

/// The slope of [`grown`] in `power`, for a finite `log`.
pub(super) fn slope(log: f64, power: f64) -> f64 {
    let t = power * log;
    let shape = if t.abs() < SERIES {
        COEFFICIENTS.iter().rev().fold(0.0, |sum, c| sum * t + c)
    } else {
        let less_one = math::exp_m1(t);
        (t * (less_one + 1.0) - less_one) / (t * t)
    };
    log * log * shape
}

impl Method {
    /// The logarithm that the curve grows from, and whether the number is on the mirrored side; NaN outside of the curve's
    /// domain.
    pub(super) fn log(self, x: f64) -> (f64, bool) {
        match self {
            Method::BoxCox => (math::ln(x), false),
            Method::YeoJohnson if x < 0.0 => (math::ln_1p(-x), true),
            Method::YeoJohnson => (math::ln_1p(x), false),
        }
    }

    /// The curve at `x`; NaN outside of its domain.
    pub(super) fn value(self, x: f64, lambda: f64) -> f64 {
        match self.log(x) {
            (log, false) => grown(log, lambda),
            (log, true) => -grown(log, 2.0 - lambda),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_that_vanish_leave_the_logarithm() {
        for log in [1e-20, -1e-300, 0.5] {
            assert_eq!(grown(log, 1e-310), log);
        }
        assert!(Method::BoxCox.value(-1.0, 0.5).is_nan() && Method::YeoJohnson.value(f64::NAN, 0.5).is_nan());
    }

    /// Oracle: mpmath, of (t exp(t) - exp(t) + 1) / t².
    #[test]
    fn slopes_on_both_sides_of_the_series() {
        for (t, want) in [
            (-0.5, 0.360_816_041_724_199_45),
            (-0.499_999, 0.360_816_271_927_131),
            (0.5, 0.702_557_458_599_743_7),
            (0.499_999, 0.702_556_971_387_223_8),
            (1e-9, 0.500_000_000_333_333_4),
            (2.0, 2.097_264_024_732_662_6),
            (-20.0, 0.002_499_999_891_789_435),
        ] {
            let got = slope(1.0, t);
            assert!((got / want - 1.0).abs() < 4e-15, "{t}: {got} for {want}");
        }
    }
}
