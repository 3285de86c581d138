//! The second phase: 256-bit fixed point on the stack, no tables, no allocation, 1 to 3 µs a call.
//!
//! A [`Wide`] holds an unsigned number below 2^64 in units of 2^-192. Every operation rounds down, so it adds less
//! than one unit of error; the bounds below count units.

use super::round::round_to_nearest;
use super::tables::LN2_WORDS;

/// Units of 2^-192 by which a result may be off, see [`exp`] and [`ln`].
const EXP_ERROR: u64 = 1 << 9;
const LN_ERROR: u64 = 1 << 12;
/// Exponent of a unit.
const UNIT: i64 = -192;

/// Unsigned fixed point: 64 integer bits, 192 fraction bits, least significant word first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    // Most significant word first, so that the derived order is that of the numbers.
    words: [u64; 4],
}

impl Wide {
    const ZERO: Wide = Wide { words: [0; 4] };
    pub(super) const ONE: Wide = Wide { words: [1, 0, 0, 0] };

    /// `significand` × 2^`exponent`, below 2^64; bits under 2^-192 are dropped.
    pub(super) fn from_scaled(significand: u64, exponent: i64) -> Wide {
        let offset = exponent - UNIT;
        let mut words = [0; 4];
        if offset <= -64 {
            return Wide { words };
        }
        if offset < 0 {
            words[3] = significand >> -offset;
            return Wide { words };
        }
        let (word, shift) = (3 - (offset / 64) as usize, offset % 64);
        words[word] = significand << shift;
        if shift > 0 && word > 0 {
            words[word - 1] = significand >> (64 - shift);
        }
        Wide { words }
    }

    /// |`x`|, for |`x`| < 2^64.
    fn from_magnitude(x: f64) -> Wide {
        let (significand, exponent) = decompose(x);
        Wide::from_scaled(significand, exponent)
    }

    pub(super) fn plus(self, other: Wide) -> Wide {
        let mut words = [0; 4];
        let mut carry = 0u128;
        for i in (0..4).rev() {
            carry += u128::from(self.words[i]) + u128::from(other.words[i]);
            words[i] = carry as u64;
            carry >>= 64;
        }
        Wide { words }
    }

    /// The difference, for `self` >= `other`.
    pub(super) fn minus(self, other: Wide) -> Wide {
        let mut words = [0; 4];
        let mut borrow = false;
        for i in (0..4).rev() {
            let (first, under) = self.words[i].overflowing_sub(other.words[i]);
            let (second, again) = first.overflowing_sub(u64::from(borrow));
            words[i] = second;
            borrow = under || again;
        }
        Wide { words }
    }

    fn times(self, other: Wide) -> Wide {
        let mut product = [0u64; 8];
        for i in (0..4).rev() {
            let mut carry = 0u128;
            for j in (0..4).rev() {
                let cell = &mut product[i + j + 1];
                carry += u128::from(*cell) + u128::from(self.words[i]) * u128::from(other.words[j]);
                *cell = carry as u64;
                carry >>= 64;
            }
            product[i] = carry as u64;
        }
        Wide {
            words: [product[1], product[2], product[3], product[4]],
        }
    }

    /// The quotient by a small number. In halves of words: a 128-bit division is a slow library call.
    fn over(self, divisor: u32) -> Wide {
        let divisor = u64::from(divisor);
        let mut words = [0; 4];
        let mut rest = 0;
        for (word, out) in self.words.iter().zip(&mut words) {
            let high = rest << 32 | word >> 32;
            let low = (high % divisor) << 32 | (word & 0xffff_ffff);
            *out = ((high / divisor) << 32) | (low / divisor);
            rest = low % divisor;
        }
        Wide { words }
    }

    /// Half, quarter, ... for `bits` < 64.
    pub(super) fn shifted_right(self, bits: u32) -> Wide {
        if bits == 0 {
            return self;
        }
        let [a, b, c, d] = self.words;
        let join = |high: u64, low: u64| high << (64 - bits) | low >> bits;
        Wide {
            words: [a >> bits, join(a, b), join(b, c), join(c, d)],
        }
    }

    fn is_zero(self) -> bool {
        self == Wide::ZERO
    }

    /// The double that `self` × 2^`exponent`, off by at most `error` units, rounds to, if that is decided.
    fn rounded(self, negative: bool, exponent: i64, error: u64) -> Option<f64> {
        let margin = Wide {
            words: [0, 0, 0, error],
        };
        if self <= margin {
            return None;
        }
        let round = |value: Wide| {
            let [a, b, c, d] = value.words;
            round_to_nearest(negative, &[d, c, b, a], exponent + UNIT, false)
        };
        let (below, above) = (round(self.minus(margin)), round(self.plus(margin)));
        (below.to_bits() == above.to_bits()).then_some(below)
    }
}

/// |`x`| as an integer below 2^53 and a power of two, for finite `x`.
pub(super) fn decompose(x: f64) -> (u64, i64) {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, biased - 1075)
    }
}

/// `count` × ln 2 for `count` < 2^12; rounded down, less than 2 units off.
fn multiple_of_ln2(count: u64) -> Wide {
    let mut carry = 0u128;
    let mut words = [0; 4];
    for (i, word) in LN2_WORDS.into_iter().enumerate() {
        carry += u128::from(word) * u128::from(count);
        // The least significant of the five words lies below 2^-192.
        if i > 0 {
            words[4 - i] = carry as u64;
        }
        carry >>= 64;
    }
    words[0] = carry as u64;
    Wide { words }
}

/// exp(`x`) as a number in [1, 2.01) and a power of two, for 2^-54 <= |`x`| < 2^10.
///
/// With r = x - k ln 2 in [0, ln 2], off by 2 units, and each of the at most 50 Taylor terms off by less than 3
/// units (its predecessor's error times r/n < 0.7, plus one for the product and one for the quotient), the sum
/// with what is cut off at the end is off by less than 2 × 2 + 50 × 3 + 2 < [`EXP_ERROR`] units.
fn exp_parts(x: f64) -> (Wide, i64) {
    let magnitude = Wide::from_magnitude(x);
    // May be one off; the comparisons below put it right.
    let mut count = (x.abs() * std::f64::consts::LOG2_E) as u64;
    let mut multiple = multiple_of_ln2(count);
    let (r, exponent) = if x > 0.0 {
        if multiple > magnitude {
            count -= 1;
            multiple = multiple_of_ln2(count);
        }
        (magnitude.minus(multiple), count as i64)
    } else {
        while multiple < magnitude {
            count += 1;
            multiple = multiple_of_ln2(count);
        }
        (multiple.minus(magnitude), -(count as i64))
    };
    let (mut sum, mut term, mut n) = (Wide::ONE, Wide::ONE, 0);
    while !term.is_zero() {
        n += 1;
        term = term.times(r).over(n);
        sum = sum.plus(term);
    }
    (sum, exponent)
}

/// exp(`x`) for 2^-54 <= |`x`| < 2^10, if 192 bits decide.
pub(super) fn exp(x: f64) -> Option<f64> {
    let (sum, exponent) = exp_parts(x);
    sum.rounded(false, exponent, EXP_ERROR)
}

/// exp(`x`) - 1 for 2^-54 <= |`x`| < 2^10 and `x` > -63 ln 2, if 192 bits decide.
pub(super) fn exp_m1(x: f64) -> Option<f64> {
    let (magnitude, exponent) = exp_m1_parts(x);
    magnitude.rounded(x < 0.0, exponent, EXP_ERROR + 1)
}

/// |exp(`x`) - 1| as a number and a power of two, off by one unit more than [`exp_parts`].
fn exp_m1_parts(x: f64) -> (Wide, i64) {
    let (sum, exponent) = exp_parts(x);
    if exponent >= 0 {
        (sum.minus(Wide::from_scaled(1, -exponent)), exponent)
    } else {
        (Wide::ONE.minus(sum.shifted_right(-exponent as u32)), 0)
    }
}

/// ln(`m` × 2^`exponent`) for `m` in [1, 2) known to one unit, given a double near the result, if 192 bits decide.
///
/// With y the double, d = m 2^e exp(-y) - 1 is at most 2^-53 |y| < 2^-43, and the result is y + ln(1 + d), of which four
/// terms of the series suffice. `m` and the exponential bring 2 + 2 `EXP_ERROR` units, the products and terms less
/// than 10: below [`LN_ERROR`]. Nothing rests on y: a poor one makes d large, and then nothing is decided here.
pub(super) fn ln(m: Wide, exponent: i64, near: f64) -> Option<f64> {
    ln_magnitude(m, exponent, near)?.rounded(near < 0.0, 0, LN_ERROR)
}

/// The magnitude of the logarithm, of the sign of `near`.
fn ln_magnitude(m: Wide, exponent: i64, near: f64) -> Option<Wide> {
    let (inverse, shift) = exp_parts(-near);
    let downward = u32::try_from(-(exponent + shift))
        .ok()
        .filter(|&bits| bits < 64)?;
    let ratio = m.times(inverse).shifted_right(downward);
    let above = ratio >= Wide::ONE;
    let d = if above {
        ratio.minus(Wide::ONE)
    } else {
        Wide::ONE.minus(ratio)
    };
    if d >= Wide::from_scaled(1, -42) {
        return None;
    }
    let square = d.times(d);
    let cube = square.times(d);
    // |ln(1 ± d)| = d ∓ d²/2 + d³/3 ∓ d⁴/4; the next term is below 2^-212.
    let odd = d.plus(cube.over(3));
    let even = square
        .shifted_right(1)
        .plus(square.times(square).shifted_right(2));
    let step = if above { odd.minus(even) } else { odd.plus(even) };
    let magnitude = Wide::from_magnitude(near);
    if above == (near > 0.0) {
        Some(magnitude.plus(step))
    } else {
        (magnitude > step).then(|| magnitude.minus(step))
    }
}

#[cfg(test)]
pub(super) mod measured {
    //! Results before their rounding, in units, with their bounds, for the tests.

    use num_bigint::{BigInt, BigUint};

    use super::*;

    impl Wide {
        fn units(self) -> BigInt {
            let halves = self
                .words
                .iter()
                .rev()
                .flat_map(|&word| [word as u32, (word >> 32) as u32]);
            BigUint::new(halves.collect()).into()
        }
    }

    pub(in super::super) fn ln(m: Wide, exponent: i64, near: f64) -> (BigInt, u64) {
        let units = ln_magnitude(m, exponent, near).unwrap().units();
        (if near < 0.0 { -units } else { units }, LN_ERROR)
    }

    pub(in super::super) fn exp_m1(x: f64) -> (BigInt, i64, u64) {
        let (magnitude, exponent) = exp_m1_parts(x);
        let units = magnitude.units();
        (if x < 0.0 { -units } else { units }, exponent, EXP_ERROR + 1)
    }

    pub(in super::super) fn exp(x: f64) -> (BigInt, i64, u64) {
        let (sum, exponent) = exp_parts(x);
        (sum.units(), exponent, EXP_ERROR)
    }
}
