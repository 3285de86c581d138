//! `group_share`: a number's part of the sum of its group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Scaled, Total};
use super::{Signature, Transform};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// x / sum of the numbers of the row's group.
///
/// A sum of 0 gives 0.0 for every given number. In a group with infinite numbers each of them counts as 1 with its
/// sign, and finite numbers count as 0. The sum is exact and rounded once, so that the order of candidates never changes
/// a bit. The whole group is needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and add nothing to the sum.
///
/// **Example.** `group_share([30.0, 10.0, None, 0.0], groups=[0, 0, 0, 0])` gives `[0.75, 0.25, None, 0.0]`.
///
/// **Oracle.** The formula in exact fractions, within 1 ULP of f32: the library rounds the sum.
///
/// **Source.** The formula; the exact sum is Shewchuk's (1997), as in CPython's `math.fsum`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct GroupShare;

impl Transform for GroupShare {
    const NAME: &'static str = "group_share";
    type Params = Params;
    type Work = Total;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        group_values::signature(inputs)
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, total: &mut Total) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        for rows in args.groups()? {
            let values = rows.map(|i| x.get(i));
            if values.clone().any(f64::is_infinite) {
                let limit = |value: f64| match value {
                    value if value.is_finite() => 0.0,
                    value => value.signum(),
                };
                let limits = values.map(limit);
                let sum = limits.clone().filter(|limit| !limit.is_nan()).sum();
                out.extend(limits.map(|limit| share(limit, sum)));
            } else {
                let Scaled { sum, scale } = total.sum(values.clone().filter(|value| !value.is_nan()));
                out.extend(values.map(|value| share(value * scale, sum)));
            }
        }
        Ok(())
    }
}

fn share(x: f64, sum: f64) -> f64 {
    if sum == 0.0 && !x.is_nan() { 0.0 } else { x / sum }
}
