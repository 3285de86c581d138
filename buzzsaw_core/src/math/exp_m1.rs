//! exp(x) - 1: fast phase in pairs of doubles.
//!
//! From 2^-5 on the pair of [`super::exp`] less 1: its error of 2^-67 is relative to exp x, of which |exp x - 1| is
//! 2^-5.03 or more; taking off 1 is exact by a two-sum, and the two additions to its rest round to below 2^-104 of the
//! result.
//!
//! Below, with x²/2 as an exact pair (h, l) by Dekker's product,
//!
//! ```text
//! exp x - 1 = x + h + (l + x³ (1/6 + x/24 + ... + x⁷/10!))
//! ```
//!
//! The cubic term has relative error below 6u (u = 2^-53) and is at most 2^-12.58 of x: 2^-63. Cutting the series
//! costs 2^-75; the roundings of the rest, which is below 2^-12.5 of x, another 2^-64.6. Together below 2^-62.5.

use super::exp::interval;
use super::nan::canonical_nan;
use super::{big, wide};

/// Bound on the relative error of the series.
const SERIES_ERROR: f64 = f64::from_bits((1023 - 62) << 52);
/// Bound on what taking off 1 adds to the error of the exponential.
const SUM_ERROR: f64 = f64::from_bits((1023 - 104) << 52);
/// Bound on what one too many adds to it, above 2^100.
const ONE_ERROR: f64 = f64::from_bits((1023 - 99) << 52);
/// 2^-5, where the two ways meet.
const SMALL: f64 = 0.03125;
/// Below it the result is within 2^-56 of -1, and rounds to it.
const LOWEST: f64 = -39.0;
/// The largest x whose exponential is finite, 709.78; that of exp x - 1 is the same double.
const HIGHEST: f64 = f64::from_bits(0x4086_2e42_fefa_39ef);
/// 2^-54: below it x²/2 is less than half a unit in the last place of x.
const IDENTITY: f64 = f64::from_bits((1023 - 54) << 52);
/// 2^27 + 1 splits a significand in halves (Veltkamp).
const SPLITTER: f64 = 134_217_729.0;

/// e to the power `x` less 1, correctly rounded, accurate for small `x`. `exp_m1(-0.0)` is -0.0; overflow gives
/// infinity, large negative arguments -1, NaN the canonical NaN.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    let magnitude = x.abs();
    if magnitude < IDENTITY {
        return x;
    }
    if !(LOWEST..=HIGHEST).contains(&x) {
        return special(x);
    }
    let (result, rest, error, scale) = if magnitude < SMALL { small(x) } else { large(x) };
    let (below, above) = (result + (rest - error), result + (rest + error));
    if below == above { below * scale } else { refine(x) }
}

/// Two doubles whose sum is exp(`x`) - 1, a bound on the error of that, and a factor for all three, for |`x`| < 2^-5.
#[inline]
fn small(x: f64) -> (f64, f64, f64, f64) {
    let raised = x * SPLITTER;
    let high = raised - (raised - x);
    let low = x - high;
    let square = x * x;
    let square_low = ((high * high - square) + 2.0 * high * low) + low * low;
    let (h, l) = (0.5 * square, 0.5 * square_low);
    let odd = 1.0 / 6.0 + square * (1.0 / 120.0 + square * (1.0 / 5_040.0 + square * (1.0 / 362_880.0)));
    let even = 1.0 / 24.0 + square * (1.0 / 720.0 + square * (1.0 / 40_320.0 + square * (1.0 / 3_628_800.0)));
    let cubic = x * square * (odd + x * even);
    let sum = x + h;
    let tail = (h - (sum - x)) + (l + cubic);
    let result = sum + tail;
    (result, tail - (result - sum), result.abs() * SERIES_ERROR, 1.0)
}

/// As [`small`], for any other argument in range. The factor, a power of two, keeps exp(709) in range.
#[inline]
fn large(x: f64) -> (f64, f64, f64, f64) {
    let (exp, exp_rest, error, k) = interval(x);
    // exp x = 2^k (exp + rest). Above 2^100 one less is far below the error, and 2^k may be out of range.
    if k > 100 {
        let half = f64::from_bits(((1022 + k) as u64) << 52);
        let error = 2.0 * (error + exp * ONE_ERROR);
        return (2.0 * exp, 2.0 * exp_rest, error, half);
    }
    let power = f64::from_bits(((1023 + k) as u64) << 52);
    let (a, a_rest) = (exp * power, exp_rest * power);
    // Two-sum (Knuth).
    let sum = a - 1.0;
    let part = sum + 1.0;
    let rest = (a - part) + ((part - sum) - 1.0);
    let tail = rest + a_rest;
    let result = sum + tail;
    let error = error * power + result.abs() * SUM_ERROR;
    (result, tail - (result - sum), error, 1.0)
}

#[cold]
fn special(x: f64) -> f64 {
    if x.is_nan() {
        canonical_nan()
    } else if x > HIGHEST {
        f64::INFINITY
    } else {
        -1.0
    }
}

#[cold]
fn refine(x: f64) -> f64 {
    wide::exp_m1(x).unwrap_or_else(|| big::exp_m1(x))
}

#[cfg(test)]
pub(super) fn fast(x: f64) -> (f64, f64, f64, f64) {
    if x.abs() < SMALL { small(x) } else { large(x) }
}
