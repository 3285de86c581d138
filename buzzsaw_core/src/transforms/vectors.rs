//! What the transforms over lists of numbers share: judging a pair of inputs, sums in a fixed order, sizes.

use super::group_values::scale;
use super::{Read, checks};
use crate::args::{Arg, Args};
use crate::error::{ErrorKind, Problem, Result};
use crate::types::ValueType;

/// How many partial sums run side by side.
const LANES: usize = 8;

/// The sum of `term` over pairs of items. Item i is added to partial sum i mod 8, in order; the partial sums are then
/// added in halves: 0 + 4, 1 + 5, 2 + 6, 3 + 7, of these 0 + 2 and 1 + 3, and of these both.
///
/// The lists are of one length.
#[inline]
pub(super) fn sum(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0f64; LANES];
    for (x, y) in a.iter().zip(b) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += term(*x, *y);
        }
    }
    for ((sum, x), y) in sums.iter_mut().zip(a_rest).zip(b_rest) {
        *sum += term(*x, *y);
    }
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

/// The largest absolute value; NaN is passed over.
#[inline]
pub(super) fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, value| {
        if value.abs() > largest {
            value.abs()
        } else {
            largest
        }
    })
}

/// A power of two that brings `largest` near 1.
#[inline]
pub(super) fn power_for(largest: f64) -> f64 {
    scale(&[largest])
}

/// The Euclidean length; it neither overflows nor vanishes on the way.
#[inline]
pub(super) fn length(values: &[f64]) -> f64 {
    let largest = largest(values.iter().copied());
    if largest == f64::INFINITY {
        // A NaN among the items stays NaN.
        return sum(values, values, |x, _| x.abs());
    }
    let power = power_for(largest);
    crate::math::sqrt(sum(values, values, |x, _| (x * power) * (x * power))) / power
}

/// Judges two lists of numbers, or where `sparse` is allowed two sparse steps.
pub(super) fn pair(inputs: &[ValueType], sparse: bool) -> (Vec<Problem>, Vec<Read>) {
    if sparse && inputs.first().is_some_and(ValueType::is_sparse) {
        let want = ("sparse", ValueType::is_sparse as fn(&ValueType) -> bool);
        return (checks::inputs(inputs, &[want, want]), vec![Read::Sparse; 2]);
    }
    let word = if sparse {
        "a list of numbers (or sparse entries, both)"
    } else {
        "a list of numbers"
    };
    let want = (word, ValueType::is_vector as fn(&ValueType) -> bool);
    let mut problems = checks::inputs(inputs, &[want, want]);
    if let [ValueType::Vector(Some(a)), ValueType::Vector(Some(b))] = inputs
        && a != b
    {
        problems.push(
            Problem::new(
                ErrorKind::TypeMismatch,
                format!("the first list has {a} items, this one {b}"),
            )
            .at("inputs[1]")
            .hint("give two lists of the same length"),
        );
    }
    (problems, vec![Read::Vector; 2])
}

/// `of` for each row that has two lists of one length, NaN for other rows; `of_sparse` where the inputs are sparse.
#[inline]
pub(super) fn for_pairs(
    args: &Args<'_>,
    out: &mut Vec<f64>,
    of: impl Fn(&[f64], &[f64]) -> f64,
    of_sparse: impl Fn((&[u32], &[f64]), (&[u32], &[f64])) -> f64,
) -> Result<()> {
    if let Arg::Sparse(_) = args.arg(0) {
        let (a, b) = (args.sparse(0)?, args.sparse(1)?);
        out.extend((0..args.len()).map(|i| of_sparse(a.get(i), b.get(i))));
        return Ok(());
    }
    let (a, b) = (args.vector(0)?, args.vector(1)?);
    out.extend((0..args.len()).map(|i| match (a.get(i), b.get(i)) {
        (Some(a), Some(b)) if a.len() == b.len() => of(a, b),
        _ => f64::NAN,
    }));
    Ok(())
}

/// The sum of `term` over the columns that both rows have, in the order of the columns.
#[inline]
pub(super) fn sum_of_common(a: (&[u32], &[f64]), b: (&[u32], &[f64]), term: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut left, mut right) = (a.0.iter().zip(a.1), b.0.iter().zip(b.1));
    let (mut x, mut y) = (left.next(), right.next());
    let mut sum = 0.0;
    while let (Some((column, value)), Some((other, times))) = (x, y) {
        match column.cmp(other) {
            std::cmp::Ordering::Less => x = left.next(),
            std::cmp::Ordering::Greater => y = right.next(),
            std::cmp::Ordering::Equal => {
                sum += term(*value, *times);
                (x, y) = (left.next(), right.next());
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_additions_is_that_of_the_documentation() {
        let values: Vec<f64> = (0..29).map(|i| 0.1 + f64::from(i * i) * 1e-3).collect();
        for n in 0..values.len() {
            let mut lanes = [0.0; LANES];
            for (i, value) in values[..n].iter().enumerate() {
                lanes[i % LANES] += value;
            }
            for half in [4, 2, 1] {
                for i in 0..half {
                    lanes[i] += lanes[i + half];
                }
            }
            let made = sum(&values[..n], &values[..n], |x, _| x);
            assert_eq!(made.to_bits(), lanes[0].to_bits(), "{n}");
        }
    }

    #[test]
    fn widths_that_are_known_must_agree() {
        let of = |a: Option<u32>, b: Option<u32>| {
            let (problems, reads) = pair(&[ValueType::Vector(a), ValueType::Vector(b)], true);
            assert_eq!(reads, [Read::Vector, Read::Vector]);
            problems
                .first()
                .map(|problem| (problem.kind, problem.place.clone()))
        };
        assert_eq!(of(Some(3), Some(3)), None);
        assert_eq!(of(Some(3), None), None);
        assert_eq!(of(None, Some(3)), None);
        let different = Some((ErrorKind::TypeMismatch, "inputs[1]".to_owned()));
        assert_eq!(of(Some(3), Some(2)), different);
    }

    #[test]
    fn lengths_at_the_ends_of_the_range() {
        assert_eq!(length(&[]), 0.0);
        assert_eq!(length(&[-0.0, 0.0]), 0.0);
        assert_eq!(length(&[3e-320, -4e-320]), 5e-320);
        assert_eq!(length(&[3e307, 4e307]), 5e307);
        assert_eq!(length(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(length(&[1.0, f64::NEG_INFINITY]), f64::INFINITY);
        assert!(length(&[f64::NAN, f64::INFINITY]).is_nan());
        assert!(length(&[f64::NAN, 1.0]).is_nan());
    }
}
