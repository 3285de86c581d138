//! Sine, cosine and arc sine: the pinned crate `libm`, a Rust port of FreeBSD's msun.
//!
//! They are not correctly rounded, unlike the rest of this module: within 1 ULP, with bits that are those of one
//! release of the crate. Frozen vectors and a hash over many arguments show any change. See
//! `docs/adr/0011-trigonometry.md`.

use super::nan::canonical_nan;

/// Sine of `x` radians. NaN and infinities give the canonical NaN; a zero keeps its sign.
#[inline]
pub fn sin(x: f64) -> f64 {
    if x.is_finite() {
        libm::sin(x)
    } else {
        canonical_nan()
    }
}

/// Cosine of `x` radians. NaN and infinities give the canonical NaN.
#[inline]
pub fn cos(x: f64) -> f64 {
    if x.is_finite() {
        libm::cos(x)
    } else {
        canonical_nan()
    }
}

/// Arc sine of `x`, in radians. NaN and numbers outside of -1 to 1 give the canonical NaN; a zero keeps its sign.
#[inline]
pub fn asin(x: f64) -> f64 {
    if x.abs() <= 1.0 {
        libm::asin(x)
    } else {
        canonical_nan()
    }
}

/// Sine and cosine of the angle that is `x` parts of a full turn of `period` parts, each within 3 ULP, also next to
/// their zeros; exact at every quarter of the turn.
///
/// `period` is a finite number of at least 1e-300, so that its eighth is exact. The angle is folded into an eighth of
/// the turn by exact operations on `x` itself, before it becomes radians. NaN and infinities give the canonical NaN.
pub fn sin_cos_of_turn(x: f64, period: f64) -> (f64, f64) {
    if !x.is_finite() {
        return (canonical_nan(), canonical_nan());
    }
    let (half, quarter) = (period / 2.0, period / 4.0);
    // The remainder is exact by definition; the differences are exact since the numbers are within a factor of 2.
    let mut part = x.abs() % period;
    let second_half = part > half;
    if second_half {
        part = period - part;
    }
    let second_quarter = part > quarter;
    if second_quarter {
        part = half - part;
    }
    let second_eighth = part > quarter / 2.0;
    if second_eighth {
        part = quarter - part;
    }
    let angle = std::f64::consts::TAU * (part / period);
    let (mut sine, mut cosine) = (sin(angle), cos(angle));
    if second_eighth {
        std::mem::swap(&mut sine, &mut cosine);
    }
    (
        if second_half != (x < 0.0) { -sine } else { sine },
        if second_quarter { -cosine } else { cosine },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::xxh3_64;

    const VECTORS: &str = include_str!("../../tests/vectors/trig.txt");

    fn ordered(x: f64) -> i64 {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    }

    #[test]
    fn frozen_vectors_within_one_ulp() {
        let mut counts = [0; 3];
        for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let mut bits = || f64::from_bits(u64::from_str_radix(words.next().unwrap(), 16).unwrap());
            let (x, want) = (bits(), bits());
            let (at, made) = match name {
                "sin" => (0, sin(x)),
                "cos" => (1, cos(x)),
                _ => (2, asin(x)),
            };
            counts[at] += 1;
            let equal = made.to_bits() == want.to_bits();
            assert!(
                equal || made.is_finite() && (ordered(made) - ordered(want)).abs() <= 1,
                "{name}({x:e}) is {made:e}, not {want:e}"
            );
        }
        assert!(counts.iter().all(|count| *count > 400), "{counts:?}");
    }

    const FROZEN: [u64; 3] = [
        0x4e5d_a49e_dd7c_80a3,
        0x4deb_03d6_aa50_2fc0,
        0x48a5_f818_f4bf_23c3,
    ];

    /// Bits are part of the contract: another release of the crate must not change one of these.
    #[test]
    fn the_bits_of_many_arguments_are_frozen() {
        let mut all = [0u64; 3];
        for i in 0..60_000u64 {
            let drawn = xxh3_64(&i.to_le_bytes(), 11);
            let unit = (drawn >> 11) as f64 / (1u64 << 53) as f64;
            let angle = match i % 4 {
                0 => unit * 0.8,
                1 => (unit - 0.5) * 20.0,
                2 => f64::from_bits((drawn % 0x7ff) << 52 | drawn >> 12),
                _ => unit * 1e9,
            };
            for (hash, made) in all
                .iter_mut()
                .zip([sin(angle), cos(angle), asin(unit * 2.0 - 1.0)])
            {
                *hash = xxh3_64(&made.to_bits().to_le_bytes(), *hash);
            }
        }
        assert_eq!(all, FROZEN, "{all:#x?}");
    }

    #[test]
    fn quarters_of_a_turn_are_exact_at_any_size() {
        let want = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)];
        let two_to = |exponent: u64| f64::from_bits((1023 + exponent) << 52);
        for period in [1.0 / two_to(990), 7.0, 24.0, 360.0, 3.0 * two_to(990)] {
            for (quarter, want) in want.iter().enumerate() {
                let x = period / 4.0 * quarter as f64;
                assert_eq!(sin_cos_of_turn(x, period), *want, "{x:e} of {period:e}");
                assert_eq!(
                    sin_cos_of_turn(-x, period),
                    (-want.0, want.1),
                    "-{x:e} of {period:e}"
                );
            }
        }
        assert_eq!(sin_cos_of_turn(360e15, 360.0), (0.0, 1.0));
    }

    #[test]
    fn what_has_no_angle_gives_the_canonical_nan() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (sine, cosine) = sin_cos_of_turn(x, 24.0);
            for made in [sin(x), cos(x), asin(x), sine, cosine] {
                assert_eq!(made.to_bits(), f64::NAN.to_bits());
            }
        }
        assert_eq!(asin(1.0000000000000002).to_bits(), f64::NAN.to_bits());
        assert_eq!(asin(-1.0), -std::f64::consts::FRAC_PI_2);
    }
}
