//! The natural logarithm: fast phase in pairs of doubles.
//!
//! x = 2^e m with m in [1, 2). A table gives r, a multiple of 1/512 near 1/m, so that z = r m - 1 is exact in 53
//! bits (|z| <= 2^-8, a multiple of 2^-61), and
//!
//! ```text
//! ln x = (e ln 2 - ln r) + ln(1 + z)
//!      = (H + L)         + z - z²/2 + z³ (1/3 - z/4 + ... + z⁶/9)
//! ```
//!
//! (Tang, "Table-driven implementation of the logarithm function", ACM TOMS 16(4), 1990.) From the entry of √2 on
//! the table has ln 2 taken out and e is one more, so the two never cancel. H is exact: both of its parts are
//! multiples of 2^-42. Error, with u = 2^-53:
//!
//! * H + z and the addition of -zh²/2 are exact (fast two-sum; zh is z's upper 26 bits, and the table's
//!   generator asserts |H| > |z| wherever H is not zero);
//! * the cubic tail has relative error below 4u. |z³/3| <= 2^-25.5, so that is below 2^-76.5; what else is added to
//!   it is no larger, and rounds to below 2^-77 in all. Cut-off series: 2^-83. Low parts of the table: 2^-86.
//!   So: absolute error below 2^-75;
//! * for H = 0 (m within 2^-9 of 1) the same terms are relative to |z| < 2^-9: 4u × 2^-19.5 = 2^-70.5, and the sum
//!   below 2^-69.

use super::nan::canonical_nan;
use super::tables::{LN, LN2_HIGH, LN2_LOW};
use super::wide::Wide;
use super::{big, wide};

/// Bound on the error of a fast result relative to itself; the proof above leaves a factor of two.
const RELATIVE_ERROR: f64 = f64::from_bits((1023 - 68) << 52);
/// Bound on the error of a fast result, in addition, where H is not zero.
const ABSOLUTE_ERROR: f64 = f64::from_bits((1023 - 75) << 52);
/// 2^-61, the unit of z.
const Z_UNIT: f64 = f64::from_bits((1023 - 61) << 52);
const HIDDEN_BIT: u64 = 1 << 52;
/// First table index whose entry has ln 2 taken out.
const ROOT_TWO: usize = 106;

/// Natural logarithm of `x`, correctly rounded. `ln(0)` is minus infinity for both zeros; NaN and `x` < 0 give
/// the canonical NaN.
#[inline]
pub fn ln(x: f64) -> f64 {
    if !(f64::MIN_POSITIVE..=f64::MAX).contains(&x) || x == 1.0 {
        return special(x);
    }
    normal(x, 0)
}

/// Logarithm of `x` × 2^`shift` for normal `x`.
#[inline]
fn normal(x: f64, shift: i64) -> f64 {
    let (significand, exponent) = (significand(x), exponent(x) + shift);
    match Reduced::new(significand, exponent).sum() {
        Ok(result) => result,
        Err(near) => refine(significand, exponent, near),
    }
}

/// Two doubles whose sum is the logarithm of a positive finite `x`, and a bound on the error of that.
#[inline]
pub(super) fn pair(x: f64) -> (f64, f64, f64) {
    let (x, shift) = if x < f64::MIN_POSITIVE {
        (x * (1u64 << 54) as f64, -54)
    } else {
        (x, 0)
    };
    Reduced::new(significand(x), exponent(x) + shift).interval()
}

/// The significand of a positive normal number as an integer in [2^52, 2^53).
#[inline]
fn significand(x: f64) -> u64 {
    x.to_bits() & (HIDDEN_BIT - 1) | HIDDEN_BIT
}

/// The exponent of a positive normal number.
#[inline]
fn exponent(x: f64) -> i64 {
    (x.to_bits() >> 52) as i64 - 1023
}

#[cold]
fn special(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        canonical_nan()
    } else if x == 0.0 {
        f64::NEG_INFINITY
    } else if x == 1.0 {
        0.0
    } else if x == f64::INFINITY {
        x
    } else {
        // Subnormal: 2^54 makes it normal, exactly.
        normal(x * (1u64 << 54) as f64, -54)
    }
}

#[cold]
fn refine(significand: u64, exponent: i64, near: f64) -> f64 {
    wide::ln(Wide::from_scaled(significand, -52), exponent, near)
        .unwrap_or_else(|| big::ln_scaled(&significand.into(), exponent - 52))
}

/// ln(1 + `x`), correctly rounded, accurate for small `x`. `ln_1p(-1)` is minus infinity, `ln_1p(-0.0)` is -0.0;
/// NaN and `x` < -1 give the canonical NaN.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    let magnitude = x.abs();
    // x² / 2 is then below half a unit in the last place of x: the result is x itself, zeros and subnormals too.
    if magnitude < f64::from_bits((1023 - 54) << 52) {
        return x;
    }
    if !(x > -1.0 && x <= f64::MAX) {
        return special_1p(x);
    }
    match Reduced::one_plus(x).sum() {
        Ok(result) => result,
        Err(near) => refine_1p(x, near),
    }
}

#[cold]
fn special_1p(x: f64) -> f64 {
    if x == -1.0 {
        f64::NEG_INFINITY
    } else if x == f64::INFINITY {
        x
    } else {
        canonical_nan()
    }
}

#[cold]
fn refine_1p(x: f64, near: f64) -> f64 {
    wide_1p(x, near).unwrap_or_else(|| big::ln_1p(x))
}

/// The second phase of [`ln_1p`].
fn wide_1p(x: f64, near: f64) -> Option<f64> {
    let (m, exponent) = wide_one_plus(x);
    wide::ln(m, exponent, near)
}

/// 1 + `x` as m and e with m 2^e the value and m in [1, 2), the bits of m below 2^-192 dropped.
fn wide_one_plus(x: f64) -> (Wide, i64) {
    let (significand, exponent) = wide::decompose(x);
    let mut e = 63 - i64::from(significand.leading_zeros()) + exponent;
    let m = if x < 0.0 {
        // 1 + x is in [2^-53, 1) and a multiple of 2^-107 at most: doubling it until it reaches 1 loses nothing.
        let mut m = Wide::ONE.minus(Wide::from_scaled(significand, exponent));
        e = 0;
        while m < Wide::ONE {
            m = m.plus(m);
            e -= 1;
        }
        m
    } else if e < 0 {
        e = 0;
        Wide::ONE.plus(Wide::from_scaled(significand, exponent))
    } else {
        let m = Wide::from_scaled(significand, exponent - e).plus(Wide::from_scaled(1, -e));
        if m >= Wide::ONE.plus(Wide::ONE) {
            e += 1;
            m.shifted_right(1)
        } else {
            m
        }
    };
    (m, e)
}

/// An argument after table look-up: its logarithm is `high` + `low` + ln(1 + `z`).
struct Reduced {
    high: f64,
    low: f64,
    z: f64,
    absolute_error: f64,
}

impl Reduced {
    /// Reduces `significand` × 2^(`exponent` - 52), the significand in [2^52, 2^53).
    #[inline]
    fn new(significand: u64, exponent: i64) -> Reduced {
        let index = (((significand >> 43) + 1) >> 1) as usize - 256;
        let entry = &LN[index];
        let e = (exponent + i64::from(index >= ROOT_TWO)) as f64;
        let high = e * LN2_HIGH + entry.high;
        let z = (significand * entry.r) as i64 - (1 << 61);
        Reduced {
            high,
            low: e * LN2_LOW + entry.low,
            z: z as f64 * Z_UNIT,
            absolute_error: if high == 0.0 { 0.0 } else { ABSOLUTE_ERROR },
        }
    }

    /// Reduces 1 + `x`, for finite `x` > -1 with 2^-54 <= |`x`|.
    #[inline]
    fn one_plus(x: f64) -> Reduced {
        // Where the table's entry would be that of 1, x itself is the exact z.
        if x.abs() < 1.0 / 512.0 {
            return Reduced {
                high: 0.0,
                low: 0.0,
                z: x,
                absolute_error: 0.0,
            };
        }
        // Two-sum (Knuth): 1 + x = sum + rest exactly.
        let sum = 1.0 + x;
        let part = sum - 1.0;
        let rest = (1.0 - (sum - part)) + (x - part);
        let mut reduced = Reduced::new(significand(sum), exponent(sum));
        // ln(sum + rest) = ln(sum) + rest/sum, off by (rest/sum)² / 2 < 2^-106. The two steps of the division keep
        // clear of overflow; for the largest exponent the scale is zero, an error of 2^-1023.
        let scale = f64::from_bits(((1023 - exponent(sum)) as u64) << 52);
        let m = f64::from_bits(sum.to_bits() & (HIDDEN_BIT - 1) | 1023 << 52);
        reduced.low += rest * scale / m;
        reduced
    }

    /// The logarithm if the fast phase decides its rounding, else a double near it.
    #[inline]
    fn sum(&self) -> Result<f64, f64> {
        let (result, rest, error) = self.interval();
        let (below, above) = (result + (rest - error), result + (rest + error));
        if below == above { Ok(below) } else { Err(result) }
    }

    /// Two doubles whose sum is the logarithm, and a bound on the error of that.
    #[inline]
    fn interval(&self) -> (f64, f64, f64) {
        let z = self.z;
        let zh = f64::from_bits(z.to_bits() & !0x7ff_ffff);
        let zl = z - zh;
        let s = self.high + z;
        let s_rest = z - (s - self.high);
        // zh has 26 bits, so its square is exact; the rest of z²/2 is zl (zh + zl/2).
        let half_square = 0.5 * zh * zh;
        let t = s - half_square;
        let t_rest = (s - t) - half_square;
        let z2 = z * z;
        let z4 = z2 * z2;
        let series = (1.0 / 3.0 - z * 0.25)
            + z2 * (0.2 - z * (1.0 / 6.0))
            + z4 * ((1.0 / 7.0 - z * 0.125) + z2 * (1.0 / 9.0));
        let cubic = z * z2 * series - zl * (zh + 0.5 * zl);
        let tail = cubic + ((s_rest + t_rest) + self.low);
        let result = t + tail;
        let rest = tail - (result - t);
        (result, rest, result.abs() * RELATIVE_ERROR + self.absolute_error)
    }
}

#[cfg(test)]
pub(super) mod phases {
    //! Each phase by itself, for the tests.

    use super::*;

    pub(in super::super) fn ln_fast(x: f64) -> (f64, f64, f64) {
        Reduced::new(significand(x), exponent(x)).interval()
    }

    pub(in super::super) fn ln_1p_fast(x: f64) -> (f64, f64, f64) {
        Reduced::one_plus(x).interval()
    }

    pub(in super::super) fn wide_argument(x: f64) -> (Wide, i64) {
        (Wide::from_scaled(significand(x), -52), exponent(x))
    }

    pub(in super::super) fn wide_argument_1p(x: f64) -> (Wide, i64) {
        wide_one_plus(x)
    }

    pub(in super::super) fn ln_wide(x: f64, near: f64) -> Option<f64> {
        let (m, exponent) = wide_argument(x);
        wide::ln(m, exponent, near)
    }

    pub(in super::super) fn ln_1p_wide(x: f64, near: f64) -> Option<f64> {
        wide_1p(x, near)
    }
}
