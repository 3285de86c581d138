//! `standardize`: distance from the mean in standard deviations.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{CompactMoments, FitState, KeyTable, Moments, Outcome, PerKey, Statistic, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - mean) / standard deviation, with mean and deviation (ddof 0) of the numbers that were fitted.
///
/// With a second input, a category, of the numbers of the row's category: prices within their product type. Where the
/// category is missing, unseen, or had fewer than `min_count` numbers, those of all rows are used. Infinite numbers are
/// left out of the statistics. Sums are exact, so that the state does not depend on the order of the rows; at most 2^22
/// categories are learnt.
///
/// **Missing.** Missing numbers are left out of the statistics, before anything fills them; they stay missing unless
/// `missing` fills them. Where all fitted numbers are equal the output is 0.0, that of an infinite number too; where none was
/// given it is missing, unless the step neither centers nor scales.
///
/// **Example.** `standardize([1.0, 2.0, 3.0, None])` gives `[-1.224745, 0.0, 1.224745, None]`.
///
/// **Oracle.** Exact fractions and square roots of mpmath, exactly; they agree with `StandardScaler` within 1e-12.
///
/// **Source.** `sklearn.preprocessing.StandardScaler`, with exact sums in place of its running ones. Where all fitted numbers
/// are equal scikit-learn divides by 1, so that another number keeps its difference there.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Whether the mean is subtracted.
    center: bool,
    /// Whether the difference is divided by the deviation.
    scale: bool,
    /// How many numbers a category must have for statistics of its own; 1 or more.
    min_count: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            center: true,
            scale: true,
            min_count: 10,
        }
    }
}

/// Exact moments of the numbers seen, and of those of each category.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    min_count: u32,
    all: Moments,
    keys: PerKey<CompactMoments>,
}

impl Statistic for CompactMoments {
    fn add(&mut self, x: f64) {
        self.add(x);
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.merge(other);
        Ok(())
    }

    fn count(&self) -> u64 {
        self.count()
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
        self.all.merge(&other.all);
        self.keys.merge(other.keys)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let one = |value: f64| Arc::new(Float64Array::from(vec![value]));
        let mut tables = Tables::default();
        tables.insert(
            "moments",
            vec![
                ("count", Arc::new(Int64Array::from(vec![self.all.count() as i64]))),
                ("mean", one(self.all.mean())),
                ("deviation", one(self.all.std())),
            ],
        )?;
        let min_count = u64::from(self.min_count);
        self.keys
            .insert(&mut tables, min_count, ["mean", "deviation"], |moments| {
                Ok([moments.mean(), moments.std()])
            })?;
        Ok(Outcome::Done(tables))
    }
}

/// (`x` - `mean`) / `deviation`, 0.0 where the deviation is; halves where the difference is beyond the range of doubles.
pub(super) fn deviations(x: f64, mean: f64, deviation: f64) -> f64 {
    let difference = x - mean;
    if deviation == 0.0 {
        0.0
    } else if difference.is_infinite() {
        (x / 2.0 - mean / 2.0) / (deviation / 2.0)
    } else {
        difference / deviation
    }
}

pub(super) struct Standardize {
    params: Params,
    /// Mean and deviation.
    statistics: KeyTable<2>,
}

impl Transform for Standardize {
    const NAME: &'static str = "standardize";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::number_and_key(inputs);
        problems.extend(checks::min_count(params.min_count));
        checks::done(problems, checks::scaling(inputs))
    }

    fn start(params: &Params) -> State {
        State {
            min_count: params.min_count,
            all: Moments::new(),
            keys: PerKey::new(CompactMoments::default()),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let statistics = KeyTable::open(tables, "moments", ["mean", "deviation"])?;
        Ok(Self { params, statistics })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let Params { center, scale, .. } = self.params;
        let standard = |x: f64, [mean, deviation]: &[f64; 2]| {
            let mean = if center { *mean } else { 0.0 };
            match scale {
                true if x.is_nan() => x,
                true => deviations(x, mean, *deviation),
                false => x - mean,
            }
        };
        self.statistics.apply(args, out.numbers()?, buffer, standard)
    }
}
