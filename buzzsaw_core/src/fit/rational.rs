//! Big fractions, and square roots of them, rounded once to a double.

use num_bigint::{BigInt, BigUint, Sign};

use crate::math::round_to_nearest;

/// Bits computed before the rounding: the format's 53, and enough to tell what lies below them.
const WORKING_BITS: u64 = 66;

/// The double nearest to `numerator` / `denominator` × 2^`exponent`, ties to even; subnormal results and overflow as
/// in IEEE 754. Zero is +0.0; a zero denominator gives NaN.
pub fn ratio_to_f64(numerator: &BigInt, denominator: &BigUint, exponent: i64) -> f64 {
    if *denominator == BigUint::ZERO {
        return f64::NAN;
    }
    let (quotient, shift, inexact) = divide(numerator.magnitude(), denominator, WORKING_BITS, 0);
    let negative = numerator.sign() == Sign::Minus;
    round_to_nearest(negative, &quotient.to_u64_digits(), exponent - shift, inexact)
}

/// The double nearest to the square root of `numerator` / `denominator` × 2^`exponent`, ties to even. A zero
/// denominator gives NaN.
pub(crate) fn sqrt_ratio_to_f64(numerator: &BigUint, denominator: &BigUint, exponent: i64) -> f64 {
    if *denominator == BigUint::ZERO {
        return f64::NAN;
    }
    let odd = exponent.rem_euclid(2);
    let (square, shift, inexact) = divide(numerator, denominator, 2 * WORKING_BITS, odd);
    // floor(√floor(y)) = floor(√y): rounding the quotient down does not change the integer part of the root.
    let root = square.sqrt();
    let inexact = inexact || &root * &root != square;
    round_to_nearest(false, &root.to_u64_digits(), (exponent - shift) / 2, inexact)
}

/// floor(`numerator` × 2^shift / `denominator`) with a shift, odd or even as `parity` says, that gives it at least
/// `bits` bits; the shift; and whether anything was cut off.
fn divide(numerator: &BigUint, denominator: &BigUint, bits: u64, parity: i64) -> (BigUint, i64, bool) {
    let missing = (bits + denominator.bits()).saturating_sub(numerator.bits()) as i64;
    let shift = missing + (missing + parity).rem_euclid(2);
    let shifted = numerator << shift as u64;
    let quotient = &shifted / denominator;
    let inexact = &quotient * denominator != shifted;
    (quotient, shift, inexact)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../tests/vectors/exact.txt");

    /// Oracles: Python's `fractions.Fraction`, and mpmath for the roots.
    #[test]
    fn frozen_vectors() {
        let mut counts = [0, 0];
        for line in VECTORS.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let ("ratio" | "root", [numerator, denominator, exponent, want]) = (words[0], &words[1..]) else {
                continue;
            };
            let denominator: BigUint = denominator.parse().unwrap();
            let exponent: i64 = exponent.parse().unwrap();
            let got = if words[0] == "ratio" {
                counts[0] += 1;
                ratio_to_f64(&numerator.parse().unwrap(), &denominator, exponent)
            } else {
                counts[1] += 1;
                sqrt_ratio_to_f64(&numerator.parse().unwrap(), &denominator, exponent)
            };
            assert_eq!(got.to_bits(), u64::from_str_radix(want, 16).unwrap(), "{line}");
        }
        assert!(counts.iter().all(|&count| count > 200), "{counts:?}");
    }

    #[test]
    fn a_zero_denominator_is_nan() {
        assert!(ratio_to_f64(&BigInt::from(1), &BigUint::ZERO, 0).is_nan());
        assert!(sqrt_ratio_to_f64(&BigUint::from(1u32), &BigUint::ZERO, 0).is_nan());
    }
}
