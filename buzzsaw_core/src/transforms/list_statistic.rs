//! `list_statistic`: one number about a list of numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{Scaled, Total};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What is asked of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Statistic {
    /// the sum
    Sum,
    /// the mean
    #[default]
    Mean,
    /// the smallest item
    Min,
    /// the largest item
    Max,
}

/// The sum, mean, smallest or largest item of a list of numbers.
///
/// The sum is exact and rounded once, whatever the sizes of the items; the mean is that sum over their number.
///
/// **Missing.** A missing list gives a missing output. Missing items are left out. Without items the sum is 0.0, and
/// mean, smallest and largest are missing. Infinities of both signs have no sum and no mean: missing.
///
/// **Example.** `list_statistic([[1.0, 2.0, None], [], None], statistic="mean")` gives `[1.5, None, None]`.
///
/// **Oracle.** Exact fractions: the sum exactly, the mean within 1 ULP of f32; `numpy.nanmin` and `nanmax` exactly.
///
/// **Source.** `numpy.nansum`, `nanmean`, `nanmin` and `nanmax`; the exact sum is Shewchuk's
/// (1997), as in CPython's `math.fsum`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The statistic: `sum`, `mean`, `min` or `max`.
    statistic: Statistic,
}

pub(super) struct ListStatistic {
    statistic: Statistic,
}

/// The sum of the items divided by `parts`; only the quotient must be in range.
fn sum_over(items: impl Iterator<Item = f64> + Clone, parts: f64, total: &mut Total) -> f64 {
    let infinite = items.clone().filter(|item| item.is_infinite());
    if let Some(sum) = infinite.reduce(|sum, item| sum + item) {
        return sum;
    }
    let Scaled { sum, scale } = total.sum(items);
    sum / parts / scale
}

impl ListStatistic {
    fn of(&self, items: &[f64], total: &mut Total) -> f64 {
        let given = items.iter().copied().filter(|item| !item.is_nan());
        match self.statistic {
            Statistic::Sum => sum_over(given, 1.0, total),
            Statistic::Mean => match given.clone().count() {
                0 => f64::NAN,
                count => sum_over(given, count as f64, total),
            },
            Statistic::Min => given.reduce(f64::min).unwrap_or(f64::NAN),
            Statistic::Max => given.reduce(f64::max).unwrap_or(f64::NAN),
        }
    }
}

impl Transform for ListStatistic {
    const NAME: &'static str = "list_statistic";
    type Params = Params;
    type Work = Total;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        checks::done(
            checks::inputs(inputs, &[("a list of numbers", ValueType::is_vector)]),
            Signature::stateless(vec![Read::Vector], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            statistic: params.statistic,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, total: &mut Total) -> Result<()> {
        let lists = args.vector(0)?;
        out.numbers()?
            .extend((0..args.len()).map(|i| lists.get(i).map_or(f64::NAN, |items| self.of(items, total))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_numbers_whose_sum_overflows_is_finite() {
        let mean = |items: [f64; 3]| sum_over(items.into_iter(), 3.0, &mut Total::default());
        assert_eq!(mean([1.5e308; 3]), 1.5e308);
        assert_eq!(mean([1.5e308, 1.5e308, -1.5e308]), 5e307);
    }
}
