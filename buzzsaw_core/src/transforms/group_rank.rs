//! `group_rank`: the place of a number among its group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Placed};
use super::{Signature, Transform};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// Which number has rank 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// the largest
    #[default]
    Descending,
    /// the smallest
    Ascending,
}

/// The rank of equal numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Ties {
    /// the first of their places
    #[default]
    Min,
    /// the last of their places
    Max,
    /// the mean of their places
    Average,
    /// the number of different numbers up to them
    Dense,
}

/// The rank of the number among the numbers of the row's group, from 1.
///
/// An infinite number is ranked like any other, and -0.0 equals 0.0. The whole group is needed: a place that sees one
/// document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are not ranked.
///
/// **Example.** `group_rank([9.5, 20.0, 9.5, None], order="ascending", groups=[0, 0, 0, 0])` gives
/// `[1.0, 3.0, 1.0, None]`.
///
/// **Oracle.** `scipy.stats.rankdata` of each group, exactly.
///
/// **Source.** `scipy.stats.rankdata` with `nan_policy="omit"`; of the negated numbers for `order: descending`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Which number has rank 1: the largest (`descending`) or the smallest (`ascending`).
    order: Order,
    /// The rank of equal numbers: the first (`min`), last (`max`) or mean (`average`) of their places, or the number of
    /// different numbers up to them (`dense`).
    ties: Ties,
}

pub(super) struct GroupRank {
    params: Params,
}

impl Transform for GroupRank {
    const NAME: &'static str = "group_rank";
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
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, sorted: &mut Vec<Placed>) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        for rows in args.groups()? {
            let cells = group_values::missing(out, rows.len());
            group_values::placed(x, rows, sorted);
            if self.params.order == Order::Descending {
                sorted.reverse();
            }
            for (different, (before, run)) in group_values::runs(sorted).enumerate() {
                let (first, last) = (before + 1, before + run.len());
                let rank = match self.params.ties {
                    Ties::Min => first as f64,
                    Ties::Max => last as f64,
                    Ties::Average => (first + last) as f64 / 2.0,
                    Ties::Dense => (different + 1) as f64,
                };
                group_values::fill(cells, run, rank);
            }
        }
        Ok(())
    }
}
