//! `winsorize`: a number kept within two quantiles.

use std::sync::Arc;

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{FitState, Outcome, Quantiles, QuantilesOutcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number itself between two quantiles of the numbers that were fitted, the nearer quantile outside of them.
///
/// Quantiles are those of `numpy.quantile`: linear between the two ranks around q (n - 1), rounded once; they are
/// exact, and the fit takes one pass for up to 2^17 different numbers, at most 5 for more. Infinite numbers count like
/// others, at the ends; a quantile between a finite and an infinite number is the infinite one, and between
/// infinities of both signs it is no bound.
///
/// **Missing.** Missing numbers are left out of the quantiles, before anything fills them; they stay missing unless
/// `missing` fills them, and what fills them is clipped too. Where no number was given nothing is clipped.
///
/// **Example.** `winsorize([1.0, 2.0, 3.0, 100.0, None], lower=0.1, upper=0.5)` gives `[1.3, 2.0, 2.5, 2.5, None]`.
///
/// **Oracle.** Quantiles as exact fractions, rounded once, and `numpy.clip`, exactly; they agree with
/// `numpy.nanquantile` within 1e-12. With `approximate` within 2^-11 of them.
///
/// **Source.** `scipy.stats.mstats.winsorize`, with interpolated quantiles for its ranks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The quantile of the smallest output; 0 to 1.
    lower: f64,
    /// The quantile of the largest output; `lower` to 1.
    upper: f64,
    /// Whether quantiles are learnt in one pass and little memory, each within a relative error of 2^-11.
    approximate: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            lower: 0.01,
            upper: 0.99,
            approximate: false,
        }
    }
}

/// Counts of the numbers seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    counts: Quantiles,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        for i in 0..args.len() {
            self.counts.add(x.get(i));
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(&other.counts)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let asked = [self.params.lower, self.params.upper];
        match self.counts.finish(&asked)? {
            QuantilesOutcome::Again(counts) => Ok(Outcome::Again(State { counts, ..self })),
            QuantilesOutcome::Done(values) => {
                let mut tables = Tables::default();
                let values = Arc::new(Float64Array::from(values));
                tables.insert("bounds", vec![("value", values)])?;
                Ok(Outcome::Done(tables))
            }
        }
    }
}

pub(super) struct Winsorize {
    lower: f64,
    upper: f64,
}

impl Transform for Winsorize {
    const NAME: &'static str = "winsorize";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let Params { lower, upper, .. } = *params;
        problems.extend(checks::range(
            (0.0..=1.0).contains(&lower),
            "lower",
            lower,
            "give a quantile from 0 to 1",
        ));
        problems.extend(checks::range(
            lower <= upper && upper <= 1.0,
            "upper",
            upper,
            "give a quantile from `lower` to 1",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Number], ValueType::Number, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            params: *params,
            counts: Quantiles::new(params.approximate),
        }
    }

    fn build(_params: Params, tables: &Tables) -> Result<Self> {
        let bounds = tables.f64s("bounds", "value")?;
        match bounds.values()[..] {
            [lower, upper] => Ok(Self { lower, upper }),
            _ => Err(checks::corrupt("the bounds to clip to are not two")),
        }
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        // A comparison with a NaN bound is false: no bound.
        let low = |x: f64| if x < self.lower { self.lower } else { x };
        let both = |x: f64| if x > self.upper { self.upper } else { low(x) };
        out.numbers()?.extend((0..args.len()).map(|i| both(x.get(i))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::finished;

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for (lower, upper) in [(f64::NAN, 0.9), (0.1, f64::NAN), (0.1, f64::INFINITY)] {
            let params = Params {
                lower,
                upper,
                ..Params::default()
            };
            assert!(
                Winsorize::signature(&params, &[ValueType::Number]).is_err(),
                "{lower} {upper}"
            );
        }
    }

    #[test]
    fn a_further_pass_starts_over() {
        let (tables, passes) = finished(Winsorize::start(&Params::default()), |state| {
            (0..200_000).for_each(|i| state.counts.add(f64::from(i)));
        });
        assert!(passes > 1);
        let Params { lower, upper, .. } = Params::default();
        let bounds = tables.f64s("bounds", "value").unwrap();
        for (bound, share) in bounds.values().iter().zip([lower, upper]) {
            assert!((bound - share * 199_999.0).abs() < 1e-6, "{bound}");
        }
    }

    #[test]
    fn bounds_that_are_not_two_are_refused() {
        for values in [vec![1.0], vec![1.0, 2.0, 3.0]] {
            let mut tables = Tables::default();
            let values = Arc::new(Float64Array::from(values));
            tables.insert("bounds", vec![("value", values)]).unwrap();
            let error = Winsorize::build(Params::default(), &tables).err().unwrap();
            assert_eq!(error.kind(), crate::error::ErrorKind::CorruptArtifact);
        }
    }
}
