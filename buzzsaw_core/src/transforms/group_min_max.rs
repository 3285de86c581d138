//! `group_min_max`: where a number lies between the smallest and the largest of its group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, group_values};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - smallest) / (largest - smallest) over the numbers of the row's group, 0 to 1.
///
/// A group of one, or of equal numbers, gives 0.0. Infinite numbers count as the limit of ever larger ones: an infinite
/// smallest gives 0.0 and an infinite largest 1.0, and finite numbers beside them the value they tend to: 0.0 below an
/// infinite largest, 1.0 above an infinite smallest, 0.5 between two. The whole group is needed: a place that sees one
/// document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are left out.
///
/// **Example.** `group_min_max([10.0, 15.0, 30.0, None], groups=[0, 0, 0, 0])` gives `[0.0, 0.25, 1.0, None]`.
///
/// **Oracle.** The formula in exact fractions, within 1 ULP of f32: the library rounds the two differences.
///
/// **Source.** `sklearn.preprocessing.minmax_scale` of each group; it refuses infinite numbers.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct GroupMinMax;

impl Transform for GroupMinMax {
    const NAME: &'static str = "group_min_max";
    type Params = Params;
    type Work = ();
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

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        for rows in args.groups()? {
            // Comparisons with NaN are false, so that missing numbers are left out.
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for value in rows.clone().map(|i| x.get(i)) {
                low = if value < low { value } else { low };
                high = if value > high { value } else { high };
            }
            if low == f64::NEG_INFINITY || high == f64::INFINITY {
                let limit = |value: f64| match value {
                    value if value.is_finite() => 0.0,
                    value => value.signum(),
                };
                let (low, high) = (limit(low), limit(high));
                out.extend(rows.map(|i| share(limit(x.get(i)), low, high, 1.0)));
            } else {
                // The difference of two finite numbers may pass f64; that of their halves does not.
                let half = if (high - low).is_finite() { 1.0 } else { 0.5 };
                out.extend(rows.map(|i| share(x.get(i), low, high, half)));
            }
        }
        Ok(())
    }
}

fn share(x: f64, low: f64, high: f64, scale: f64) -> f64 {
    if low == high && !x.is_nan() {
        0.0
    } else {
        (x * scale - low * scale) / (high * scale - low * scale)
    }
}
