//! The exponential: fast phase in pairs of doubles.
//!
//! x = (128 k + i) ln(2)/128 + r with |r| < 2^-8.5, so exp x = 2^k 2^(i/128) exp r, with 2^(i/128) = T + t from a
//! table, T of 26 bits (Tang, "Table-driven implementation of the exponential function", ACM TOMS 15(2), 1989).
//! The multiple of ln(2)/128 is taken off in two parts, the first exactly; r is then split into `top`, its upper
//! 26 bits, and `under`, so that T × top is exact:
//!
//! ```text
//! exp x = 2^k (T + T top + [t + T (under + q) + t (r + q)]),   q = exp(r) - 1 - r
//! ```
//!
//! Error relative to the result: q < 2^-18 has relative error below 6u (u = 2^-53), that is 2^-68.4 of the
//! result; the bracket is below 2^-17 and rounds to below 2^-70 in three steps; `under` is below 2^-25 and off by
//! 2^-78; cutting the series after r^6 costs 2^-72. Together below 2^-67.7.

use super::nan::canonical_nan;
use super::tables::{EXP, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT};
use super::{big, wide};

/// Bound on the relative error of the fast phase.
const RELATIVE_ERROR: f64 = f64::from_bits((1023 - 67) << 52);
/// Adding and taking away 1.5 × 2^52 rounds to an integer, without the platform's `rint`.
const ROUND_TO_INTEGER: f64 = 6_755_399_441_055_744.0;
/// The largest x whose exponential is finite, 709.78.
const HIGHEST: f64 = f64::from_bits(0x4086_2e42_fefa_39ef);
/// Above it results are normal numbers.
const LOWEST_NORMAL: f64 = -708.0;
/// Below it results are less than half of the smallest subnormal.
const LOWEST: f64 = -746.0;

/// e to the power `x`, correctly rounded, subnormal results too. Overflow gives infinity, underflow +0.0, NaN the
/// canonical NaN.
#[inline]
pub fn exp(x: f64) -> f64 {
    if !(LOWEST_NORMAL..=HIGHEST).contains(&x) {
        return special(x);
    }
    // 1 + x is within 2^-107 of the result, and rounds to 1.
    if x.abs() < f64::from_bits((1023 - 54) << 52) {
        return 1.0;
    }
    let (result, rest, error, k) = interval(x);
    let (below, above) = (result + (rest - error), result + (rest + error));
    if below != above {
        return refine(x);
    }
    // 2^k by way of the exponent's bits: k = 1024 is possible, with a significand below 1.
    f64::from_bits(below.to_bits().wrapping_add((k << 52) as u64))
}

/// Two doubles whose sum times 2^k is exp(`x`), a bound on the error of that sum, and k.
#[inline]
pub(super) fn interval(x: f64) -> (f64, f64, f64, i64) {
    let steps = (x * STEPS_PER_UNIT + ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
    let count = steps as i64;
    let first = x - steps * STEP_HIGH;
    let second = -(steps * STEP_LOW);
    let top = f64::from_bits(first.to_bits() & !0x7ff_ffff);
    let under = (first - top) + second;
    let r = first + second;
    let r2 = r * r;
    let series = (0.5 + r * (1.0 / 6.0)) + r2 * ((1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0));
    let q = r2 * series;
    let (table, table_low) = EXP[(count & 127) as usize];
    let product = table * top;
    let s = table + product;
    let s_rest = product - (s - table);
    let tail = s_rest + (table_low + (table * (under + q) + table_low * (r + q)));
    let result = s + tail;
    let rest = tail - (result - s);
    (result, rest, result * RELATIVE_ERROR, count >> 7)
}

#[cold]
fn special(x: f64) -> f64 {
    if x.is_nan() {
        canonical_nan()
    } else if x > HIGHEST {
        f64::INFINITY
    } else if x < LOWEST {
        0.0
    } else {
        refine(x)
    }
}

#[cold]
fn refine(x: f64) -> f64 {
    wide::exp(x).unwrap_or_else(|| big::exp(x))
}
