//! `min_max`: a number's place between the smallest and the largest.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{FitState, KeyTable, Outcome, PerKey, Statistic, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// low + (x - min) / (max - min) * (high - low), with min and max of the numbers that were fitted.
///
/// With a second input, a category, of the numbers of the row's category. Where the category is missing, unseen, or
/// had fewer than `min_count` numbers, those of all rows are used. Infinite numbers are left out of the statistics; at
/// most 2^22 categories are learnt.
///
/// **Missing.** Missing numbers are left out of the statistics, before anything fills them; they stay missing unless
/// `missing` fills them. Where all fitted numbers are equal the output is the lower end; where none was given it is
/// missing.
///
/// **Example.** `min_max([10.0, 20.0, 15.0, None])` gives `[0.0, 1.0, 0.5, None]`.
///
/// **Oracle.** The formula in NumPy's f64, exactly; it agrees with `MinMaxScaler` within 1e-12 of the range.
///
/// **Source.** `sklearn.preprocessing.MinMaxScaler`, which computes x * scale + offset, and x - min + low where all
/// fitted numbers are equal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What the smallest and the largest become, ascending.
    range: [f64; 2],
    /// Whether numbers beyond those that were fitted are kept within `range`.
    clip: bool,
    /// How many numbers a category must have for statistics of its own; 1 or more.
    min_count: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            range: [0.0, 1.0],
            clip: false,
            min_count: 10,
        }
    }
}

/// Count, smallest and largest of finite numbers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Ends {
    count: u64,
    min: f64,
    max: f64,
}

impl Ends {
    const NONE: Ends = Ends {
        count: 0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };

    /// Both ends; NaN of no numbers.
    fn values(&self) -> [f64; 2] {
        if self.count == 0 {
            [f64::NAN; 2]
        } else {
            // 0.0 for -0.0, which compare alike: the state must not depend on which came first.
            [self.min + 0.0, self.max + 0.0]
        }
    }
}

impl Statistic for Ends {
    fn add(&mut self, x: f64) {
        if x.is_finite() {
            self.count += 1;
            self.min = if x < self.min { x } else { self.min };
            self.max = if x > self.max { x } else { self.max };
        }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.count = self.count.saturating_add(other.count);
        self.min = if other.min < self.min { other.min } else { self.min };
        self.max = if other.max > self.max { other.max } else { self.max };
        Ok(())
    }

    fn count(&self) -> u64 {
        self.count
    }
}

/// The ends of the numbers seen, and of those of each category.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    min_count: u32,
    all: Ends,
    keys: PerKey<Ends>,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        for i in 0..args.len() {
            self.all.add(x.get(i));
        }
        self.keys.update(args)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.all.merge(&other.all)?;
        self.keys.merge(other.keys)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let one = |value: f64| Arc::new(Float64Array::from(vec![value]));
        let [min, max] = self.all.values();
        let mut tables = Tables::default();
        tables.insert(
            "ends",
            vec![
                ("count", Arc::new(Int64Array::from(vec![self.all.count as i64]))),
                ("min", one(min)),
                ("max", one(max)),
            ],
        )?;
        let min_count = u64::from(self.min_count);
        self.keys
            .insert(&mut tables, min_count, ["min", "max"], |ends| Ok(ends.values()))?;
        Ok(Outcome::Done(tables))
    }
}

pub(super) struct MinMax {
    params: Params,
    ends: KeyTable<2>,
}

/// (`x` - `min`) / (`max` - `min`); halves where the spread is beyond the range of doubles.
fn place(x: f64, min: f64, max: f64) -> f64 {
    let spread = max - min;
    if spread == f64::INFINITY {
        (x / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0)
    } else {
        (x - min) / spread
    }
}

impl Transform for MinMax {
    const NAME: &'static str = "min_max";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::number_and_key(inputs);
        let [low, high] = params.range;
        problems.extend(checks::range(
            low < high && (high - low).is_finite(),
            "range",
            format!("[{low}, {high}]"),
            "give two finite numbers, the lower one first",
        ));
        problems.extend(checks::min_count(params.min_count));
        checks::done(problems, checks::scaling(inputs))
    }

    fn start(params: &Params) -> State {
        State {
            min_count: params.min_count,
            all: Ends::NONE,
            keys: PerKey::new(Ends::NONE),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let ends = KeyTable::open(tables, "ends", ["min", "max"])?;
        Ok(Self { params, ends })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let Params {
            range: [low, high],
            clip,
            ..
        } = self.params;
        let scaled = |x: f64, [min, max]: &[f64; 2]| {
            if x.is_nan() {
                return x;
            }
            if min == max {
                return low;
            }
            let value = low + place(x, *min, *max) * (high - low);
            match clip {
                true if value < low => low,
                true if value > high => high,
                _ => value,
            }
        };
        self.ends.apply(args, out.numbers()?, buffer, scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_does_not_tell_zeros_apart() {
        for zeros in [[0.0, -0.0], [-0.0, 0.0], [-0.0, -0.0]] {
            let mut ends = Ends::NONE;
            zeros.into_iter().for_each(|zero| ends.add(zero));
            assert_eq!(ends.values().map(f64::to_bits), [0, 0]);
        }
    }

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for range in [
            [f64::NAN, 1.0],
            [0.0, f64::NAN],
            [0.0, f64::INFINITY],
            [f64::NEG_INFINITY, 0.0],
        ] {
            let params = Params {
                range,
                ..Params::default()
            };
            assert!(
                MinMax::signature(&params, &[ValueType::Number]).is_err(),
                "{range:?}"
            );
        }
    }
}
