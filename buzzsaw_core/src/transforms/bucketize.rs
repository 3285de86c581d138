//! `bucketize`: the bucket of a number between given edges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buckets::{Buckets, Closed, Output};
use super::{Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The most edges.
const MAX_EDGES: usize = 1 << 16;

/// The bucket of a number: 0 below the first edge, and so on to the number of edges above the last.
///
/// With `output: one_hot` a sparse row of a column for each bucket, 1.0 in that of the number. Infinite numbers are in
/// the first and the last bucket.
///
/// **Missing.** Missing gives a missing index and an empty row, unless `missing` fills it.
///
/// **Example.** `bucketize([-1.0, 0.0, 7.5, 10.0, None], edges=[0, 10])` gives `[0.0, 1.0, 1.0, 2.0, None]`.
///
/// **Oracle.** `numpy.digitize`, exactly.
///
/// **Source.** `numpy.digitize`, with `right=True` for `closed: right`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Where buckets meet: finite, each above the one before; 1 to 65,536.
    edges: Vec<f64>,
    /// Whether a number equal to an edge is in the bucket above it, whose left side is closed, or below it.
    #[serde(default)]
    closed: Closed,
    /// The bucket's number, or a sparse row.
    #[serde(default)]
    output: Output,
}

pub(super) struct Bucketize(Buckets);

impl Transform for Bucketize {
    const NAME: &'static str = "bucketize";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let edges = &params.edges;
        problems.extend(checks::range(
            (1..=MAX_EDGES).contains(&edges.len()),
            "edges",
            format!("{} edges", edges.len()),
            "give 1 to 65,536 edges",
        ));
        let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
        problems.extend(checks::range(
            ascending && edges.iter().all(|edge| edge.is_finite()),
            "edges",
            "an edge",
            "give finite edges, each above the one before",
        ));
        checks::done(problems, params.output.stateless())
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self(Buckets {
            edges: params.edges,
            closed: params.closed,
            output: params.output,
        }))
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        self.0.eval(args, out)
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.0.columns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for edges in [
            vec![f64::NAN],
            vec![0.0, f64::INFINITY],
            vec![f64::NEG_INFINITY, 0.0],
            vec![0.0, f64::NAN],
        ] {
            let params = Params {
                edges,
                closed: Closed::Left,
                output: Output::Index,
            };
            assert!(
                Bucketize::signature(&params, &[ValueType::Number]).is_err(),
                "{params:?}"
            );
        }
    }

    #[test]
    fn the_most_edges() {
        let of = |count: usize| Params {
            edges: (0..count).map(|i| i as f64).collect(),
            closed: Closed::Left,
            output: Output::Index,
        };
        assert!(Bucketize::signature(&of(MAX_EDGES), &[ValueType::Number]).is_ok());
        assert!(Bucketize::signature(&of(MAX_EDGES + 1), &[ValueType::Number]).is_err());
    }
}
