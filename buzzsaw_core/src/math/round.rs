//! One rounding from a big binary number to a double: shared by the slow phases and by the exact sums.

/// Bits of a double's significand, the hidden one included.
const PRECISION: i64 = 53;
/// Exponent of the smallest subnormal.
const LOWEST: i64 = -1074;

/// The double nearest to `limbs` × 2^`exponent`, ties to even, with gradual underflow and overflow to infinity.
///
/// `limbs` is an unsigned integer, least significant word first; leading zero words are allowed and zero gives a
/// zero of the asked sign. `sticky` says that the true magnitude lies above the integer by less than one unit;
/// the caller then supplies at least two bits more than the result can hold.
pub(crate) fn round_to_nearest(negative: bool, limbs: &[u64], exponent: i64, sticky: bool) -> f64 {
    let sign = u64::from(negative) << 63;
    let Some(top) = limbs.iter().rposition(|&limb| limb != 0) else {
        return f64::from_bits(sign);
    };
    let length = top as i64 * 64 + 64 - i64::from(limbs[top].leading_zeros());
    if length + exponent > 1024 {
        return f64::from_bits(sign | f64::INFINITY.to_bits());
    }
    let unit = (length + exponent - PRECISION).max(LOWEST);
    let dropped = unit - exponent;
    let significand = if dropped <= 0 {
        debug_assert!(!sticky, "a sticky bit needs bits below the rounding position");
        limbs[0] << -dropped
    } else {
        let kept = word_at(limbs, dropped);
        let half = word_at(limbs, dropped - 1) & 1 == 1;
        let above_half = sticky || any_below(limbs, dropped - 1);
        kept + u64::from(half && (above_half || kept & 1 == 1))
    };
    // Adding, not joining: a significand that rounded up to 2^53 carries into the exponent, at the top into
    // infinity, and a subnormal that reaches 2^52 becomes the smallest normal number.
    let biased = (unit - LOWEST) as u64;
    f64::from_bits(sign | ((biased << 52) + significand))
}

/// The 64 bits of `limbs` from bit `position` >= 0 on.
fn word_at(limbs: &[u64], position: i64) -> u64 {
    let (limb, shift) = ((position / 64) as usize, position % 64);
    let low = limbs.get(limb).copied().unwrap_or(0);
    if shift == 0 {
        return low;
    }
    let high = limbs.get(limb + 1).copied().unwrap_or(0);
    low >> shift | high << (64 - shift)
}

/// Whether any bit below `position` is set.
fn any_below(limbs: &[u64], position: i64) -> bool {
    let (limb, shift) = ((position / 64) as usize, position % 64);
    if limb >= limbs.len() {
        return limbs.iter().any(|&limb| limb != 0);
    }
    limbs[..limb].iter().any(|&limb| limb != 0) || limbs[limb] & ((1 << shift) - 1) != 0
}

#[cfg(test)]
mod tests {
    use super::round_to_nearest;

    fn rounded(value: u64, exponent: i64, sticky: bool) -> f64 {
        round_to_nearest(false, &[value], exponent, sticky)
    }

    #[test]
    fn ties_go_to_even_and_a_sticky_bit_breaks_them() {
        let two_53 = (1u64 << 53) as f64;
        assert_eq!(rounded((1 << 54) + 2, -1, false), two_53);
        assert_eq!(rounded((1 << 54) + 2, -1, true), two_53 + 2.0);
        assert_eq!(rounded((1 << 54) + 6, -1, false), two_53 + 4.0);
        assert_eq!(rounded((1 << 54) + 1, -1, true), two_53);
    }

    #[test]
    fn edges_of_the_format() {
        let least = f64::from_bits(1);
        assert_eq!(rounded(1, -1074, false), least);
        assert_eq!(rounded(1, -1075, false), 0.0);
        assert_eq!(rounded(3, -1076, false), least);
        assert_eq!(rounded(3, -1075, false), 2.0 * least);
        assert_eq!(rounded(1, -3000, false), 0.0);
        assert_eq!(rounded((1 << 53) - 1, -1075, false), f64::MIN_POSITIVE);
        assert_eq!(rounded((1 << 53) - 1, 971, false), f64::MAX);
        assert_eq!(rounded((1 << 54) - 1, 970, false), f64::INFINITY);
        assert_eq!(rounded((1 << 55) - 3, 969, false), f64::MAX);
        assert_eq!(rounded(1, 1024, false), f64::INFINITY);
        assert_eq!(
            round_to_nearest(true, &[0, 0], 0, false).to_bits(),
            (-0.0f64).to_bits()
        );
        assert_eq!(round_to_nearest(true, &[0, 1, 0], -64, false), -1.0);
    }

    #[test]
    fn words_above_and_below_a_boundary() {
        // 2^64 + 2^11 is half-way between two doubles; one bit further down decides.
        assert_eq!(
            round_to_nearest(false, &[1 << 11, 1], 0, false),
            2f64 * (1u64 << 63) as f64
        );
        let above = f64::from_bits((2f64 * (1u64 << 63) as f64).to_bits() + 1);
        assert_eq!(round_to_nearest(false, &[(1 << 11) + 1, 1], 0, false), above);
        assert_eq!(round_to_nearest(false, &[1, 1 << 11, 1], -64, false), above);
    }
}
