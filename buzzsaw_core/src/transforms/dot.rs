//! `dot`: the dot product of two lists of numbers or of two sparse rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks, vectors};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The dot product of two lists of numbers, or of two sparse steps: the sum of a_i * b_i.
///
/// Products of lists are added in eight partial sums, item i to sum i mod 8 in order, and the sums in halves (0 + 4,
/// 1 + 5, 2 + 6, 3 + 7, and so on); those of sparse rows in the order of their columns. Where finite items overflow
/// on the way, the lists are scaled by powers of two and added again; terms 1e300 times smaller than the largest can
/// vanish then. Sparse steps should hash with the same `bits`.
///
/// **Missing.** A missing list, a missing item, or two lists of different lengths give a missing output, and so does
/// an infinite item where the sum has no value (infinity times 0.0). Lists without items, and sparse rows without a
/// common column, give 0.0. A missing input of a sparse step is a row without entries.
///
/// **Example.** `dot([[1.0, 2.0], [1.0], None], [[3.0, 4.0], [3.0, 4.0], [1.0]])` gives `[11.0, None, None]`.
///
/// **Oracle.** The same additions in Python, exactly; `numpy.dot` within 4 ULP of f32 where no terms cancel.
///
/// **Source.** `numpy.dot`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct Dot;

/// The product of rows whose plain sum is not finite.
#[cold]
fn scaled(plain: f64, a: &[f64], b: &[f64], sum: impl Fn(f64, f64) -> f64) -> f64 {
    if !a.iter().chain(b).all(|item| item.is_finite()) {
        return plain;
    }
    let power = |items: &[f64]| vectors::power_for(vectors::largest(items.iter().copied()));
    let (of_a, of_b) = (power(a), power(b));
    sum(of_a, of_b) / of_a / of_b
}

fn of_lists(a: &[f64], b: &[f64]) -> f64 {
    let plain = vectors::sum(a, b, |x, y| x * y);
    if plain.is_finite() {
        return plain;
    }
    scaled(plain, a, b, |of_a, of_b| {
        vectors::sum(a, b, |x, y| (x * of_a) * (y * of_b))
    })
}

fn of_sparse(a: (&[u32], &[f64]), b: (&[u32], &[f64])) -> f64 {
    let plain = vectors::sum_of_common(a, b, |x, y| x * y);
    if plain.is_finite() {
        return plain;
    }
    scaled(plain, a.1, b.1, |of_a, of_b| {
        vectors::sum_of_common(a, b, |x, y| (x * of_a) * (y * of_b))
    })
}

impl Transform for Dot {
    const NAME: &'static str = "dot";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_rows_that_overflow_are_scaled() {
        let (columns, values) = ([1u32, 5, 9], [1e200, 2e200, 1e200]);
        let other = ([1u32, 5, 9], [2e200, -1e200, 0.0]);
        assert_eq!(of_sparse((&columns, &values), (&other.0, &other.1)), 0.0);
        assert_eq!(of_sparse((&columns, &values), (&columns, &values)), f64::INFINITY);
        let (far, near) = ([1e200, 1e200, 1e150], [1e200, -1e200, 1e150]);
        let made = of_sparse((&columns, &far), (&columns, &near));
        assert!((made / 1e300 - 1.0).abs() < 1e-15, "{made}");
        assert!(of_sparse((&[1], &[f64::INFINITY]), (&[1], &[0.0])).is_nan());
        // What does not overflow is not scaled.
        assert_eq!(
            of_sparse((&[1, 2], &[1e300, 1e-300]), (&[1, 2], &[1e-300, 1e300])),
            2.0
        );
        assert_eq!(of_sparse((&[1, 2], &[3.0, 4.0]), (&[2, 3], &[5.0, 6.0])), 20.0);
    }
}
