//! `group_zscore`: distance from the mean of the group in standard deviations of the group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - mean) / standard deviation (ddof 0) over the candidates of the row's group.
///
/// Values are added in ascending order with a compensated sum, so that the order of candidates never changes a bit.
/// The whole group is needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are left out of mean and deviation. A
/// group of one, or of equal numbers, gives 0.0. An infinite number leaves the group without a mean: missing.
///
/// **Example.** Prices 10, 20, 30 in one group give -1.2247, 0.0, 1.2247.
///
/// **Source.** `scipy.stats.zscore` with `nan_policy="omit"`, where equal numbers give NaN; the sum is Neumaier's
/// (1974).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct GroupZscore;

/// The sum of `values`, compensated, in their order.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    if lost.is_finite() { total + lost } else { total }
}

/// A power of two that brings the largest of ascending `values` near 1, so that squares neither overflow nor vanish.
/// It changes no bit of an ordinary group's outcome, as every step scales exactly.
fn scale(values: &[f64]) -> f64 {
    let ends = values.first().into_iter().chain(values.last());
    let largest = ends.fold(0.0f64, |largest, end| largest.max(end.abs()));
    let exponent = (largest.to_bits() >> 52).clamp(1, 2045);
    f64::from_bits((2046 - exponent) << 52)
}

impl Transform for GroupZscore {
    const NAME: &'static str = "group_zscore";
    type Params = Params;
    type Work = Vec<f64>;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let signature = Signature::stateless(vec![Read::Number], ValueType::Number);
        checks::done(
            problems,
            Signature {
                grouped: true,
                ..signature
            },
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, sorted: &mut Vec<f64>) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        for rows in args.groups()? {
            sorted.clear();
            sorted.extend(rows.clone().map(|i| x.get(i)).filter(|value| !value.is_nan()));
            sorted.sort_unstable_by(f64::total_cmp);
            let count = sorted.len() as f64;
            let equal = sorted.first() == sorted.last();
            let scale = scale(sorted);
            sorted.iter_mut().for_each(|value| *value *= scale);
            let mean = sum(sorted.iter().copied()) / count;
            let squares = sorted.iter().map(|value| (value - mean) * (value - mean));
            // Ascending like the values' own order is not ascending in squares; it is fixed, which is what counts.
            let deviation = math::sqrt(sum(squares) / count);
            out.extend(rows.map(|i| match x.get(i) {
                value if value.is_nan() => value,
                value if equal && value.is_finite() => 0.0,
                value => (value * scale - mean) / deviation,
            }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_keeps_what_plain_addition_loses() {
        let values = [1e300, 1.0, -1e300];
        assert_eq!(values.iter().sum::<f64>(), 0.0);
        assert_eq!(sum(values.into_iter()), 1.0);
        assert_eq!(sum([f64::INFINITY, 1.0].into_iter()), f64::INFINITY);
    }

    #[test]
    fn any_group_is_scaled_to_near_one() {
        for largest in [5e-324, 1e-320, f64::MIN_POSITIVE, 1.0, 3.0, 1e300, f64::MAX] {
            let scaled = scale(&[-largest, 0.0, largest / 2.0]) * largest;
            assert!((1e-16..4.0).contains(&scaled), "{largest:e} becomes {scaled:e}");
        }
        assert_eq!(scale(&[]), scale(&[0.0]));
        assert_eq!(scale(&[f64::INFINITY]) * f64::INFINITY, f64::INFINITY);
    }
}
