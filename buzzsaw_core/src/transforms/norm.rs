//! `norm`: the size of a list of numbers or of a sparse row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks, vectors};
use crate::args::{Arg, Args};
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// Which norm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// The sum of absolute values.
    L1,
    /// The square root of the sum of squares.
    #[default]
    L2,
    /// The largest absolute value.
    Max,
}

/// The norm of a list of numbers or of a sparse step: the Euclidean length, the sum of absolute values, or the
/// largest.
///
/// Sums run in the order that `dot` documents. For `l2` the items are scaled by a power of two that brings the
/// largest near 1, so that items of any size neither overflow nor vanish.
///
/// **Missing.** A missing list or a missing item gives a missing output. An infinite item gives infinity. A list or a
/// sparse row without entries gives 0.0.
///
/// **Example.** `norm([[3.0, -4.0], [], [1.0, None]], kind="l2")` gives `[5.0, 0.0, None]`.
///
/// **Oracle.** Exact fractions and one square root, within 1 ULP of f32; `numpy.linalg.norm` to 1e-12.
///
/// **Source.** `numpy.linalg.norm` with `ord` 1, 2 and infinity.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The norm: `l1`, `l2` or `max`.
    kind: Kind,
}

pub(super) struct Norm {
    kind: Kind,
}

impl Norm {
    fn of(&self, values: &[f64]) -> f64 {
        match self.kind {
            Kind::L1 => vectors::sum(values, values, |x, _| x.abs()),
            Kind::L2 => vectors::length(values),
            Kind::Max if values.iter().any(|value| value.is_nan()) => f64::NAN,
            Kind::Max => vectors::largest(values.iter().copied()),
        }
    }
}

impl Transform for Norm {
    const NAME: &'static str = "norm";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |v| v.is_vector() || v.is_sparse();
        let read = if inputs.first().is_some_and(ValueType::is_sparse) {
            Read::Sparse
        } else {
            Read::Vector
        };
        checks::done(
            checks::inputs(inputs, &[("a list of numbers or sparse entries", fits)]),
            Signature::stateless(vec![read], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { kind: params.kind })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let out = out.numbers()?;
        if let Arg::Sparse(rows) = args.arg(0) {
            out.extend((0..args.len()).map(|i| self.of(rows.get(i).1)));
        } else {
            let lists = args.vector(0)?;
            out.extend((0..args.len()).map(|i| lists.get(i).map_or(f64::NAN, |row| self.of(row))));
        }
        Ok(())
    }
}
