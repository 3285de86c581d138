//! Fixed-point numbers wide enough for every double, or for every product of two: additions never round.
//!
//! After Kulisch ("Computer Arithmetic and Validity", 2013), with redundant digits after Neal ("Fast exact
//! summation using small and large superaccumulators", 2015): digits of 64 bits sit in signed 128-bit limbs, so a
//! significand is added to one limb without looking at the next, and carries move on once in 1,024 additions.

use num_bigint::{BigInt, BigUint, Sign};
use serde::{Deserialize, Serialize};

use crate::math::round_to_nearest;

/// Bits of a digit.
const DIGIT: u32 = 64;
/// Bits of a significand.
const PRECISION: u32 = 53;
/// Carries are due after so many additions. One moves a limb by less than 2^(53 + 63); 2^10 of them and a digit stay
/// below 2^127.
const CARRY_AFTER: u32 = 1 << 10;

/// A signed fixed-point number of `LIMBS` 64-bit digits in units of its owner's choice.
#[derive(Clone, Debug)]
pub(in crate::fit) struct Accumulator<const LIMBS: usize> {
    /// Least significant first. The value is the sum of limb × 2^(64 i); no limb need be in the range of a digit.
    limbs: [i128; LIMBS],
    /// Additions since carries last moved on.
    pending: u32,
}

/// |`x`| as an integer below 2^53 and the place of its lowest bit above 2^-1074, for finite `x`.
#[inline]
pub(super) fn decompose(x: f64) -> (u64, u32) {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7ff) as u32;
    let hidden = u64::from(biased != 0) << 52;
    (bits & ((1 << 52) - 1) | hidden, biased.saturating_sub(1))
}

impl<const LIMBS: usize> Accumulator<LIMBS> {
    pub(in crate::fit) const fn new() -> Self {
        Accumulator {
            limbs: [0; LIMBS],
            pending: 0,
        }
    }

    /// Adds or subtracts `word` × 2^`place` units, for `word` < 2^53 and a place in any limb but the last two.
    #[inline]
    pub(super) fn add(&mut self, negative: bool, word: u64, place: u32) {
        debug_assert!(word >> PRECISION == 0);
        // All ones or zero: (n ^ mask) - mask negates.
        let mask = -i64::from(negative);
        let signed = (word as i64 ^ mask) - mask;
        self.limbs[(place / DIGIT) as usize] += i128::from(signed) << (place % DIGIT);
        self.pending += 1;
        if self.pending == CARRY_AFTER {
            self.carry();
        }
    }

    /// Adds `x` × `y`, exactly, for finite factors, to an accumulator whose unit is 2^-2148.
    #[inline]
    pub(in crate::fit) fn add_product(&mut self, x: f64, y: f64) {
        let ((a, i), (b, j)) = (decompose(x), decompose(y));
        let negative = x.is_sign_negative() != y.is_sign_negative();
        self.add_wide(negative, u128::from(a) * u128::from(b), i + j);
    }

    /// Adds or subtracts `product` × 2^`place` units, for `product` < 2^106; as [`Accumulator::add`].
    #[inline]
    pub(super) fn add_wide(&mut self, negative: bool, product: u128, place: u32) {
        self.add(negative, product as u64 & ((1 << PRECISION) - 1), place);
        self.add(negative, (product >> PRECISION) as u64, place + PRECISION);
    }

    /// Adds another accumulator of the same unit.
    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        for (limb, more) in self.limbs.iter_mut().zip(other.limbs) {
            *limb += more;
        }
        self.carry();
    }

    /// Brings every limb but the last, which keeps the sign, into the range of a digit.
    #[cold]
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            let value = *limb + carry;
            *limb = value & i128::from(u64::MAX);
            carry = value >> DIGIT;
        }
        self.limbs[LIMBS - 1] += carry;
        self.pending = 0;
    }

    /// The number as sign and magnitude, in words, least significant first; zero has no sign.
    fn magnitude(&self) -> (bool, [u64; LIMBS]) {
        let mut number = self.clone();
        number.carry();
        let negative = number.limbs[LIMBS - 1] < 0;
        if negative {
            number.limbs = number.limbs.map(|limb| -limb);
            number.carry();
        }
        (negative, number.limbs.map(|limb| limb as u64))
    }

    /// The number as sign and magnitude, without zero words at either end: one form for each value.
    fn digits(&self) -> Digits {
        let (negative, words) = self.magnitude();
        let skip = words.iter().take_while(|&&word| word == 0).count();
        let end = words
            .iter()
            .rposition(|&word| word != 0)
            .map_or(skip, |last| last + 1);
        if skip == LIMBS {
            return Digits {
                negative: false,
                skip: 0,
                words: Vec::new(),
            };
        }
        Digits {
            negative,
            skip,
            words: words[skip..end].to_vec(),
        }
    }

    /// The double nearest to the number, its unit being 2^`exponent`, of at most -1074. It allocates nothing.
    pub(in crate::fit) fn rounded(&self, exponent: i64) -> f64 {
        let (negative, words) = self.magnitude();
        round_to_nearest(negative, &words, exponent, false)
    }

    /// The number of units.
    pub(super) fn to_integer(&self) -> BigInt {
        let Digits {
            negative,
            skip,
            words,
        } = self.digits();
        let halves = words
            .into_iter()
            .flat_map(|word| [word as u32, (word >> 32) as u32])
            .collect();
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        BigInt::from_biguint(sign, BigUint::new(halves) << (64 * skip))
    }
}

impl<const LIMBS: usize> PartialEq for Accumulator<LIMBS> {
    fn eq(&self, other: &Self) -> bool {
        self.digits() == other.digits()
    }
}

/// The canonical form of an [`Accumulator`], which is also its serialised one: 64-bit words, least significant
/// first, after `skip` words that are zero; the first and last are not, and zero has none and no sign.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digits {
    negative: bool,
    skip: usize,
    words: Vec<u64>,
}

impl<const LIMBS: usize> Serialize for Accumulator<LIMBS> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.digits().serialize(serializer)
    }
}

impl<'de, const LIMBS: usize> Deserialize<'de> for Accumulator<LIMBS> {
    /// Refuses what [`Serialize`] does not write: a number too long, or another form of the same number.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = Digits::deserialize(deserializer)?;
        let mut number = Accumulator::new();
        if digits.skip.saturating_add(digits.words.len()) > LIMBS {
            return Err(serde::de::Error::custom("an exact sum has too many digits"));
        }
        for (limb, &word) in number.limbs[digits.skip..].iter_mut().zip(&digits.words) {
            *limb = if digits.negative {
                -i128::from(word)
            } else {
                i128::from(word)
            };
        }
        if number.digits() != digits {
            return Err(serde::de::Error::custom("an exact sum is not in canonical form"));
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Accumulator<4>;

    #[test]
    fn carries_move_before_a_limb_overflows() {
        let mut number = Small::new();
        // One short of due, in limbs as full as they may get.
        let fullest = i128::from((1u64 << PRECISION) - 1) << 63;
        number.limbs = [fullest * i128::from(CARRY_AFTER - 1) + i128::from(u64::MAX); 4];
        number.limbs[3] = 0;
        let before = number.to_integer();
        number.pending = CARRY_AFTER - 1;
        number.add(false, (1 << PRECISION) - 1, 63);
        assert_eq!(number.pending, 0);
        assert!(number.limbs[..3].iter().all(|&limb| limb >> 64 == 0));
        assert_eq!(
            number.to_integer() - before,
            BigInt::from((1u64 << PRECISION) - 1) << 63
        );
    }

    #[test]
    fn one_form_for_each_value() {
        let (mut forth, mut back) = (Small::new(), Small::new());
        for (negative, word, place) in [
            (true, 5, 3),
            (false, 0x1f_ffff_ffff_ffff, 100),
            (true, 7, 64),
            (false, 1, 95),
        ] {
            forth.add(negative, word, place);
        }
        for (negative, word, place) in [
            (false, 1, 95),
            (true, 7, 64),
            (false, 0x1f_ffff_ffff_ffff, 100),
            (true, 5, 3),
        ] {
            back.add(negative, word, place);
        }
        back.carry();
        assert_eq!(forth, back);
        assert_ne!(forth.limbs, back.limbs);
        assert_eq!(
            serde_json::to_string(&forth).unwrap(),
            serde_json::to_string(&back).unwrap()
        );
        forth.add(true, 1, 0);
        assert_ne!(forth, back);
    }

    #[test]
    fn round_trip_and_hostile_forms() {
        let mut number = Small::new();
        number.add(true, 3, 130);
        let text = serde_json::to_string(&number).unwrap();
        assert_eq!(text, r#"{"negative":true,"skip":2,"words":[12]}"#);
        assert_eq!(serde_json::from_str::<Small>(&text).unwrap(), number);
        for hostile in [
            r#"{"negative":true,"skip":0,"words":[]}"#,
            r#"{"negative":false,"skip":1,"words":[]}"#,
            r#"{"negative":false,"skip":0,"words":[0,1]}"#,
            r#"{"negative":false,"skip":0,"words":[1,0]}"#,
            r#"{"negative":false,"skip":4,"words":[1]}"#,
            r#"{"negative":false,"skip":18446744073709551615,"words":[1]}"#,
            r#"{"negative":false,"skip":0,"words":[1],"more":1}"#,
        ] {
            assert!(serde_json::from_str::<Small>(hostile).is_err(), "{hostile}");
        }
    }
}
