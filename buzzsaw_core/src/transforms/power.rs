//! `power`: a number on a curve that makes its distribution more like a normal one.

use std::sync::Arc;

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::power_curve::Method;
use super::power_fit::{Found, Search};
use super::standardize::deviations;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Moments, Outcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// A Box-Cox or Yeo-Johnson transform of the number, then in standard deviations from the mean with `standardize`.
///
/// Box-Cox, for positive numbers: (x^lambda - 1) / lambda, and ln x for lambda 0; 0.0 gives the limit, and a negative
/// number is missing. Yeo-Johnson: Box-Cox of 1 + x where x >= 0, and of 1 - x with 2 - lambda, negated, where x < 0.
///
/// Without `exponent` the lambda of the greatest likelihood between -5 and 5 is fitted from exact sums: a pass for the
/// logarithms, one at 21 lambdas, and up to ten more, of which each narrows the interval to an eighth or less until it is
/// below 1e-9. `standardize` takes one more pass. Infinite numbers, and for Box-Cox those that are not positive, are left out. Where
/// all numbers are equal lambda is 1. Mean and deviation (ddof 0) are of the transformed numbers that are finite; one
/// beyond the range of f64 is infinite, standardized or not.
///
/// **Missing.** Missing numbers are left out of the fit, before anything fills them; they stay missing unless
/// `missing` fills them. Standardized, equal numbers give 0.0; where no number was given the output is missing.
///
/// **Example.** `power([1.0, 3.0, 7.0, None], exponent=0, standardize=False)` gives `[0.693147, 1.386294, 2.079442, None]`.
///
/// **Oracle.** The curve and the zero of the likelihood's slope in mpmath at 400 bits, within 1 ULP of f32, and 4 ULP
/// where lambda is fitted and the number standardized; lambda agrees with `PowerTransformer` within 1e-6.
///
/// **Source.** Box and Cox, "An Analysis of Transformations" (1964); Yeo and Johnson, "A New Family of Power
/// Transformations" (2000); `sklearn.preprocessing.PowerTransformer`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The curve.
    method: Method,
    /// The lambda of the curve, -20 to 20; fitted when it is not given.
    exponent: Option<f64>,
    /// Whether the mean of the transformed numbers is subtracted and the difference divided by their deviation.
    standardize: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            method: Method::YeoJohnson,
            exponent: None,
            standardize: true,
        }
    }
}

impl Params {
    fn is_fitted(&self) -> bool {
        self.exponent.is_none() || self.standardize
    }

    /// The stage after lambda is known.
    fn known(self, lambda: f64) -> State {
        let moments = Box::new(Moments::new());
        State {
            params: self,
            stage: Stage::Moments(lambda, moments),
        }
    }
}

/// A pass for lambda, or the last one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    stage: Stage,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Stage {
    Search(Search),
    /// Of the numbers transformed with this lambda.
    Moments(f64, Box<Moments>),
}

/// Writes the table.
fn done(lambda: f64, mean: f64, deviation: f64) -> Result<Tables> {
    let one = |value: f64| Arc::new(Float64Array::from(vec![value])) as _;
    let mut tables = Tables::default();
    tables.insert(
        "power",
        vec![
            ("lambda", one(lambda)),
            ("mean", one(mean)),
            ("deviation", one(deviation)),
        ],
    )?;
    Ok(tables)
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let x = args.number(0)?;
        let method = self.params.method;
        for value in (0..args.len()).map(|i| x.get(i)) {
            match &mut self.stage {
                Stage::Search(search) => search.add(method, value),
                Stage::Moments(lambda, moments) => {
                    let y = method.value(value, *lambda);
                    if y.is_finite() && value.is_finite() {
                        moments.add(y);
                    }
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        let alike = match (&mut self.stage, &other.stage) {
            (Stage::Search(search), Stage::Search(other)) => search.merge(other),
            (Stage::Moments(lambda, moments), Stage::Moments(other, more)) => {
                moments.merge(more);
                lambda.to_bits() == other.to_bits()
            }
            _ => false,
        };
        if alike {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::InvalidValue,
                "partial states of different passes of a fit",
            ))
        }
    }

    fn finish(self) -> Result<Outcome<Self>> {
        Ok(match self.stage {
            Stage::Moments(lambda, moments) => Outcome::Done(done(lambda, moments.mean(), moments.std())?),
            Stage::Search(search) => match search.finish() {
                Found::Again(search) => Outcome::Again(State {
                    stage: Stage::Search(search),
                    ..self
                }),
                Found::Lambda(lambda) if self.params.standardize => Outcome::Again(self.params.known(lambda)),
                Found::Lambda(lambda) => Outcome::Done(done(lambda, 0.0, 1.0)?),
            },
        })
    }
}

pub(super) struct Power {
    params: Params,
    lambda: f64,
    mean: f64,
    deviation: f64,
}

impl Transform for Power {
    const NAME: &'static str = "power";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        if let Some(lambda) = params.exponent {
            problems.extend(checks::range(
                (-20.0..=20.0).contains(&lambda),
                "exponent",
                lambda,
                "give -20 to 20",
            ));
        }
        let reads = vec![Read::Number];
        let signature = if params.is_fitted() {
            Signature::fitted(reads, ValueType::Number, vec![0])
        } else {
            Signature::stateless(reads, ValueType::Number)
        };
        checks::done(problems, signature)
    }

    fn start(params: &Params) -> State {
        match params.exponent {
            Some(lambda) => params.known(lambda),
            None => State {
                params: *params,
                stage: Stage::Search(Search::new()),
            },
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let [lambda, mean, deviation] = match params.exponent {
            Some(lambda) if !params.is_fitted() => [lambda, 0.0, 1.0],
            _ => [
                tables.f64("power", "lambda")?,
                tables.f64("power", "mean")?,
                tables.f64("power", "deviation")?,
            ],
        };
        Ok(Self {
            params,
            lambda,
            mean,
            deviation,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let Params {
            method, standardize, ..
        } = self.params;
        let value = |x: f64| {
            let y = method.value(x, self.lambda);
            match standardize {
                true if y.is_nan() => y,
                true => deviations(y, self.mean, self.deviation),
                false => y,
            }
        };
        out.numbers()?.extend((0..args.len()).map(|i| value(x.get(i))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for lambda in [f64::NAN, f64::INFINITY] {
            let params = Params {
                exponent: Some(lambda),
                ..Params::default()
            };
            assert!(
                Power::signature(&params, &[ValueType::Number]).is_err(),
                "{lambda}"
            );
        }
    }

    #[test]
    fn nothing_is_learnt_that_is_not_asked_for() {
        let params = |exponent, standardize| Params {
            exponent,
            standardize,
            ..Params::default()
        };
        let fitted = |params: Params| {
            Power::signature(&params, &[ValueType::Number])
                .unwrap()
                .fit
                .is_some()
        };
        assert!(!fitted(params(Some(0.5), false)));
        assert!(fitted(params(Some(0.5), true)) && fitted(params(None, false)));
        let mut state = Power::start(&params(None, false));
        let tables = loop {
            match state.finish().unwrap() {
                Outcome::Done(tables) => break tables,
                Outcome::Again(next) if matches!(next.stage, Stage::Search(_)) => state = next,
                Outcome::Again(_) => panic!("a pass for moments that nobody reads"),
            }
        };
        assert_eq!(tables.iter().count(), 1);
    }

    #[test]
    fn states_of_different_passes_do_not_merge() {
        let params = Params::default();
        let mut search = Power::start(&params);
        assert!(search.merge(params.known(1.0)).is_err());
        assert!(params.known(1.0).merge(params.known(2.0)).is_err());
        assert!(params.known(1.0).merge(params.known(1.0)).is_ok());
        assert!(search.merge(Power::start(&params)).is_ok());
    }
}
