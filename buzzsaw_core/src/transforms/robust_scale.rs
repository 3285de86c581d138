//! `robust_scale`: distance from the median in ranges between two quantiles.

use std::sync::Arc;

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{FitState, KeyTable, Outcome, PerKey, Quantiles, QuantilesOutcome, Statistic, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - median) / (q_high - q_low), with the quantiles of the numbers that were fitted.
///
/// With a second input, a category, of the numbers of the row's category. Where the category is missing, unseen, or
/// had fewer than `min_count` numbers, those of all rows are used. Quantiles are those of `numpy.quantile`: linear
/// between the two ranks around q (n - 1), rounded once; they are exact, and the fit takes one pass for up to 2^17
/// different numbers, at most 5 for more. The exact quantiles of categories keep every different number of each, 2^22
/// in all, beyond which the fit is refused. Infinite numbers are left out of the statistics.
///
/// **Missing.** Missing numbers are left out of the statistics, before anything fills them; they stay missing unless
/// `missing` fills them. Where the two quantiles are equal the output is 0.0; where no number was given it is missing.
///
/// **Example.** `robust_scale([1.0, 2.0, 3.0, 4.0, 100.0, None])` gives `[-1.0, -0.5, 0.0, 0.5, 48.5, None]`.
///
/// **Oracle.** Quantiles as exact fractions, rounded once, then the formula in f64, exactly; they agree with
/// `RobustScaler` within 1e-12. With `approximate` within 2^-10 of it.
///
/// **Source.** `sklearn.preprocessing.RobustScaler`, which divides by 1 where the two quantiles are equal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The two quantiles whose difference is the unit, ascending, between 0 and 1.
    quantiles: [f64; 2],
    /// Whether quantiles are learnt in one pass and little memory, each within a relative error of 2^-11.
    approximate: bool,
    /// How many numbers a category must have for statistics of its own; 1 or more.
    min_count: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            quantiles: [0.25, 0.75],
            approximate: false,
            min_count: 10,
        }
    }
}

/// Counts of the finite numbers seen, and of those of each category.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    all: Quantiles,
    keys: PerKey<Finite>,
}

/// Counts of the finite numbers of one category.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Finite(Quantiles);

impl Statistic for Finite {
    fn add(&mut self, x: f64) {
        self.0.add(x);
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.0.merge(&other.0)
    }

    fn count(&self) -> u64 {
        self.0.seen()
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        for i in 0..args.len() {
            let value = x.get(i);
            if value.is_finite() {
                self.all.add(value);
            }
        }
        self.keys.update(args)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.all.merge(&other.all)?;
        self.keys.merge(other.keys)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let [low, high] = self.params.quantiles;
        let asked = [0.5, low, high];
        let values = match self.all.finish(&asked)? {
            QuantilesOutcome::Done(values) => values,
            QuantilesOutcome::Again(all) => {
                return Ok(Outcome::Again(State {
                    all,
                    keys: self.keys.restarted(),
                    ..self
                }));
            }
        };
        let names = ["median", "low", "high"];
        let mut tables = Tables::default();
        let one = |value: &f64| Arc::new(Float64Array::from(vec![*value]));
        let columns = names
            .into_iter()
            .zip(&values)
            .map(|(name, value)| (name, one(value) as _));
        tables.insert("quantiles", columns.collect())?;
        let min_count = u64::from(self.params.min_count);
        self.keys.insert(&mut tables, min_count, names, |finite| {
            // One pass is enough: the counts of a category are never coarse.
            let found = match finite.0.finish(&asked)? {
                QuantilesOutcome::Done(values) => values,
                QuantilesOutcome::Again(_) => Vec::new(),
            };
            Ok(std::array::from_fn(|i| found.get(i).copied().unwrap_or(f64::NAN)))
        })?;
        Ok(Outcome::Done(tables))
    }
}

pub(super) struct RobustScale {
    /// Median and the two quantiles.
    statistics: KeyTable<3>,
}

impl Transform for RobustScale {
    const NAME: &'static str = "robust_scale";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::number_and_key(inputs);
        let [low, high] = params.quantiles;
        problems.extend(checks::range(
            0.0 <= low && low < high && high <= 1.0,
            "quantiles",
            format!("[{low}, {high}]"),
            "give two numbers from 0 to 1, the lower one first",
        ));
        problems.extend(checks::min_count(params.min_count));
        checks::done(problems, checks::scaling(inputs))
    }

    fn start(params: &Params) -> State {
        State {
            params: *params,
            all: Quantiles::new(params.approximate),
            keys: PerKey::new(Finite(Quantiles::in_one_pass(params.approximate))),
        }
    }

    fn build(_params: Params, tables: &Tables) -> Result<Self> {
        let statistics = KeyTable::open(tables, "quantiles", ["median", "low", "high"])?;
        Ok(Self { statistics })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let scaled = |x: f64, [median, low, high]: &[f64; 3]| {
            if x.is_nan() {
                return x;
            }
            let spread = high - low;
            if spread == 0.0 {
                0.0
            } else if spread == f64::INFINITY {
                (x / 2.0 - median / 2.0) / (high / 2.0 - low / 2.0)
            } else {
                (x - median) / spread
            }
        };
        self.statistics.apply(args, out.numbers()?, buffer, scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::finished;

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for quantiles in [[f64::NAN, 0.5], [0.5, f64::NAN], [0.5, f64::INFINITY]] {
            let params = Params {
                quantiles,
                ..Params::default()
            };
            assert!(
                RobustScale::signature(&params, &[ValueType::Number]).is_err(),
                "{quantiles:?}"
            );
        }
    }

    #[test]
    fn a_category_takes_as_much_as_it_has_different_numbers() {
        let mut finite = Finite(Quantiles::in_one_pass(false));
        [3.0, 3.0, 4.0].into_iter().for_each(|x| finite.add(x));
        assert_eq!((finite.size(), finite.count()), (2, 3));
    }

    /// A later pass must count the categories again, or find none of them.
    #[test]
    fn a_further_pass_starts_over() {
        let of_category: Vec<(f64, Option<&str>)> = (0..10).map(|i| (f64::from(i), Some("a"))).collect();
        let (tables, passes) = finished(RobustScale::start(&Params::default()), |state| {
            (0..200_000).for_each(|i| state.all.add(f64::from(i)));
            state.keys.learn(&of_category);
        });
        assert!(passes > 1);
        assert_eq!(tables.f64("quantiles", "median").unwrap(), 99_999.5);
        let low = tables.f64s(crate::vocabulary::TERMS, "low").unwrap();
        assert_eq!(low.values(), &[2.25]);
    }
}
