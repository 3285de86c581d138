//! `standardize`: distance from the mean in standard deviations.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{FitState, Moments, Outcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// (x - mean) / standard deviation, with mean and deviation (ddof 0) of the numbers that were fitted.
///
/// Sums are exact over all finite numbers, so that the state does not depend on the order of the rows.
///
/// **Missing.** Missing numbers are left out of the statistics, before anything fills them; they stay missing unless
/// `missing` fills them. Where all fitted numbers are equal the output is 0.0; where none was given it is missing.
///
/// **Example.** `{transform: standardize, input: price_cents}` gives 2.0 for a price two deviations above the mean.
///
/// **Source.** `sklearn.preprocessing.StandardScaler`, with exact sums in place of its running ones.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Whether the mean is subtracted.
    center: bool,
    /// Whether the difference is divided by the deviation.
    scale: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            center: true,
            scale: true,
        }
    }
}

/// Exact moments of the numbers seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State(Moments);

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        for i in 0..args.len() {
            let value = x.get(i);
            if !value.is_nan() {
                self.0.add(value);
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(&other.0);
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let one = |value: f64| Arc::new(Float64Array::from(vec![value]));
        let mut tables = Tables::default();
        tables.insert(
            "moments",
            vec![
                ("count", Arc::new(Int64Array::from(vec![self.0.count() as i64]))),
                ("mean", one(self.0.mean())),
                ("deviation", one(self.0.std())),
            ],
        )?;
        Ok(Outcome::Done(tables))
    }
}

pub(super) struct Standardize {
    params: Params,
    mean: f64,
    deviation: f64,
}

impl Transform for Standardize {
    const NAME: &'static str = "standardize";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        checks::done(
            problems,
            Signature::fitted(vec![Read::Number], ValueType::Number, vec![0]),
        )
    }

    fn start(_params: &Params) -> State {
        State::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let (mean, deviation) = (
            tables.f64("moments", "mean")?,
            tables.f64("moments", "deviation")?,
        );
        Ok(Self {
            params,
            mean,
            deviation,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let Params { center, scale } = self.params;
        let standard = |x: f64| {
            let centred = if center { x - self.mean } else { x };
            match scale {
                true if x.is_nan() => x,
                true if self.deviation == 0.0 => 0.0,
                true => centred / self.deviation,
                false => centred,
            }
        };
        out.numbers()?.extend((0..args.len()).map(|i| standard(x.get(i))));
        Ok(())
    }
}
