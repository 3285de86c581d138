//! Frozen vectors from mpmath, and each phase against the others.

use num_bigint::BigInt;

use super::wide::decompose;
use super::{big, exp, exp_m1, ln, ln_1p, sqrt, wide};

const VECTORS: &str = include_str!("../../tests/vectors/math.txt");

/// Lines of the frozen file: function, input, bits of the output.
fn vectors() -> impl Iterator<Item = (&'static str, f64, u64)> {
    VECTORS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let mut bits = || u64::from_str_radix(words.next().unwrap(), 16).unwrap();
        (name, f64::from_bits(bits()), bits())
    })
}

/// 2^-54: below it `ln_1p` is the identity and `exp` is 1.
const TINY: f64 = f64::from_bits((1023 - 54) << 52);

fn big_ln(x: f64) -> f64 {
    let (significand, exponent) = decompose(x);
    big::ln_scaled(&significand.into(), exponent)
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A positive normal number, any exponent in the range as likely.
    fn positive(&mut self, exponents: std::ops::Range<i64>) -> f64 {
        let exponent = exponents.start + (self.bits() % (exponents.end - exponents.start) as u64) as i64;
        f64::from_bits(((exponent + 1023) as u64) << 52 | self.bits() >> 12)
    }

    /// An argument of `ln` where it neither cancels nor ends: all exponents, and near 1.
    fn ln_argument(&mut self) -> f64 {
        match self.bits() % 3 {
            0 => self.positive(-1022..1024),
            1 => self.positive(-8..8),
            _ => 1.0 - self.positive(-50..-1),
        }
    }

    fn ln_1p_argument(&mut self) -> f64 {
        match self.bits() % 4 {
            0 => self.positive(-54..1024),
            1 => self.positive(-54..3),
            2 => -self.positive(-54..0),
            _ => self.positive(-52..0) - 1.0,
        }
    }

    fn exp_m1_argument(&mut self) -> f64 {
        match self.bits() % 5 {
            0 => self.unit() * 748.0 - 39.0,
            1 => self.positive(-54..9),
            2 => -self.positive(-54..5),
            3 => self.positive(-9..1),
            _ => -self.positive(-9..1),
        }
    }

    fn exp_argument(&mut self) -> f64 {
        match self.bits() % 3 {
            0 => self.unit() * 1417.0 - 708.0,
            1 => self.positive(-54..9),
            _ => -self.positive(-54..9),
        }
    }
}

#[test]
fn frozen_vectors() {
    let mut counts = [0; 5];
    for (name, x, want) in vectors() {
        let (slot, got) = match name {
            "ln" => (0, ln(x)),
            "ln_1p" => (1, ln_1p(x)),
            "exp" => (2, exp(x)),
            "sqrt" => (3, sqrt(x)),
            "exp_m1" => (4, exp_m1(x)),
            other => panic!("unknown function {other}"),
        };
        counts[slot] += 1;
        assert_eq!(
            got.to_bits(),
            want,
            "{name}({x:e}) = {got:e}, expected {:e}",
            f64::from_bits(want)
        );
    }
    assert!(counts.iter().all(|&count| count >= 300), "{counts:?}");
}

/// The later phases give the frozen values too, wherever they may be asked.
#[test]
fn frozen_vectors_by_the_later_phases() {
    for (name, x, want) in vectors() {
        let near = f64::from_bits(want);
        let (second, last) = match name {
            "ln" if x.is_normal() && x > 0.0 && x != 1.0 => (ln::phases::ln_wide(x, near), big_ln(x)),
            "ln_1p" if x > -1.0 && x.is_finite() && x.abs() >= TINY => {
                (ln::phases::ln_1p_wide(x, near), big::ln_1p(x))
            }
            "exp" if x.abs() >= TINY && x.abs() < 750.0 => (wide::exp(x), big::exp(x)),
            "exp_m1" if x.abs() >= TINY && x > -39.0 && x < 750.0 => (wide::exp_m1(x), big::exp_m1(x)),
            _ => continue,
        };
        assert_eq!(
            second.map(f64::to_bits),
            Some(want),
            "second phase of {name}({x:e})"
        );
        assert_eq!(last.to_bits(), want, "last phase of {name}({x:e})");
    }
}

#[test]
fn phases_agree_on_random_arguments() {
    let mut random = Random(3);
    for _ in 0..10_000 {
        let x = random.ln_argument();
        let want = ln(x);
        assert_eq!(big_ln(x), want, "ln({x:e})");
        assert_eq!(ln::phases::ln_wide(x, want), Some(want), "ln({x:e})");
        let x = random.ln_1p_argument();
        let want = ln_1p(x);
        assert_eq!(big::ln_1p(x), want, "ln_1p({x:e})");
        assert_eq!(ln::phases::ln_1p_wide(x, want), Some(want), "ln_1p({x:e})");
        let x = random.exp_argument();
        let want = exp(x);
        assert_eq!(big::exp(x), want, "exp({x:e})");
        assert_eq!(wide::exp(x), Some(want), "exp({x:e})");
        let x = random.exp_m1_argument();
        let want = exp_m1(x);
        assert_eq!(big::exp_m1(x), want, "exp_m1({x:e})");
        assert_eq!(wide::exp_m1(x), Some(want), "exp_m1({x:e})");
    }
}

/// `x` in units of 2^-1200, exactly.
fn units(x: f64) -> BigInt {
    let (significand, exponent) = decompose(x);
    let value = BigInt::from(significand) << (exponent + 1200) as u64;
    if x < 0.0 { -value } else { value }
}

/// The proofs in `ln.rs` and `exp.rs`, measured: the fast phase keeps its bound, with a fifth to spare.
#[test]
fn fast_phase_keeps_its_error_bound() {
    let mut random = Random(5);
    let check = |name: &str, x: f64, (result, rest, error): (f64, f64, f64), (truth, p): (BigInt, u64)| {
        let distance: BigInt = units(result) + units(rest) - (truth << (1200 - p));
        let allowed: BigInt = units(error) * 4;
        assert!(
            distance.magnitude() * 5u32 <= *allowed.magnitude(),
            "{name}({x:e}) is off by more than {error:e}"
        );
    };
    let p = 320;
    for _ in 0..10_000 {
        let x = random.ln_argument();
        let (significand, exponent) = decompose(x);
        check(
            "ln",
            x,
            ln::phases::ln_fast(x),
            (big::ln_units(&significand.into(), exponent, p).0, p),
        );
        let x = random.ln_1p_argument();
        let (integer, exponent) = big::one_plus(x);
        check(
            "ln_1p",
            x,
            ln::phases::ln_1p_fast(x),
            (big::ln_units(&integer, exponent, p).0, p),
        );
        let x = random.exp_argument();
        let (result, rest, error, k) = exp::interval(x);
        let (truth, exponent, _) = big::exp_units(x, p);
        // The big phase may choose another power of two.
        let scaled = if exponent >= k {
            truth << (exponent - k) as u64
        } else {
            truth >> (k - exponent) as u64
        };
        check("exp", x, (result, rest, error), (scaled, p));
        let x = random.exp_m1_argument();
        let (result, rest, error, scale) = exp_m1::fast(x);
        let p = 320 + 2 * x.abs() as u64;
        let (truth, exponent, _) = big::exp_m1_units(x, p);
        let shift = 1200 - p as i64 + exponent + 1023 - (scale.to_bits() >> 52) as i64;
        let truth = if shift >= 0 {
            truth << shift as u64
        } else {
            truth >> shift.unsigned_abs()
        };
        check("exp_m1", x, (result, rest, error), (truth, 1200));
    }
}

/// The bounds of `wide.rs`, measured; this is also what sees an error that no known argument would show.
#[test]
fn second_phase_keeps_its_error_bounds() {
    let mut random = Random(7);
    let p = 320;
    let check = |name: &str, x: f64, (units, error): (BigInt, u64), truth: BigInt| {
        let distance: BigInt = (units << (p - 192)) - truth;
        let allowed: BigInt = BigInt::from(error) << (p - 192);
        assert!(distance.magnitude() <= allowed.magnitude(), "{name}({x:e})");
    };
    for _ in 0..3_000 {
        let x = random.ln_argument();
        let (significand, exponent) = decompose(x);
        let (m, e) = ln::phases::wide_argument(x);
        let truth = big::ln_units(&significand.into(), exponent, p).0;
        check("ln", x, wide::measured::ln(m, e, ln(x)), truth);
        let x = random.ln_1p_argument();
        let (integer, exponent) = big::one_plus(x);
        let (m, e) = ln::phases::wide_argument_1p(x);
        let truth = big::ln_units(&integer, exponent, p).0;
        check("ln_1p", x, wide::measured::ln(m, e, ln_1p(x)), truth);
        let x = random.exp_argument();
        let (units, k, error) = wide::measured::exp(x);
        let (truth, exponent, _) = big::exp_units(x, p);
        let truth = if exponent >= k {
            truth << (exponent - k) as u64
        } else {
            truth >> (k - exponent) as u64
        };
        check("exp", x, (units, error), truth);
        let x = random.exp_m1_argument();
        let (units, k, error) = wide::measured::exp_m1(x);
        let p = p + 2 * x.abs() as u64;
        let (truth, exponent, _) = big::exp_m1_units(x, p);
        let shift = exponent - k - 2 * x.abs() as i64;
        let truth = if shift >= 0 {
            truth << shift as u64
        } else {
            truth >> shift.unsigned_abs()
        };
        check("exp_m1", x, (units, error), truth);
    }
}

#[test]
fn every_nan_becomes_the_canonical_one() {
    for bits in [
        0x7ff0_0000_0000_0001,
        0xfff8_0000_0000_0000,
        0xffff_ffff_ffff_ffff,
    ] {
        let nan = f64::from_bits(bits);
        for result in [
            ln(nan),
            ln_1p(nan),
            exp(nan),
            sqrt(nan),
            exp_m1(nan),
            ln(-1.0),
            ln_1p(-2.0),
            sqrt(-1.0),
        ] {
            assert_eq!(result.to_bits(), 0x7ff8_0000_0000_0000);
        }
    }
}
