//! `group_zscore`: distance from the mean of the group in standard deviations of the group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Total, scale, sum};
use super::{Signature, Transform};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - mean) / standard deviation (ddof 0) over the candidates of the row's group.
///
/// The sum of the numbers is exact before the mean is taken, and squares are added in the numbers' ascending order with
/// a compensated sum, so that the order of candidates never changes a bit. The whole
/// group is needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are left out of mean and deviation. A
/// group of one, or of equal numbers, gives 0.0. An infinite number leaves the group without a mean: missing.
///
/// **Example.** `group_zscore([10.0, 20.0, 30.0, None], groups=[0, 0, 0, 0])` gives
/// `[-1.2247449, 0.0, 1.2247449, None]`.
///
/// **Oracle.** `scipy.stats.zscore` by its definition in exact fractions, within 1 ULP of f32.
///
/// **Source.** `scipy.stats.zscore` with `nan_policy="omit"`, where equal numbers give NaN; the exact sum is Shewchuk's
/// (1997), that of squares Neumaier's (1974).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct GroupZscore;

#[derive(Default)]
pub(crate) struct Work {
    sorted: Vec<f64>,
    total: Total,
}

impl Transform for GroupZscore {
    const NAME: &'static str = "group_zscore";
    type Params = Params;
    type Work = Work;
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

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        let Work { sorted, total } = work;
        for rows in args.groups()? {
            group_values::ascending(x, rows.clone(), sorted);
            let count = sorted.len() as f64;
            let equal = sorted.first() == sorted.last();
            let scale = scale(sorted);
            sorted.iter_mut().for_each(|value| *value *= scale);
            let infinite = [sorted.first(), sorted.last()]
                .into_iter()
                .flatten()
                .any(|value| value.is_infinite());
            if infinite {
                group_values::missing(out, rows.len());
                continue;
            }
            let mean = total.mean(sorted.iter().copied());
            let squares = sorted.iter().map(|value| {
                let difference = mean.difference(*value);
                difference * difference
            });
            // Ascending like the values' own order is not ascending in squares; it is fixed, which is what counts.
            let deviation = math::sqrt(sum(squares) / count);
            out.extend(rows.map(|i| match x.get(i) {
                value if value.is_nan() => value,
                _ if equal => 0.0,
                value => mean.difference(value * scale) / deviation,
            }));
        }
        Ok(())
    }
}
