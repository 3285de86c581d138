//! `list_statistic`: one number about a list of numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::sum;
use super::{Read, Signature, Transform, checks, vectors};
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
/// Items are added in their order with a compensated sum; where finite items overflow on the way, they are scaled by
/// a power of two and added again.
///
/// **Missing.** A missing list gives a missing output. Missing items are left out. Without items the sum is 0.0, and
/// mean, smallest and largest are missing. Infinities of both signs have no sum and no mean: missing.
///
/// **Example.** `list_statistic([[1.0, 2.0, None], [], None], statistic="mean")` gives `[1.5, None, None]`.
///
/// **Oracle.** Exact fractions, within 1 ULP of f32; `numpy.nanmin` and `nanmax` exactly.
///
/// **Source.** `numpy.nansum`, `nanmean`, `nanmin` and `nanmax`; the sum is Neumaier's (1974).
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
fn sum_over(items: impl Iterator<Item = f64> + Clone, parts: f64) -> f64 {
    let plain = sum(items.clone());
    if plain.is_finite() {
        return plain / parts;
    }
    let largest = vectors::largest(items.clone());
    if largest == f64::INFINITY {
        return plain;
    }
    let power = vectors::power_for(largest);
    sum(items.map(|item| item * power)) / parts / power
}

impl ListStatistic {
    fn of(&self, items: &[f64]) -> f64 {
        let given = items.iter().copied().filter(|item| !item.is_nan());
        match self.statistic {
            Statistic::Sum => sum_over(given, 1.0),
            Statistic::Mean => match given.clone().count() {
                0 => f64::NAN,
                count => sum_over(given, count as f64),
            },
            Statistic::Min => given.reduce(f64::min).unwrap_or(f64::NAN),
            Statistic::Max => given.reduce(f64::max).unwrap_or(f64::NAN),
        }
    }
}

impl Transform for ListStatistic {
    const NAME: &'static str = "list_statistic";
    type Params = Params;
    type Work = ();
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

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let lists = args.vector(0)?;
        out.numbers()?
            .extend((0..args.len()).map(|i| lists.get(i).map_or(f64::NAN, |items| self.of(items))));
        Ok(())
    }
}
