//! `group_percentile`: the share of a group's numbers that a number is not below.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Placed};
use super::{Signature, Transform};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// How equal numbers count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// numbers below, and the middle of the places of equal ones
    #[default]
    Rank,
    /// numbers below or equal
    Weak,
    /// numbers below
    Strict,
    /// the mean of `weak` and `strict`
    Mean,
}

/// The share, 0 to 1, of the numbers of the row's group that are below the number.
///
/// With n given numbers, b below and e equal ones (itself included): `strict` is b / n, `weak` (b + e) / n, `mean` (b +
/// e / 2) / n and `rank` (b + (e + 1) / 2) / n. An infinite number is compared like any other. The whole group is
/// needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are not counted.
///
/// **Example.** `group_percentile([10.0, 20.0, 20.0, 40.0, None], kind="weak", groups=[0, 0, 0, 0, 0])` gives
/// `[0.25, 0.75, 0.75, 1.0, None]`.
///
/// **Oracle.** `scipy.stats.percentileofscore` of each group, exactly.
///
/// **Source.** `scipy.stats.percentileofscore` with `nan_policy="omit"`, as a share and not per cent.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How equal numbers count: `rank`, `weak`, `strict` or `mean`, as SciPy names them.
    kind: Kind,
}

pub(super) struct GroupPercentile {
    kind: Kind,
}

impl Transform for GroupPercentile {
    const NAME: &'static str = "group_percentile";
    type Params = Params;
    type Work = Vec<Placed>;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        group_values::signature(inputs)
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { kind: params.kind })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, sorted: &mut Vec<Placed>) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        for rows in args.groups()? {
            let cells = group_values::missing(out, rows.len());
            group_values::placed(x, rows, sorted);
            let twice_given = (2 * sorted.len()) as f64;
            for (below, run) in group_values::runs(sorted) {
                let twice = match self.kind {
                    Kind::Rank => 2 * below + run.len() + 1,
                    Kind::Weak => 2 * (below + run.len()),
                    Kind::Strict => 2 * below,
                    Kind::Mean => 2 * below + run.len(),
                };
                group_values::fill(cells, run, twice as f64 / twice_given);
            }
        }
        Ok(())
    }
}
