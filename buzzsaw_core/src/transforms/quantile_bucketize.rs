//! `quantile_bucketize`: the bucket of a number between fitted quantiles.

use std::sync::Arc;

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buckets::{Buckets, Closed, Output};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{FitState, Outcome, Quantiles, QuantilesOutcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The most buckets.
const MAX_BUCKETS: u32 = 1 << 12;

/// The bucket of a number, where each bucket held as many of the numbers that were fitted: 0 for the smallest.
///
/// Edges are the quantiles 0, 1 / `buckets`, 2 / `buckets`, ... 1, of which equal ones are merged; without the first
/// and the last they part the numbers, so that numbers beyond those that were fitted are in the first and the last
/// bucket. There are fewer than `buckets` where quantiles were equal. Quantiles are those of `numpy.quantile`: linear
/// between the two ranks around q (n - 1), rounded once; they are exact. Up to 2^17 different numbers take one pass.
/// More take at most 1 + 47 / b passes, rounded up, with b the whole part of log2(2^16 / `buckets`): 5 for 10 buckets, 13
/// for 4,096. Infinite numbers count like others, at the ends.
///
/// **Missing.** Missing numbers are left out of the quantiles, before anything fills them; they give a missing index
/// and an empty row, unless `missing` fills them. Where no number was given all are in bucket 0.
///
/// **Example.** `quantile_bucketize([1.0, 2.0, 3.0, 4.0, None], buckets=2)` gives `[0.0, 0.0, 1.0, 1.0, None]`.
///
/// **Oracle.** `numpy.digitize` among quantiles as exact fractions, rounded once, exactly; buckets are those of
/// `KBinsDiscretizer(strategy="quantile", quantile_method="linear")`, and with `closed: right` those of `pandas.qcut`.
///
/// **Source.** `sklearn.preprocessing.KBinsDiscretizer`, which also merges edges within 1e-8.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of buckets; 2 to 4,096.
    buckets: u32,
    /// Whether a number equal to an edge is in the bucket above it, whose left side is closed, or below it.
    closed: Closed,
    /// The bucket's number, or a sparse row.
    output: Output,
    /// Whether quantiles are learnt in one pass and little memory, each within a relative error of 2^-11.
    approximate: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            buckets: 10,
            closed: Closed::Left,
            output: Output::Index,
            approximate: false,
        }
    }
}

/// Counts of the numbers seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    buckets: u32,
    counts: Quantiles,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        for i in 0..args.len() {
            self.counts.add(x.get(i));
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(&other.counts)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let buckets = self.buckets;
        let asked: Vec<f64> = (0..=buckets).map(|i| f64::from(i) / f64::from(buckets)).collect();
        match self.counts.finish(&asked)? {
            QuantilesOutcome::Again(counts) => Ok(Outcome::Again(State { counts, ..self })),
            QuantilesOutcome::Done(mut values) => {
                values.retain(|value| !value.is_nan());
                values.dedup();
                let inner = values.get(1..values.len().saturating_sub(1)).unwrap_or_default();
                let mut tables = Tables::default();
                let edges = Float64Array::from(inner.to_vec());
                tables.insert("edges", vec![("value", Arc::new(edges))])?;
                Ok(Outcome::Done(tables))
            }
        }
    }
}

pub(super) struct QuantileBucketize(Buckets);

impl Transform for QuantileBucketize {
    const NAME: &'static str = "quantile_bucketize";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        problems.extend(checks::range(
            (2..=MAX_BUCKETS).contains(&params.buckets),
            "buckets",
            params.buckets,
            "give 2 to 4,096 buckets",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Number], params.output.value_type(), vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            buckets: params.buckets,
            counts: Quantiles::new(params.approximate),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let edges = tables.f64s("edges", "value")?.values().to_vec();
        // The difference of buckets is what a table with other edges would change; NaN compares as false.
        let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || edges.iter().any(|edge| edge.is_nan()) || edges.len() >= params.buckets as usize {
            return Err(checks::corrupt(
                "the edges of buckets do not ascend, or are too many",
            ));
        }
        Ok(Self(Buckets {
            edges,
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
    use crate::error::ErrorKind;
    use crate::fit::finished;

    #[test]
    fn a_further_pass_starts_over() {
        let params = Params {
            buckets: 2,
            ..Params::default()
        };
        let (tables, passes) = finished(QuantileBucketize::start(&params), |state| {
            (0..200_000).for_each(|i| state.counts.add(f64::from(i)));
        });
        assert!(passes > 1);
        assert_eq!(tables.f64s("edges", "value").unwrap().values(), &[99_999.5]);
    }

    #[test]
    fn edges_that_a_fit_does_not_write_are_refused() {
        let build = |edges: &[f64]| {
            let mut tables = Tables::default();
            let edges = Float64Array::from(edges.to_vec());
            tables.insert("edges", vec![("value", Arc::new(edges))]).unwrap();
            let params = Params {
                buckets: 3,
                ..Params::default()
            };
            QuantileBucketize::build(params, &tables)
        };
        for edges in [&[1.0, 1.0][..], &[2.0, 1.0], &[f64::NAN], &[1.0, 2.0, 3.0]] {
            assert_eq!(
                build(edges).err().unwrap().kind(),
                ErrorKind::CorruptArtifact,
                "{edges:?}"
            );
        }
        for edges in [&[][..], &[1.0], &[1.0, 2.0]] {
            assert!(build(edges).is_ok());
        }
    }
}
