//! What steps within a group share: their signature, runs of equal numbers, and sums that the order of candidates does
//! not change.

use std::ops::Range;

use super::{Read, Signature, checks};
use crate::args::NumberArg;
use crate::error::Problem;
use crate::fit::ExactSum;
use crate::sparse_row::power_of_two_for;
use crate::types::ValueType;

/// The signature of a step that reads one number and makes one, within a group.
pub(super) fn signature(inputs: &[ValueType]) -> Result<Signature, Vec<Problem>> {
    let problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
    let signature = Signature::stateless(vec![Read::Number], ValueType::Number);
    checks::done(
        problems,
        Signature {
            grouped: true,
            ..signature
        },
    )
}

/// The given numbers of a group, ascending.
pub(super) fn ascending(x: NumberArg<'_>, rows: Range<usize>, sorted: &mut Vec<f64>) {
    sorted.clear();
    sorted.extend(rows.map(|i| x.get(i)).filter(|value| !value.is_nan()));
    sorted.sort_unstable_by(f64::total_cmp);
}

/// A number and its place in the group.
pub(super) type Placed = (f64, usize);

/// The given numbers of a group with their places, ascending; equal numbers stand together.
pub(super) fn placed(x: NumberArg<'_>, rows: Range<usize>, sorted: &mut Vec<Placed>) {
    sorted.clear();
    sorted.extend(
        rows.map(|i| x.get(i))
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(place, value)| (value, place)),
    );
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
}

/// The runs of equal numbers, each with how many numbers stand before it.
pub(super) fn runs(sorted: &[Placed]) -> impl Iterator<Item = (usize, &[Placed])> {
    sorted.chunk_by(|a, b| a.0 == b.0).scan(0, |passed, run| {
        let before = *passed;
        *passed += run.len();
        Some((before, run))
    })
}

/// Appends `count` missing values and lends them.
pub(super) fn missing(out: &mut Vec<f64>, count: usize) -> &mut [f64] {
    let start = out.len();
    out.resize(start + count, f64::NAN);
    &mut out[start..]
}

/// Gives every number of a run the same value.
pub(super) fn fill(cells: &mut [f64], run: &[Placed], value: f64) {
    for (_, place) in run {
        if let Some(cell) = cells.get_mut(*place) {
            *cell = value;
        }
    }
}

/// The sum of `values`, compensated, in their order (Neumaier 1974).
pub(super) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    if lost.is_finite() { total + lost } else { total }
}

/// A power of two that brings the largest of ascending `values` near 1, so that squares neither overflow nor vanish.
/// It changes no bit of an ordinary group's outcome, as every step scales exactly.
pub(super) fn scale(values: &[f64]) -> f64 {
    let ends = values.first().into_iter().chain(values.last());
    let largest = ends.fold(0.0f64, |largest, end| largest.max(end.abs()));
    power_of_two_for(largest)
}

/// From this size on, numbers could overflow on the way; they are added in fixed point.
const LARGE: f64 = f64::from_bits((1023 + 900) << 52);
/// The power of two that sums beyond the range of doubles are scaled by.
const SMALLER_BY: i32 = -100;
const SMALLER: f64 = f64::from_bits(((1023 + SMALLER_BY) as u64) << 52);

/// The sum of finite numbers without any rounding, as numbers that do not overlap (Shewchuk, "Adaptive Precision
/// Floating-Point Arithmetic", 1997). It does not depend on their order.
#[derive(Default)]
pub(crate) struct Total {
    parts: Vec<f64>,
    rest: Vec<f64>,
    /// The sum where a number is large, or there are very many.
    fixed: ExactSum,
}

/// What finite numbers add up to, times a power of two, which is 1 unless the sum is beyond the range of doubles.
pub(super) struct Scaled {
    pub(super) sum: f64,
    pub(super) scale: f64,
}

/// A group's mean.
pub(super) enum Mean<'t> {
    /// As a sum of two numbers.
    Parts { high: f64, low: f64 },
    /// As a sum and a count.
    Fixed { sum: &'t ExactSum, count: u64 },
}

impl Mean<'_> {
    /// How far a finite number of the group is from the mean; NaN of NaN.
    pub(super) fn difference(&self, x: f64) -> f64 {
        match self {
            _ if x.is_nan() => x,
            Mean::Parts { high, low } => (x - high) - low,
            Mean::Fixed { sum, count } => sum.difference_from_mean(x, *count),
        }
    }
}

impl Total {
    /// The sum of finite numbers, correctly rounded.
    pub(super) fn sum(&mut self, values: impl Iterator<Item = f64> + Clone) -> Scaled {
        if values.clone().any(|value| value.abs() >= LARGE) {
            return self.sum_in_fixed_point(values);
        }
        self.parts.clear();
        values.for_each(|value| add(&mut self.parts, value));
        let sum = rounded(&self.parts);
        Scaled { sum, scale: 1.0 }
    }

    #[cold]
    fn sum_in_fixed_point(&mut self, values: impl Iterator<Item = f64>) -> Scaled {
        self.fixed = ExactSum::new();
        values.for_each(|value| self.fixed.add(value));
        let sum = self.fixed.value();
        if sum.is_finite() {
            return Scaled { sum, scale: 1.0 };
        }
        Scaled {
            sum: self.fixed.scaled(SMALLER_BY),
            scale: SMALLER,
        }
    }

    /// The mean of finite numbers.
    pub(super) fn mean(&mut self, values: impl Iterator<Item = f64> + Clone) -> Mean<'_> {
        let given = values.clone().count();
        // Products of half a number's digits with a larger count would be rounded.
        if given >= 1 << 26 || values.clone().any(|value| value.abs() >= LARGE) {
            self.sum_in_fixed_point(values);
            return Mean::Fixed {
                sum: &self.fixed,
                count: given as u64,
            };
        }
        let count = given as f64;
        let high = self.sum(values).sum / count;
        // Two halves of the digits, so that their products with the count are exact.
        let front = f64::from_bits(high.to_bits() >> 27 << 27);
        self.rest.clone_from(&self.parts);
        add(&mut self.rest, -(front * count));
        add(&mut self.rest, -((high - front) * count));
        let low = rounded(&self.rest) / count;
        Mean::Parts { high, low }
    }
}

/// Adds a number to parts that do not overlap and ascend in size.
fn add(parts: &mut Vec<f64>, value: f64) {
    let mut carried = value;
    let mut kept = 0;
    for at in 0..parts.len() {
        let part = parts[at];
        let (large, small) = if carried.abs() < part.abs() {
            (part, carried)
        } else {
            (carried, part)
        };
        let next = large + small;
        let lost = small - (next - large);
        if lost != 0.0 {
            parts[kept] = lost;
            kept += 1;
        }
        carried = next;
    }
    parts.truncate(kept);
    parts.push(carried);
}

/// The number nearest to the sum of parts, ties to even, as CPython's `math.fsum` finds it.
fn rounded(parts: &[f64]) -> f64 {
    let mut rest = parts.iter().rev().copied();
    let Some(mut sum) = rest.next() else { return 0.0 };
    while let Some(part) = rest.next() {
        let next = sum + part;
        let lost = part - (next - sum);
        sum = next;
        if lost != 0.0 {
            // Half a unit was lost, and the next part says on which side of the tie the sum is.
            let more = lost * 2.0;
            let same_side = rest.next().is_some_and(|below| (below < 0.0) == (lost < 0.0));
            if same_side && (sum + more) - sum == more {
                sum += more;
            }
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_within_a_group_say_so() {
        assert!(signature(&[ValueType::Number]).unwrap().grouped);
    }

    #[test]
    fn the_sum_keeps_what_plain_addition_loses() {
        let values = [1e300, 1.0, -1e300];
        assert_eq!(values.iter().sum::<f64>(), 0.0);
        assert_eq!(sum(values.into_iter()), 1.0);
        assert_eq!(sum([f64::INFINITY, 1.0].into_iter()), f64::INFINITY);
    }

    #[test]
    fn any_group_is_scaled_to_near_one() {
        for largest in [5e-324, 1e-320, f64::MIN_POSITIVE, 1.0, 3.0, 1e300, f64::MAX] {
            let scaled = scale(&[-largest, 0.0, largest / 2.0]) * largest;
            assert!((1e-16..4.0).contains(&scaled), "{largest:e} becomes {scaled:e}");
        }
        assert_eq!(scale(&[]), scale(&[0.0]));
        assert_eq!(scale(&[f64::INFINITY]) * f64::INFINITY, f64::INFINITY);
    }

    fn total(values: &[f64]) -> f64 {
        let Scaled { sum, scale } = Total::default().sum(values.iter().copied());
        sum / scale
    }

    #[test]
    fn a_total_is_exact_in_any_order() {
        let mut values = vec![1e16, 1e100, 1.0, -1e100, -1e16, 1e-30, 0.25];
        for _ in 0..values.len() {
            values.rotate_left(1);
            assert_eq!(total(&values), 1.25 + 1e-30, "{values:?}");
            assert_eq!(
                total(&values.iter().map(|v| -v).collect::<Vec<_>>()),
                -1.25 - 1e-30
            );
        }
        assert_eq!(total(&[]), 0.0);
        assert_eq!(total(&[5e-324, -1.0, 1.0]), 5e-324);
    }

    /// The vectors are those of CPython's own tests of `math.fsum`.
    #[test]
    fn ties_go_to_even_unless_a_smaller_part_breaks_them() {
        let unit = f64::EPSILON / 2.0;
        assert_eq!(total(&[1.0, unit]), 1.0);
        assert_eq!(total(&[1.0, unit, 1e-100]), 1.0 + 2.0 * unit);
        assert_eq!(total(&[1.0, unit, -1e-100]), 1.0);
        assert_eq!(total(&[-1.0, -unit, -1e-100]), -1.0 - 2.0 * unit);
        assert_eq!(total(&[-1.0, -unit, 1e-100]), -1.0);
        assert_eq!(total(&[1.0 + 2.0 * unit, unit, -1e-100]), 1.0 + 2.0 * unit);
        assert_eq!(total(&[1.0, unit / 2.0, 1e-100]), 1.0);
    }

    #[test]
    fn large_numbers_are_added_without_overflow() {
        assert_eq!(total(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(total(&[f64::MAX, -f64::MAX, 1e-270]), 1e-270);
        let mut three = Total::default();
        let mean = three.mean([f64::MAX, f64::MAX, f64::MAX].into_iter());
        assert_eq!(mean.difference(f64::MAX), 0.0);
    }

    #[test]
    fn numbers_beside_much_larger_ones_are_not_lost() {
        assert_eq!(total(&[f64::MAX, -f64::MAX, 1e-300]), 1e-300);
        assert_eq!(total(&[1e300, 5e-324, -1e300]), 5e-324);
        let values = [LARGE, -LARGE, 3e-310];
        assert_eq!(total(&values), 3e-310);
        let mut mixed = Total::default();
        let mean = mixed.mean(values.into_iter());
        assert_eq!(mean.difference(3e-310), 2e-310);
        let Scaled { sum, scale } = Total::default().sum([f64::MAX; 4].into_iter());
        assert_eq!(f64::MAX * scale / sum, 0.25);
    }

    #[test]
    fn a_mean_is_known_past_the_digits_of_one_number() {
        let values = [0.1; 10];
        let mut total = Total::default();
        let mean = total.mean(values.into_iter());
        assert_eq!(mean.difference(0.1), 0.0);
        let mean = total.mean([1e300, -1e300, 1.0].into_iter());
        assert!((mean.difference(1.0) - 2.0 / 3.0).abs() < 1e-15);
        let mean = total.mean([1e200, -1e200, 1.0].into_iter());
        assert!((mean.difference(1.0) - 2.0 / 3.0).abs() < 1e-15);
        let mean = total.mean([1.0, 1.0, 1.0 + f64::EPSILON].into_iter());
        assert_eq!(mean.difference(1.0), -f64::EPSILON / 3.0);
    }
}
