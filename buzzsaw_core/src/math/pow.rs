//! Powers: fast phase in pairs of doubles, then big integers.
//!
//! x^y = exp(y ln x), with the pair of [`super::ln`] times y as a pair (the leading product exact by Dekker's method),
//! and the pair of [`super::exp`] for its upper part; the lower part, below 2^-43, multiplies that by one more of itself.
//! The error relative to the result is that of the exponential, 2^-67; |y| times the logarithm's, which is largest
//! for large |y ln x|; and less than 2^-86 for what the lower part's square and the roundings leave.
//!
//! The phase of 256-bit fixed point is left out: the third is asked once in a few hundred calls, for about 20 µs.
//! It ends because x^y is either exact, which is found by taking roots of integers, or never on a midpoint: a dyadic
//! rational with more bits than a midpoint has, or irrational (Gelfond and Schneider).

use num_bigint::BigUint;

use super::big;
use super::exp::interval;
use super::ln::pair;
use super::nan::canonical_nan;
use super::round::round_to_nearest;
use super::wide::decompose;

/// 2^27 + 1 splits a significand in halves (Veltkamp).
const SPLITTER: f64 = 134_217_729.0;
/// The exponential of more may overflow, and of less is subnormal.
const HIGHEST: f64 = f64::from_bits(0x4086_2e42_fefa_39ef);
const LOWEST_NORMAL: f64 = -708.0;
/// Beyond them the result is infinity or zero, whatever the error.
const SURELY_INFINITE: f64 = 709.79;
const SURELY_ZERO: f64 = -745.2;
/// 2^-86: see above.
const REST: f64 = f64::from_bits((1023 - 86) << 52);
/// 2^-103, the error of the product relative to itself.
const PRODUCT: f64 = f64::from_bits((1023 - 103) << 52);

/// `x` to the power `y`, correctly rounded, for `x` >= 0. `pow(x, 0)` and `pow(1, y)` are 1; zero and infinity give
/// zero, infinity, as C's `pow`, but -0.0 is 0.0. A negative `x` and NaN give the canonical NaN.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    if !(x > 0.0 && x <= f64::MAX && y.abs() <= f64::MAX) || x == 1.0 || y == 0.0 {
        return special(x, y);
    }
    let (log, log_rest, log_error) = pair(x);
    let t = y * log;
    // Not far beyond the range of the exponential the error decides nothing; NaN cannot occur.
    if t > SURELY_INFINITE {
        return f64::INFINITY;
    }
    if t < SURELY_ZERO {
        return 0.0;
    }
    if !(LOWEST_NORMAL..=HIGHEST).contains(&t) {
        return refine(x, y);
    }
    let low = product_rest(y, log, t) + y * log_rest;
    let (exp, exp_rest, exp_error, k) = interval(t);
    let tail = exp_rest + exp * low;
    let result = exp + tail;
    let rest = tail - (result - exp);
    let error = exp_error + result * (y.abs() * log_error + t.abs() * PRODUCT + REST);
    let (below, above) = (result + (rest - error), result + (rest + error));
    if below != above {
        return refine(x, y);
    }
    f64::from_bits(below.to_bits().wrapping_add((k << 52) as u64))
}

/// `a` × `b` less its rounded `product`, exact where nothing under- or overflows.
#[inline]
fn product_rest(a: f64, b: f64, product: f64) -> f64 {
    let split = |x: f64| {
        let raised = x * SPLITTER;
        let high = raised - (raised - x);
        (high, x - high)
    };
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
}

#[cold]
fn special(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x < 0.0 {
        canonical_nan()
    } else if x == 1.0 || y == 0.0 {
        1.0
    } else if (x > 1.0) == (y > 0.0) {
        f64::INFINITY
    } else {
        0.0
    }
}

#[cold]
fn refine(x: f64, y: f64) -> f64 {
    exact(x, y).unwrap_or_else(|| big::pow(x, y))
}

/// `x`^`y` where it is a dyadic rational of no more than 54 bits: a double, or half-way between two.
fn exact(x: f64, y: f64) -> Option<f64> {
    let odd = |x: f64| {
        let (significand, exponent) = decompose(x);
        let zeros = significand.trailing_zeros();
        (significand >> zeros, exponent + i64::from(zeros))
    };
    let ((mut m, mut e), (n, mut f)) = (odd(x), odd(y));
    // Roots, as long as y is no whole number. Other than 1, what is left of x soon is no square.
    while f < 0 {
        let root = m.isqrt();
        if root * root != m || e % 2 != 0 {
            return None;
        }
        (m, e, f) = (root, e / 2, f + 1);
    }
    let power = i64::try_from(u128::from(n).checked_shl(f as u32).filter(|_| f < 64)?).ok()?;
    if m == 1 {
        let exponent = e.checked_mul(power)?;
        let exponent = if y < 0.0 { -exponent } else { exponent };
        return Some(round_to_nearest(false, &[1], exponent, false));
    }
    if y < 0.0 || power > 54 {
        return None;
    }
    let whole = BigUint::from(m).pow(power as u32);
    (whole.bits() <= 54).then(|| round_to_nearest(false, &whole.to_u64_digits(), e * power, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../tests/vectors/pow.txt");

    /// Oracle: mpmath at 640 bits; Python's integers for the exact ones.
    #[test]
    fn frozen_vectors() {
        let mut count = 0;
        for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<u64> = line
                .split(' ')
                .map(|word| u64::from_str_radix(word, 16).unwrap())
                .collect();
            let (x, y) = (f64::from_bits(words[0]), f64::from_bits(words[1]));
            assert_eq!(pow(x, y).to_bits(), words[2], "pow({x:e}, {y:e})");
            if x > 0.0
                && x.is_finite()
                && x != 1.0
                && y.is_finite()
                && y != 0.0
                && words[2] >> 52 < 2047
                && words[2] > 1
            {
                assert_eq!(
                    refine(x, y).to_bits(),
                    words[2],
                    "the last phase of pow({x:e}, {y:e})"
                );
            }
            count += 1;
        }
        assert!(count > 2_000, "{count}");
    }

    #[test]
    fn the_fast_phase_decides_most() {
        let hard = (1..2_000).filter(|&i| {
            let (x, y) = (f64::from(i) / 7.0, f64::from(i % 37) / 3.0 + 0.1);
            let (log, log_rest, log_error) = pair(x);
            let t = y * log;
            let (exp, exp_rest, exp_error, _) = interval(t);
            let tail = exp_rest + exp * (product_rest(y, log, t) + y * log_rest);
            let error = exp_error + exp * (y * log_error + t.abs() * PRODUCT + REST);
            exp + (tail - error) != exp + (tail + error)
        });
        assert!(hard.count() < 40);
    }
}
