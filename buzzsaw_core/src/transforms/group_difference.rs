//! `group_difference`: how far a number is from its group's mean, best, median or worst.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Total};
use super::{Signature, Transform};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number that the difference is taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// the mean
    #[default]
    Mean,
    /// the best number
    Best,
    /// the median, the midpoint of the middle two
    Median,
    /// the worst number
    Worst,
}

/// Which number is the best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Best {
    /// the largest
    #[default]
    Highest,
    /// the smallest
    Lowest,
}

/// The number minus the mean, best, median or worst number of the row's group.
///
/// A number that equals what it is compared with gives 0.0, infinite ones too. The sum is exact before the mean is
/// taken, so that the order of candidates never changes a bit. The whole group is
/// needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing numbers stay missing (unless `missing` fills them) and are left out. An infinite number leaves
/// the group without a mean, and two infinite middle numbers of different signs leave it without a median: missing.
///
/// **Example.** `group_difference([12.0, 10.0, 17.0, None], of="best", best="lowest", groups=[0, 0, 0, 0])` gives
/// `[2.0, 0.0, 7.0, None]`.
///
/// **Oracle.** The mean in exact fractions, `numpy.max`, `numpy.min` and `numpy.median`, within 1 ULP of f32.
///
/// **Source.** The formula; the exact sum is Shewchuk's (1997), as in CPython's `math.fsum`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is taken from the number: `mean`, `best`, `median` or `worst`.
    of: Of,
    /// Which number is the best: `highest` or `lowest`; the other end is the worst.
    best: Best,
}

pub(super) struct GroupDifference {
    params: Params,
}

#[derive(Default)]
pub(crate) struct Work {
    given: Vec<f64>,
    total: Total,
}

fn median(given: &mut [f64]) -> f64 {
    let count = given.len();
    if count == 0 {
        return f64::NAN;
    }
    let (below, middle, _) = given.select_nth_unstable_by(count / 2, f64::total_cmp);
    let upper = *middle;
    if count % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = lower + upper;
    if sum.is_finite() {
        sum / 2.0
    } else {
        lower / 2.0 + upper / 2.0
    }
}

impl Transform for GroupDifference {
    const NAME: &'static str = "group_difference";
    type Params = Params;
    type Work = Work;
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

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let x = args.number(0)?;
        let out = out.numbers()?;
        let Work { given, total } = work;
        for rows in args.groups()? {
            given.clear();
            given.extend(rows.clone().map(|i| x.get(i)).filter(|value| !value.is_nan()));
            let from = |compared: f64| {
                move |value: f64| {
                    if value == compared { 0.0 } else { value - compared }
                }
            };
            let highest = match (self.params.of, self.params.best) {
                (Of::Mean, _) => {
                    if given.iter().all(|value| value.is_finite()) {
                        let mean = total.mean(given.iter().copied());
                        out.extend(rows.map(|i| mean.difference(x.get(i))));
                    } else {
                        out.extend(rows.map(|_| f64::NAN));
                    }
                    continue;
                }
                (Of::Median, _) => {
                    let median = from(median(given));
                    out.extend(rows.map(|i| median(x.get(i))));
                    continue;
                }
                (Of::Best, best) => best == Best::Highest,
                (Of::Worst, best) => best == Best::Lowest,
            };
            let end = if highest {
                given.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            } else {
                given.iter().copied().fold(f64::INFINITY, f64::min)
            };
            let end = from(end);
            out.extend(rows.map(|i| end(x.get(i))));
        }
        Ok(())
    }
}
