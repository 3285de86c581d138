//! `l2_distance`: the Euclidean distance of two lists of numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks, vectors};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// The Euclidean distance of two lists of numbers: the square root of the sum of (a_i - b_i)^2.
///
/// Squares are added in the order that `dot` documents. The differences are scaled by a power of two that brings the
/// largest near 1, so that items of any size neither overflow nor vanish.
///
/// **Missing.** A missing list, a missing item, or two lists of different lengths give a missing output. An infinite
/// item gives infinity, or missing where the other list has the same infinity there. Lists without items give 0.0.
///
/// **Example.** `l2_distance([[1.0, 2.0], [1.0], None], [[4.0, 6.0], [4.0, 6.0], [1.0]])` gives `[5.0, None, None]`.
///
/// **Oracle.** Exact fractions and one square root, within 1 ULP of f32; `scipy.spatial.distance.euclidean` to 1e-12.
///
/// **Source.** `scipy.spatial.distance.euclidean`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct L2Distance;

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let largest = vectors::largest(a.iter().zip(b).map(|(x, y)| x - y));
    if largest == f64::INFINITY {
        // Infinity, or NaN where an item or a difference has no value.
        return vectors::sum(a, b, |x, y| (x - y).abs());
    }
    let power = vectors::power_for(largest);
    let squares = vectors::sum(a, b, |x, y| {
        let difference = (x - y) * power;
        difference * difference
    });
    math::sqrt(squares) / power
}

impl Transform for L2Distance {
    const NAME: &'static str = "l2_distance";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let (problems, reads) = vectors::pair(inputs, false);
        checks::done(problems, Signature::stateless(reads, ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        vectors::for_pairs(args, out.numbers()?, distance, |_, _| f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_at_the_ends_of_the_range() {
        assert_eq!(distance(&[1e308], &[-7e307]), 1.7e308);
        assert_eq!(distance(&[f64::MAX], &[-f64::MAX]), f64::INFINITY);
        assert_eq!(distance(&[3e-320, 0.0], &[0.0, 4e-320]), 5e-320);
        assert_eq!(distance(&[3e307, 1.0], &[0.0, 4e307]), 5e307);
    }
}
