//! The last phase: big integers at growing precision until the rounding is decided. Slow and obvious.
//!
//! It shares no table, constant or method with the other phases, so the tests also use it as their reference.
//! Values are integers in units of 2^-p; every division and shift rounds towards zero and adds less than a unit.

use num_bigint::{BigInt, BigUint, Sign};

use super::round::round_to_nearest;
use super::wide::decompose;

/// Fraction bits of the first attempt.
const START: u64 = 256;

/// The double that `value` × 2^`exponent`, off by at most `error` units, rounds to, if that is decided.
fn rounded(value: &BigInt, exponent: i64, error: &BigUint) -> Option<f64> {
    if value.magnitude() <= error {
        return None;
    }
    let error = &BigInt::from(error.clone());
    let round = |end: BigInt| {
        let (sign, limbs) = end.to_u64_digits();
        round_to_nearest(sign == Sign::Minus, &limbs, exponent, false)
    };
    let (below, above) = (round(value - error), round(value + error));
    (below.to_bits() == above.to_bits()).then_some(below)
}

/// artanh(`numerator` / `denominator`) for a quotient in [0, 1/2]: at most p terms, each off by less than 3 units.
fn artanh(numerator: &BigUint, denominator: &BigUint, p: u64) -> BigUint {
    let t = (numerator << p) / denominator;
    let square = (&t * &t) >> p;
    let (mut power, mut sum, mut n) = (t.clone(), t, 1u32);
    while power != BigUint::ZERO {
        power = (power * &square) >> p;
        n += 2;
        sum += &power / n;
    }
    sum
}

/// ln 2 = 2 artanh(1/3), off by less than 6 p units.
fn ln2(p: u64) -> BigUint {
    artanh(&BigUint::from(1u32), &BigUint::from(3u32), p) << 1u32
}

/// `value` × 2^`shift`, bits below the point dropped.
fn scaled(value: &BigUint, shift: i64) -> BigUint {
    if shift >= 0 {
        value << shift as u64
    } else {
        value >> shift.unsigned_abs()
    }
}

/// ln(`integer` × 2^`exponent`) in units of 2^-`p`, and by how many units it may be off.
///
/// With m × 2^e the value, m in [3/4, 3/2), it is 2 artanh((m - 1)/(m + 1)) + e ln 2.
pub(super) fn ln_units(integer: &BigUint, exponent: i64, p: u64) -> (BigInt, u64) {
    let mut e = integer.bits() as i64 - 1 + exponent;
    let one = BigUint::from(1u32) << p;
    let mut m = scaled(integer, p as i64 + exponent - e);
    if m >= BigUint::from(3u32) << (p - 1) {
        e += 1;
        m = scaled(integer, p as i64 + exponent - e);
    }
    let (sign, distance) = if m >= one {
        (Sign::Plus, &m - &one)
    } else {
        (Sign::Minus, &one - &m)
    };
    let series = BigInt::from_biguint(sign, artanh(&distance, &(m + one), p) << 1u32);
    // 6 p + 2 units from the series, as many from each ln 2.
    (series + BigInt::from(ln2(p)) * e, (e.unsigned_abs() + 2) * 8 * p)
}

/// exp(`x`) as a number in units of 2^-`p` and a power of two, and by how many units the number may be off; for
/// finite `x` with 2^-100 < |`x`| < 2^10.
///
/// x = k ln 2 + r, then Taylor's series: at most p terms, each off by less than 4 units.
pub(super) fn exp_units(x: f64, p: u64) -> (BigInt, i64, u64) {
    let (significand, exponent) = decompose(x);
    let sign = if x < 0.0 { Sign::Minus } else { Sign::Plus };
    let fixed = BigInt::from_biguint(sign, scaled(&BigUint::from(significand), exponent + p as i64));
    // One too small or right, by the truncation and the rounding of this product: r is in (-2^-40, 2 ln 2].
    let k = (x * std::f64::consts::LOG2_E) as i64 - 1;
    (exp_fixed(&fixed, k, p), k, (k.unsigned_abs() + 2) * 24 * p)
}

/// exp(`fixed` - `k` ln 2), both in units of 2^-`p`, for a difference in (-2^-40, 2 ln 2].
fn exp_fixed(fixed: &BigInt, k: i64, p: u64) -> BigInt {
    let r = fixed - BigInt::from(ln2(p)) * k;
    let one = BigInt::from(1) << p;
    let (mut term, mut sum, mut n) = (one.clone(), one, 0);
    while term != BigInt::ZERO {
        n += 1;
        term = ((term * &r) >> p) / n;
        sum += &term;
    }
    // r is off by 6 p |k| units, which the derivative (at most 4) multiplies; the terms add 4 p.
    sum
}

/// ln(`integer` × 2^`exponent`), correctly rounded, for any positive value but 1.
pub(super) fn ln_scaled(integer: &BigUint, exponent: i64) -> f64 {
    let mut p = START;
    loop {
        let (value, error) = ln_units(integer, exponent, p);
        if let Some(result) = rounded(&value, -(p as i64), &error.into()) {
            return result;
        }
        p *= 2;
    }
}

/// 1 + `x` as an integer and a power of two, for finite `x` > -1.
pub(super) fn one_plus(x: f64) -> (BigUint, i64) {
    let (significand, exponent) = decompose(x);
    let unit = exponent.min(0);
    let part = BigUint::from(significand) << (exponent - unit) as u64;
    let one = BigUint::from(1u32) << unit.unsigned_abs();
    (if x < 0.0 { one - part } else { one + part }, unit)
}

/// ln(1 + `x`), correctly rounded, for finite `x` > -1 other than 0.
pub(super) fn ln_1p(x: f64) -> f64 {
    let (integer, exponent) = one_plus(x);
    ln_scaled(&integer, exponent)
}

/// exp(`x`), correctly rounded, for 2^-100 < |`x`| < 2^10.
pub(super) fn exp(x: f64) -> f64 {
    let mut p = START;
    loop {
        let (value, exponent, error) = exp_units(x, p);
        if let Some(result) = rounded(&value, exponent - p as i64, &error.into()) {
            return result;
        }
        p *= 2;
    }
}

/// exp(`x`) - 1 in units of 2^-`p` of a power of two, as [`exp_units`]; `p` is above 2 |`x`|.
pub(super) fn exp_m1_units(x: f64, p: u64) -> (BigInt, i64, u64) {
    let (sum, k, error) = exp_units(x, p);
    let one = BigInt::from(1) << (p as i64 - k).unsigned_abs();
    (sum - one, k, error)
}

/// exp(`x`) - 1, correctly rounded, for 2^-100 < |`x`| < 2^10.
pub(super) fn exp_m1(x: f64) -> f64 {
    let mut p = START + 2 * x.abs() as u64;
    loop {
        let (value, exponent, error) = exp_m1_units(x, p);
        if let Some(result) = rounded(&value, exponent - p as i64, &error.into()) {
            return result;
        }
        p *= 2;
    }
}

/// `x`^`y`, correctly rounded, where it is no dyadic rational of 54 bits or fewer and does not overflow; for finite
/// `x` > 0 and `y`.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    let (integer, exponent) = decompose(x);
    let (factor, scale) = decompose(y);
    let sign = if y < 0.0 { Sign::Minus } else { Sign::Plus };
    let mut p = START + 64;
    loop {
        let (log, log_error) = ln_units(&integer.into(), exponent, p);
        let t = log * BigInt::from_biguint(sign, factor.into());
        let shifted = BigInt::from_biguint(t.sign(), scaled(t.magnitude(), scale));
        let error = scaled(&(BigUint::from(log_error) * factor), scale) + 1u32;
        // As in [`exp_units`]; the exponent is below 2^10.
        let k = (y * super::ln(x) * std::f64::consts::LOG2_E) as i64 - 1;
        let value = exp_fixed(&shifted, k, p);
        let error = error * 8u32 + (k.unsigned_abs() + 2) * 24 * p;
        if let Some(result) = rounded(&value, k - p as i64, &error) {
            return result;
        }
        p *= 2;
    }
}
