//! Exact sums of squares of whole numbers.

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};

/// A sum of up to 2^64 squares of whole numbers below 2^63 in size: 192 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Squares {
    low: u128,
    high: u64,
}

impl Squares {
    /// The square of a number below 2^63 in size.
    pub fn of(value: i128) -> Self {
        let size = value.unsigned_abs();
        Self {
            low: size * size,
            high: 0,
        }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self {
            low,
            high: self.high + other.high + u64::from(carry),
        }
    }

    /// What is left of the sum without a part of it.
    pub fn minus(self, part: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(part.low);
        Self {
            low,
            high: self.high - part.high - u64::from(borrow),
        }
    }

    /// The sum as a big number.
    pub fn to_big(self) -> BigInt {
        (BigInt::from(self.high) << 128) + self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_carry_and_borrow() {
        let most = i128::from(i64::MIN) + 1;
        let one = Squares::of(most);
        let mut sum = Squares::default();
        for _ in 0..9 {
            sum = sum.plus(one);
        }
        assert!(sum.high > 0);
        assert_eq!(sum.to_big(), BigInt::from(most).pow(2) * 9);
        assert_eq!(sum.plus(sum).minus(sum), sum);
        let four = one.plus(one).plus(one).plus(one);
        assert_eq!(
            (sum.minus(four).to_big(), four.high),
            (BigInt::from(most).pow(2) * 5, 0)
        );
        assert_eq!(Squares::of(-3).minus(Squares::of(2)).to_big(), BigInt::from(5));
    }
}
