//! `cosine`: the cosine of the angle between two lists of numbers or two sparse rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks, vectors};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// The cosine similarity of two lists of numbers, or of two sparse steps: a . b / (|a| |b|).
///
/// Sums run in the order that `dot` documents. Each side is first scaled by a power of two that brings its largest
/// item near 1, so that items of any size neither overflow nor vanish. Sparse steps should hash with the same `bits`.
///
/// **Missing.** A missing list, a missing or infinite item, or two lists of different lengths give a missing output.
/// A side that is all zeros or has no items gives 0.0; a missing input of a sparse step is a row without entries.
///
/// **Example.** `cosine([[1.0, 1.0], [0.0, 0.0], None], [[2.0, 0.0], [1.0, 2.0], [1.0]])` gives `[0.70711, 0.0,
/// None]`.
///
/// **Oracle.** Exact fractions and one square root, within 1 ULP of f32; 1 - `scipy.spatial.distance.cosine` to
/// 1e-12.
///
/// **Source.** `sklearn.metrics.pairwise.cosine_similarity`, which also gives 0.0 for a zero vector.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct Cosine;

/// A power of two for each side; `None` when the cosine is known without them.
fn powers(a: &[f64], b: &[f64]) -> std::result::Result<(f64, f64), f64> {
    let largest = |items: &[f64]| vectors::largest(items.iter().copied());
    let (of_a, of_b) = (largest(a), largest(b));
    let finite = a.iter().chain(b).all(|item| item.is_finite());
    if !finite {
        return Err(f64::NAN);
    }
    if of_a == 0.0 || of_b == 0.0 {
        return Err(0.0);
    }
    Ok((vectors::power_for(of_a), vectors::power_for(of_b)))
}

/// The sum of the squares of `items`, scaled.
fn squares(items: &[f64], power: f64) -> f64 {
    vectors::sum(items, items, |x, _| (x * power) * (x * power))
}

fn of_lists(a: &[f64], b: &[f64]) -> f64 {
    match powers(a, b) {
        Ok((of_a, of_b)) => {
            let product = vectors::sum(a, b, |x, y| (x * of_a) * (y * of_b));
            product / (math::sqrt(squares(a, of_a)) * math::sqrt(squares(b, of_b)))
        }
        Err(known) => known,
    }
}

fn of_sparse(a: (&[u32], &[f64]), b: (&[u32], &[f64])) -> f64 {
    match powers(a.1, b.1) {
        Ok((of_a, of_b)) => {
            let product = vectors::sum_of_common(a, b, |x, y| (x * of_a) * (y * of_b));
            product / (math::sqrt(squares(a.1, of_a)) * math::sqrt(squares(b.1, of_b)))
        }
        Err(known) => known,
    }
}

impl Transform for Cosine {
    const NAME: &'static str = "cosine";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let (problems, reads) = vectors::pair(inputs, true);
        checks::done(problems, Signature::stateless(reads, ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        vectors::for_pairs(args, out.numbers()?, of_lists, of_sparse)
    }
}
